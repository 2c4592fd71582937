import math

import ecdf
import pytest
from runs import Record


def record(hits: list[int], function: int = 1, evaluations: int = 1000) -> Record:
    return Record(function, 1, evaluations, 1.0, hits, 1000, 0.0)


def test_area_of_everything_at_once_is_one() -> None:
    assert ecdf.area([record([2] * 51)], 2, 1000) == 1.0
    assert ecdf.area([record([1] * 51)], 2, 1000) == 1.0  # less than one evaluation per dimension


def test_area_of_nothing_is_zero_and_of_no_runs_is_nan() -> None:
    assert ecdf.area([record([])], 2, 1000) == 0.0
    assert math.isnan(ecdf.area([], 2, 1000))


def test_area_is_linear_in_the_logarithm() -> None:
    # All at 10 D: a third of the way to 1000 D, half of the way to 100 D.
    runs = [record([50] * 51)]
    assert ecdf.area(runs, 5, 1000) == pytest.approx(2 / 3)
    assert ecdf.area(runs, 5, 100) == pytest.approx(1 / 2)


def test_hits_beyond_the_limit_count_nothing() -> None:
    assert ecdf.area([record([5000] * 51)], 5, 100) == 0.0
    assert ecdf.fraction([record([5000] * 51)], 5, 100) == 0.0


def test_area_is_that_under_the_curve() -> None:
    runs = [record([10, 20, 40, 800]), record([3] * 30 + [90] * 21, 2)]
    grid = ecdf.log_grid(1000, 20001)
    values = ecdf.curve(runs, 2, grid)
    assert ecdf.area(runs, 2, 1000) == pytest.approx(sum(values) / len(values), abs=1e-4)


def test_curve_agrees_with_fraction() -> None:
    runs = [record([10, 20, 40, 800]), record([3] * 30 + [90] * 21, 2)]
    grid = ecdf.log_grid(1000, 31)
    assert ecdf.curve(runs, 2, grid) == [ecdf.fraction(runs, 2, x) for x in grid]
    assert grid[0] == 1.0
    assert grid[-1] == pytest.approx(1000.0)
