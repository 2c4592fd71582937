"""The functions, from cocoex: values for the algorithm, gaps to the known optimum for the meter."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import Any

import cocoex
import numpy as np

import noise_models
from meter import Function
from runs import Cell, Problem, seed


class CocoFunction:
    """A function of `bbob` or `bbob-mixint`. Integer variables are rounded into their domain before
    they are evaluated, so that no algorithm gains by leaving it."""

    is_noisy = False

    def __init__(self, suite: str, function: int, dimension: int, instance: int) -> None:
        self._suite = cocoex.Suite(suite, f"instances: {instance}", f"dimensions: {dimension}")
        self._call: Any = (
            self._suite.get_problem_by_function_dimension_instance(function, dimension, instance))
        self.dimension = dimension
        self.integers = int(self._call.number_of_integer_variables)
        self.lower = np.array(self._call.lower_bounds, dtype=float)
        self.upper = np.array(self._call.upper_bounds, dtype=float)
        self._optimum = float(self._call(_best_point(self._call)))

    def evaluate(self, x: np.ndarray) -> tuple[float, float]:
        if self.integers:
            x = np.array(x, dtype=float)
            count = self.integers
            x[:count] = np.clip(np.rint(x[:count]), self.lower[:count], self.upper[:count])
        value = float(self._call(x))
        return value, value - self._optimum


class NoisyFunction:
    """A function of `bbob` under one of noise_models: the same noise for the same sequence of
    points."""

    integers = 0
    is_noisy = True

    def __init__(self, function: int, dimension: int, instance: int, noise_seed: int) -> None:
        base, self._model = noise_models.parts(function)
        self._clean = CocoFunction("bbob", base, dimension, instance)
        self._rng = np.random.default_rng(noise_seed)
        self.dimension = dimension
        self.lower, self.upper = self._clean.lower, self._clean.upper

    def evaluate(self, x: np.ndarray) -> tuple[float, float]:
        _, gap = self._clean.evaluate(x)
        return noise_models.told(gap, self.dimension, self._model, self._rng), gap


def load(cell: Cell, problem: Problem) -> Function:
    """The function that a run of this cell minimises."""
    function, dimension, instance = problem.function, cell.dimension, problem.instance
    if cell.suite == "noisy":
        return NoisyFunction(function, dimension, instance, seed(cell, problem))
    return CocoFunction(cell.suite, function, dimension, instance)


def _best_point(call: Any) -> np.ndarray:
    """cocoex gives the optimum only as a file in the current folder."""
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        call._best_parameter("print")
        return np.loadtxt(next(Path(".").iterdir()))
