import json
import xml.etree.ElementTree
from pathlib import Path

import coco_export
import markdown
import plan
import pytest
import summary
import svg
from runs import Cell, Problem, Record
from store import Store
from summary import Result, Summary
from targets import TARGETS

ABOUT: dict[str, object] = {"profile": "quick", "cost": {}}


def fill(store: Store, algorithm: str, hit: int, runs: int = 48) -> None:
    """In 5-D, every target of the first `runs` problems of two instances reached at this
    evaluation."""
    for problem in plan.problems(plan.SUITES["bbob"], (1, 2))[:runs]:
        store.add(Cell("bbob", algorithm, 5), Record(problem.function, problem.instance, hit, 1e-9,
                                                     [hit] * 51, 5000, 0.1))


def result(name: str, hits: dict[int, list[int]]) -> Result:
    """In 5-D, by function."""
    records = {Problem(f, 1): Record(f, 1, 5000, 1e-3, h, 5000, 0.1) for f, h in hits.items()}
    return Result(plan.COLUMNS[name], 24, records, 5)


@pytest.fixture
def found(tmp_path: Path) -> Summary:
    store = Store(tmp_path)
    fill(store, "automatic@new", 50)  # 10 D: 2/3
    fill(store, "automatic@old", 500)
    fill(store, "cma-bipop", 500)     # 100 D: 1/3
    fill(store, "cma", 50, runs=30)   # one instance, and six functions of the next
    fill(store, "random", 50, runs=23)
    fill(store, "tpe", 50)
    cells = list(plan.cells(plan.PROFILES["quick"], ("bbob",), (), ()))
    return summary.summarize(store, cells, (1, 2), "new")


def test_ours_are_those_of_the_build(found: Summary) -> None:
    automatic = summary.find(found.results["bbob"][5], "automatic")
    assert automatic is not None
    assert automatic.area(1000) == pytest.approx(2 / 3)
    assert automatic.solved() == 1.0


def test_ratio_is_over_common_problems(found: Summary) -> None:
    results = found.results["bbob"][5]
    automatic, bipop = (summary.find(results, name) for name in ("automatic", "cma-bipop"))
    assert automatic and bipop
    assert summary.ratio(automatic, bipop, 1000) == pytest.approx(2.0)
    assert summary.ratio(automatic, bipop, 1000, (25,)) is None


def test_only_whole_instances_count(found: Summary) -> None:
    cma = summary.find(found.results["bbob"][5], "cma")
    assert cma is not None
    assert sorted(cma.records) == sorted(plan.problems(plan.SUITES["bbob"], (1,)))
    assert cma.wanted == 48
    assert summary.find(found.results["bbob"][5], "random") is None


def test_ratio_leaves_out_what_only_one_has_run() -> None:
    half, late = [5] * 51, [500] * 51
    some = result("cma", {1: half, 2: half})
    more = result("automatic", {1: half, 2: half, 3: late, 4: late})
    assert summary.ratio(more, some, 1000) == 1.0
    assert summary.ratio(some, more, 1000) == 1.0


def test_no_area_beyond_the_budget(found: Summary) -> None:
    tpe = summary.find(found.results["bbob"][5], "tpe")
    assert tpe is not None
    assert tpe.area(300) is None
    assert tpe.area(100) == pytest.approx(1 / 2)
    assert len(tpe.curve()) == 61  # to 100 D of 1000 D: two of three decades


def test_table_marks_the_best_and_the_incomplete(found: Summary) -> None:
    text = markdown.render(found, ABOUT)
    assert "| PolyStep automatic | **0.667** |" in text
    assert "| pycma | **0.667*** |" in text
    assert "| pycma BIPOP, to 1000 D | 2.00 |" in text
    assert "lost" not in text


def test_group_is_lost_where_the_best_peer_has_more() -> None:
    late, soon = [500] * 51, [50] * 51
    results = [result("automatic", {1: late, 10: soon}), result("cma", {1: soon, 10: late})]
    text = markdown.render(Summary("new", {"bbob": {5: results}}), ABOUT)
    assert "| separable | 0.333 / 0.667 (0.50, lost) |" in text
    assert "| ill-conditioned | 0.667 / 0.333 (2.00) |" in text


def test_picture_is_xml_with_every_column_named(found: Summary) -> None:
    text = svg.render(found, ABOUT)
    xml.etree.ElementTree.fromstring(text)
    for name in ("automatic (ours)", "pycma BIPOP", "TPE"):
        assert f">{name}</text>" in text


def test_json_has_areas_by_group_and_function(found: Summary) -> None:
    whole = json.loads(json.dumps(summary.to_json(found, ABOUT)))
    bipop = whole["suites"]["bbob"]["5"]["cma-bipop"]
    assert bipop["area"]["1000"] == pytest.approx(1 / 3)
    assert bipop["area_of_group"]["separable"]["1000"] == pytest.approx(1 / 3)
    assert bipop["area_of_function"]["24"]["300"] is not None
    assert bipop["runs"] == bipop["runs_wanted"] == 48


def test_no_runs_make_an_empty_report(tmp_path: Path) -> None:
    empty = summary.summarize(Store(tmp_path), [], (1,), "none")
    xml.etree.ElementTree.fromstring(svg.render(empty, ABOUT))
    assert markdown.render(empty, ABOUT).startswith("# Quality")


def test_cocos_format_has_a_line_for_each_evaluation_that_reached_a_target(
        tmp_path: Path, found: Summary) -> None:
    bipop = summary.find(found.results["bbob"][5], "cma-bipop")
    assert bipop is not None
    coco_export.write(tmp_path / "out", "bbob", [bipop])
    info = (tmp_path / "out" / "bbobexp_f3.info").read_text()
    assert "funcId = 3, DIM = 5" in info
    assert "data_f3/bbobexp_f3_DIM5.dat, 1:500|1.0e-09, 2:500|1.0e-09" in info
    lines = (tmp_path / "out" / "data_f3" / "bbobexp_f3_DIM5.dat").read_text().splitlines()
    assert lines[0] == lines[2]
    assert lines[0].startswith("%")
    assert lines[1].split()[:3] == lines[3].split()[:3] == ["500", "0", "+1.000000000e-09"]


def test_cocos_format_keeps_targets_reached_and_ends_at_the_last_evaluation(tmp_path: Path) -> None:
    some = result("cma", {3: [7, 7, 7, 90]})
    coco_export.write(tmp_path, "bbob", [some])
    lines = (tmp_path / "data_f3" / "bbobexp_f3_DIM5.tdat").read_text().splitlines()[1:]
    rows = [(int(line.split()[0]), float(line.split()[2])) for line in lines]
    assert [evaluation for evaluation, _ in rows] == [7, 90, 5000]
    assert TARGETS[3] < rows[0][1] <= TARGETS[2]
    assert TARGETS[4] < rows[1][1] <= TARGETS[3]
    assert rows[2][1] == 1e-3
