"""A run: one algorithm on one problem, and what is kept of it."""

from __future__ import annotations

import zlib
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, order=True)
class Cell:
    """Runs that are kept together: one algorithm in one dimension of one suite."""

    suite: str
    algorithm: str
    dimension: int

    def __str__(self) -> str:
        return f"{self.suite} {self.algorithm} {self.dimension}-D"


@dataclass(frozen=True, order=True)
class Problem:
    """A function's instance within a cell."""

    function: int
    instance: int


@dataclass(frozen=True)
class Record:
    """What a run did: `hits` as in FirstHits, `seconds` of wall time."""

    function: int
    instance: int
    evaluations: int
    best_gap: float
    hits: list[int]
    budget: int
    seconds: float

    @property
    def problem(self) -> Problem:
        return Problem(self.function, self.instance)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def seed(cell: Cell, problem: Problem) -> int:
    """31 bits that every algorithm gets for this problem."""
    text = f"{cell.suite}/{cell.dimension}/{problem.function}/{problem.instance}"
    return zlib.crc32(text.encode()) & 0x7FFFFFFF
