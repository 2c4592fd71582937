"""Nevergrad's NGOpt, told its budget, within the bounds."""

from __future__ import annotations

import warnings

import nevergrad as ng
import numpy as np

from meter import Function, Meter


def solve(meter: Meter, seed: int) -> None:
    warnings.simplefilter("ignore")
    space = _space(meter.function)
    space.random_state.seed(seed)
    optimizer = ng.optimizers.NGOpt(parametrization=space, budget=meter.budget, num_workers=1)
    while True:
        candidate = optimizer.ask()
        values = candidate.args if meter.function.integers else candidate.value
        optimizer.tell(candidate, meter(np.array(values, dtype=float)))


def _space(function: Function) -> ng.p.Parameter:
    if not function.integers:
        space = ng.p.Array(init=(function.lower + function.upper) / 2)
        space.set_bounds(function.lower, function.upper)
    else:
        space = ng.p.Instrumentation(*[_scalar(function, k) for k in range(function.dimension)])
    space.function.deterministic = not function.is_noisy
    return space


def _scalar(function: Function, k: int) -> ng.p.Scalar:
    scalar = ng.p.Scalar(lower=float(function.lower[k]), upper=float(function.upper[k]))
    return scalar.set_integer_casting() if k < function.integers else scalar
