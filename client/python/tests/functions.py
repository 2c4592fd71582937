"""Functions that worker processes evaluate: they import this module, not the tests."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np

from polystep_client import Candidate, Infeasible, Transient


def bowl(p: Candidate) -> float:
    return float((p["x"] - 1.0) ** 2 + (p["y"] + 2.0) ** 2)


def mixed(p: Candidate) -> float:
    """The optimum is x = 0.5, n = 4, r = 4.7, kind = "b", flag = True, w = 0.25 everywhere."""
    return float((p["x"] - 0.5) ** 2 + (p["n"] - 4) ** 2 + (p["r"] - 4.7) ** 2 + (p["kind"] != "b")
                 + (not p["flag"]) + np.sum((p["w"] - 0.25) ** 2))


def fails_above_zero(p: Candidate) -> float:
    if p["x"] > 0:
        raise ZeroDivisionError("a bug at positive x")
    return bowl(p)


def infeasible_above_zero(p: Candidate) -> float:
    if p["x"] > 0:
        raise Infeasible("x is positive")
    return bowl(p)


class DiesOnce:
    """Kills its process the first time a candidate with a positive x comes up."""

    def __init__(self, marker: Path) -> None:
        self.marker = str(marker)

    def __call__(self, p: Candidate) -> float:
        if p["x"] > 0:
            try:
                os.close(os.open(self.marker, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                pass
            else:
                os.kill(os.getpid(), signal.SIGKILL)
        return bowl(p)


class TransientOnce:
    """The first evaluation of every candidate fails."""

    def __init__(self) -> None:
        self.seen: set[tuple[int, int]] = set()

    def __call__(self, p: Candidate) -> float:
        if (p.step, p.index) not in self.seen:
            self.seen.add((p.step, p.index))
            raise Transient("the first try of everything")
        return bowl(p)


class Waits:
    """Says in a named pipe that it has begun, and never returns."""

    def __init__(self, pipe: Path) -> None:
        self.pipe = str(pipe)

    def __call__(self, p: Candidate) -> float:
        with open(self.pipe, "w") as pipe:
            pipe.write("begun\n")
        signal.pause()
        return 0.0
