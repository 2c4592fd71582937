"""Where the constants of solve_reference come from: one constant after another, each the best of a
few on instances that the table does not use, kept if it is better in the mean over `bbob` in 5-D and
20-D. A quarter of an hour on one core:

    PYTHONPATH=build/quality-client build/quality-venv/bin/python tests/bench/quality/tune_reference.py
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ecdf
import functions
import plan
import solve_reference
from meter import Finished, Meter
from runs import Cell, Problem, Record, seed

_INSTANCES = (6,)
_DIMENSIONS = (5, 20)
_BUDGET = 1000
_START = solve_reference.Constants(2.0, 1e-3, 0.5, 1, True)
_GRID: dict[str, tuple[Any, ...]] = {
    "epsilon": (0.03, 0.1, 0.3),
    "last_radius": (1e-5, 1e-4, 1e-2, 1e-1),
    "first_radius": (1.0, 4.0),
    "particles": (2, 4),
    "geometric": (False,),
}


def _record(constants: solve_reference.Constants, dimension: int, problem: Problem) -> Record:
    cell = Cell("bbob", "reference", dimension)
    meter = Meter(functions.load(cell, problem), _BUDGET * dimension)
    try:
        solve_reference.solve(meter, seed(cell, problem), constants)
    except Finished:
        pass
    return Record(problem.function, problem.instance, meter.evaluations, meter.reached.best_gap,
                  meter.reached.hits, meter.budget, 0.0)


def _area(constants: solve_reference.Constants) -> float:
    problems = plan.problems(plan.SUITES["bbob"], _INSTANCES)
    areas = [ecdf.area([_record(constants, d, p) for p in problems], d, _BUDGET)
             for d in _DIMENSIONS]
    print(constants, *(f"{area:.4f}" for area in areas), flush=True)
    return sum(areas) / len(areas)


def main() -> None:
    best = _START
    best_area = _area(best)
    for name, values in _GRID.items():
        for value in values:
            tried = replace(best, **{name: value})
            area = _area(tried)
            if area > best_area:
                best, best_area = tried, area
    print("best:", best, f"{best_area:.4f}")


if __name__ == "__main__":
    main()
