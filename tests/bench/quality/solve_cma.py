"""pycma: `cma.fmin2` with restarts, once with BIPOP and once with the default population throughout.

The first start is the middle of the domain (COCO's proposal), later ones are uniform in its inner
80 %; sigma is a fifth of its width. Continuous domains are left unbounded, as in COCO's own data.
"""

from __future__ import annotations

import warnings
from typing import Any

import cma
import numpy as np

from meter import Function, Meter


def solve_bipop(meter: Meter, seed: int) -> None:
    _minimize(meter, seed, bipop=True, incpopsize=2)


def solve_default(meter: Meter, seed: int) -> None:
    _minimize(meter, seed, bipop=False, incpopsize=1)


class _Starts:
    """Called by fmin2 for the start of each restart."""

    def __init__(self, function: Function, seed: int) -> None:
        self._middle: np.ndarray = (function.lower + function.upper) / 2
        self._reach: np.ndarray = 0.4 * (function.upper - function.lower)
        self._rng = np.random.default_rng(seed)
        self._started = False

    def __call__(self) -> np.ndarray:
        if not self._started:
            self._started = True
            return self._middle
        start: np.ndarray = self._middle + self._reach * self._rng.uniform(-1, 1, len(self._middle))
        return start


def _options(function: Function, seed: int) -> dict[str, Any]:
    options: dict[str, Any] = {"verbose": -9, "verb_log": 0, "verb_disp": 0, "seed": seed + 1}
    if function.integers:
        count = function.integers
        half = np.zeros(function.dimension)
        half[:count] = 0.5 - 1e-9  # half an integer's cell on either side
        options |= {
            "integer_variables": list(range(count)),
            "bounds": [list(function.lower - half), list(function.upper + half)],
            "CMA_stds": list((function.upper - function.lower + 2 * half) / 10),
        }
    return options


def _minimize(meter: Meter, seed: int, bipop: bool, incpopsize: int) -> None:
    warnings.simplefilter("ignore")
    function = meter.function
    starts = _Starts(function, seed)
    while True:  # fmin2 bounds the number of restarts
        cma.fmin2(meter, starts, 2.0, _options(function, seed), restarts=1000,
                  bipop=bipop, incpopsize=incpopsize)
        seed += 1
