import json
import xml.etree.ElementTree
from pathlib import Path

import curves
import execute
import main
import plan
import pytest
import summary
from store import Store

PRINTED = """studies/nets-lif-1 on 127.0.0.1:1: 101770 weights in 2 tensors
     2.3 s        3313 evaluations: validation loss 3.3244, accuracy 5.52 %
     7.2 s       57419 evaluations: validation loss 1.0976
COMPLETED, 99996 evaluations, 99996 of this process, 92 steps, 11.1 s
validation loss 0.8000, accuracy 74.06 %
test       loss 0.8200, accuracy 72.34 %
"""


def result(test: float, seconds: float = 10.0, evaluations: int = 100_000) -> dict:
    curve = [[1000, seconds / 4, 1.0, test - 5], [evaluations, seconds, 0.5, test],
             [evaluations + 1, seconds + 1, 0.7, test + 1]]
    return {"test": test, "validation": test, "evaluations": evaluations, "seconds": seconds,
            "curve": curve}


def board() -> summary.Results:
    """Two seeds of ours, one of OpenAI-ES, a formula, a policy."""
    return {plan.job("lif", "ours", 1, 100_000): result(70), plan.job("lif", "ours", 2, 100_000): result(72),
            plan.job("lif", "openai-es", 1, 100_000): result(60, 100.0),
            plan.Job("sat-100", "ours", 1, 12_000): {"test": 99.5, "evaluations": 12_000, "seconds": 1.0},
            plan.Job("cartpole float", "ours", 1, 0): {
                "task": "cartpole", "policy": "float", "seed": 1, "test": 500.0, "validation": 500.0,
                "evaluations": 3216, "seconds": 1.0}}


def test_printed_scores_become_a_curve_and_a_result() -> None:
    found = execute.parse_nets(PRINTED)
    assert (found["test"], found["validation"], found["evaluations"]) == (72.34, 74.06, 99_996)
    assert found["curve"] == [[3313, 2.3, 3.3244, 5.52], [57_419, 7.2, 1.0976, None]]


def test_print_without_a_result_is_an_error() -> None:
    with pytest.raises(ValueError, match="no result"):
        execute.parse_nets(PRINTED.splitlines()[0])


def test_lines_give_the_validation_accuracy_of_the_least_loss() -> None:
    lines = [{"evaluations": 1, "seconds": 0.1, "validation_loss": 1.0, "validation": 0.5},
             {"done": True, "evaluations": 9, "seconds": 1.0, "validation_loss": 2.0,
              "validation": 0.6, "test": 0.45, "test_by_accuracy": 0.55, "idle": 0.1}]
    found = execute.parse_lines("\n".join(json.dumps(line) for line in lines))
    assert (found["validation"], found["test"], found["evaluations"]) == (50.0, 45.0, 9)
    with pytest.raises(ValueError, match="did not end"):
        execute.parse_lines(json.dumps(lines[0]))


def test_jobs_of_other_settings_have_other_files() -> None:
    jobs = [*plan.jobs(plan.PROFILES["full"], {}), *plan.tuning_jobs(tuple(plan.TASKS))]
    assert len({job.key for job in jobs}) == len(set(jobs))
    one = plan.job("lif", "spsa", 1, 1000)
    assert one.key != plan.job("lif", "spsa", 1, 1000, {"lif spsa": "--sigma 1"}).key


def test_all_methods_of_a_task_get_the_same_evaluations() -> None:
    jobs = list(plan.jobs(plan.PROFILES["full"], {}))
    for task, about in plan.TASKS.items():
        for method in (*plan.BASELINES, "ours", "paper"):
            seeds = [job.seed for job in jobs
                     if (job.task, job.method, job.evaluations) == (task, method, about.equal)]
            assert seeds == [1, 2, 3]


def test_grids_are_of_nine_and_hold_what_runs_untuned() -> None:
    for method in plan.BASELINES:
        assert len(set(plan.GRIDS[method])) == 9
        assert plan.SETTINGS[method] in plan.GRIDS[method]


def test_schedules_of_the_paper_span_the_budget() -> None:
    spec = plan.paper_optimizer("int8", 214_400)
    assert spec["stepRadius"] == {"kind": "COSINE", "initial": 32, "target": 8, "totalSteps": 10}
    assert plan.paper_optimizer("lif", 1)["subspace"] == {"rank": 4, "redrawEvery": 20}


def test_store_keeps_builds_apart(tmp_path: Path) -> None:
    store, job = Store(tmp_path), plan.job("lif", "ours", 1, 1000)
    store.add(job, "new", result(70))
    assert store.load(job, "new") == result(70)
    assert store.load(job, "old") is None


def test_table_has_mean_and_deviation_and_marks_the_best() -> None:
    text = summary.markdown(board(), {"profile": "quick", "machine": "2 cores"})
    assert "| PolyStep Service | 100,000 | **71.00 ± 1.41** |" in text
    assert "| OpenAI-ES | 100,000 | 60.00 |" in text
    assert "| 100 | 99.50 | 12,000 | 1.0 | 1 |" in text
    assert "| cartpole | float |" in text
    assert "`--sigma 0.05 --rate 0.01`" in text


def test_equal_time_reads_curves_on_their_way_and_the_largest_budget_that_ended() -> None:
    slow = summary.groups(board(), lambda job: job.method == "openai-es")
    assert summary.at_time(slow, 30) == (55, 100_000)
    assert summary.at_time(slow, 10) is None
    job = plan.job("lif", "ours", 1, 1_000_000)
    ours = summary.groups({**board(), job: result(80, 50.0)}, lambda job: (
        job.task, job.method) == ("lif", "ours"))
    assert summary.at_time(ours, 30) == (71, 100_000)
    assert summary.at_time(ours, 50) == (80, 1_000_000)


def test_best_settings_need_the_whole_grid() -> None:
    jobs = [job for job in plan.tuning_jobs(("lif",)) if job.method == "spsa"]
    results = {job: result(50 + n) for n, job in enumerate(jobs)}
    assert summary.best_settings(results) == {"lif spsa": jobs[-1].settings}
    del results[jobs[0]]
    assert summary.best_settings(results) == {}


def test_band_is_over_what_all_seeds_have() -> None:
    runs = [result(70), result(80)]
    runs[1]["curve"][0][0] = 2000
    assert curves.band(runs, [1500, 5000, 100_000]) == [(5000, 65, 70, 75), (100_000, 70, 75, 80)]


def test_picture_is_xml_with_every_method_named() -> None:
    text = curves.render(board())
    xml.etree.ElementTree.fromstring(text)
    for name in ("PolyStep Service, 100,000", "OpenAI-ES, 100,000"):
        assert f">{name}</text>" in text


def test_report_without_runs_is_written(tmp_path: Path) -> None:
    assert main.main(["--report-only", "--results", str(tmp_path), "--out", str(tmp_path), "--build",
                      "none"]) == 0
    xml.etree.ElementTree.fromstring((tmp_path / "seeds.svg").read_text())
    assert json.loads((tmp_path / "seeds.json").read_text())["runs"] == []
