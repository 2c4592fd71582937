from pathlib import Path

from runs import Cell, Problem, Record
from store import Session, Store

CELL = Cell("bbob", "automatic@0123456789ab", 5)


def record(function: int, instance: int = 1, evaluations: int = 10) -> Record:
    return Record(function, instance, evaluations, 0.5, [3, 3, 9], 5000, 1.25)


def test_what_was_added_is_loaded(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(CELL, record(3))
    store.add(CELL, record(4, 2))
    assert store.load(CELL) == {Problem(3, 1): record(3), Problem(4, 2): record(4, 2)}
    assert store.path(CELL) == tmp_path / "bbob" / "automatic@0123456789ab" / "D05.jsonl"


def test_missing_are_the_wanted_without_a_run_in_their_order(tmp_path: Path) -> None:
    store = Store(tmp_path)
    wanted = [Problem(2, 1), Problem(1, 1), Problem(1, 2)]
    assert store.missing(CELL, wanted) == wanted
    store.add(CELL, record(1))
    assert store.missing(CELL, wanted) == [Problem(2, 1), Problem(1, 2)]


def test_a_torn_line_is_no_run_and_spoils_no_other(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(CELL, record(1))
    store.add(CELL, record(2))
    path = store.path(CELL)
    path.write_text(path.read_text()[:-20])
    assert list(store.load(CELL)) == [Problem(1, 1)]
    store.add(CELL, record(3))
    assert list(store.load(CELL)) == [Problem(1, 1), Problem(3, 1)]


def test_of_two_runs_of_a_problem_the_first_counts(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(CELL, record(1, evaluations=10))
    store.add(CELL, record(1, evaluations=20))
    assert store.load(CELL)[Problem(1, 1)].evaluations == 10


def test_another_cell_has_its_own_runs(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(CELL, record(1))
    assert store.load(Cell("bbob", "automatic@0123456789ab", 10)) == {}
    assert store.load(Cell("bbob", "automatic@ba9876543210", 5)) == {}
    assert store.load(Cell("bbob-mixint", "automatic@0123456789ab", 5)) == {}


def test_sessions_are_kept(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.sessions() == []
    store.add_session(Session("cma", 120, 400000, 60.5, 2))
    assert store.sessions() == [Session("cma", 120, 400000, 60.5, 2)]
