"""Where runs are kept: FOLDER/SUITE/ALGORITHM/D05.jsonl, a line per finished run.

Lines are only ever appended, so a bench may be interrupted at any moment and goes on with the runs
that are not there; half a line at the end of a file is no run. One process writes to a folder.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from runs import Cell, Problem, Record


@dataclass(frozen=True)
class Session:
    """One go at a cell: what it took."""

    algorithm: str
    runs: int
    evaluations: int
    seconds: float
    jobs: int


class Store:
    """The runs in a folder, by cell, and the sessions that made them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, cell: Cell) -> Path:
        return self.folder / cell.suite / cell.algorithm / f"D{cell.dimension:02d}.jsonl"

    def load(self, cell: Cell) -> dict[Problem, Record]:
        """The finished runs of a cell. A run that is there twice counts once, the first time."""
        path = self.path(cell)
        if not path.exists():
            return {}
        records: dict[Problem, Record] = {}
        for line in path.read_text().splitlines():
            record = _parse(line)
            if record is not None:
                records.setdefault(record.problem, record)
        return records

    def missing(self, cell: Cell, wanted: list[Problem]) -> list[Problem]:
        """Those of `wanted` that have no run yet, in their order."""
        present = self.load(cell)
        return [problem for problem in wanted if problem not in present]

    def add(self, cell: Cell, record: Record) -> None:
        _append(self.path(cell), record.to_json())

    def add_session(self, session: Session) -> None:
        _append(self.folder / "sessions.jsonl", asdict(session))

    def sessions(self) -> list[Session]:
        path = self.folder / "sessions.jsonl"
        if not path.exists():
            return []
        return [Session(**json.loads(line)) for line in path.read_text().splitlines()]


def _append(path: Path, fields: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(fields, separators=(",", ":")) + "\n"
    if _ends_within_a_line(path):
        line = "\n" + line
    with path.open("a") as file:
        file.write(line)


def _parse(line: str) -> Record | None:
    try:
        return Record(**json.loads(line))
    except (ValueError, TypeError):
        return None


def _ends_within_a_line(path: Path) -> bool:
    if not path.exists() or path.stat().st_size == 0:
        return False
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) != b"\n"
