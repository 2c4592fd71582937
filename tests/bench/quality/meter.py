"""Counts the evaluations of a run, and ends it: the one way from any algorithm to the function."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from targets import FirstHits


class Function(Protocol):
    """A problem to be solved. `evaluate` gives what the algorithm is told, and the noise-free gap
    to the optimum, which only the meter sees."""

    dimension: int
    integers: int  # the first so many variables are integers
    lower: np.ndarray
    upper: np.ndarray
    is_noisy: bool

    def evaluate(self, x: np.ndarray) -> tuple[float, float]: ...


class Finished(Exception):
    """The budget is used up or the last target reached."""


class Meter:
    """A function with a budget of evaluations. Called by an algorithm, point by point or in batches;
    raises Finished instead of evaluating more than the budget."""

    def __init__(self, function: Function, budget: int) -> None:
        self.function = function
        self.budget = budget
        self.evaluations = 0
        self.reached = FirstHits()

    @property
    def finished(self) -> bool:
        return self.evaluations >= self.budget or self.reached.complete

    def __call__(self, x: np.ndarray) -> float:
        if self.finished:
            raise Finished
        value, gap = self.function.evaluate(x)
        self.evaluations += 1
        self.reached.record(self.evaluations, gap)
        return value

    def batch(self, points: np.ndarray) -> np.ndarray:
        """Values of the rows, in their order; raises Finished at the first that is too many."""
        return np.array([self(x) for x in points])
