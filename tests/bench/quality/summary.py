"""The figures of the report, from the runs that are there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import campaign
import ecdf
import plan
from runs import Cell, Problem, Record
from store import Store
from targets import TARGETS

LIMITS = (100, 300, 1000)  # evaluations per dimension that areas are given for
CURVE_POINTS = 91          # of a curve, from 1 to 1000 evaluations per dimension


@dataclass(frozen=True)
class Result:
    """One column in one dimension of a suite."""

    column: plan.Column
    wanted: int  # runs that the profile has
    records: dict[Problem, Record]
    dimension: int

    def area(self, limit: int, functions: Sequence[int] = (),
             among: dict[Problem, Record] | None = None) -> float | None:
        """Area up to `limit` over some functions (empty: all), and over the problems of `among`; None
        if the column does not run that far, or has no run."""
        if limit > self.column.budget:
            return None
        records = [record for problem, record in self.records.items()
                   if (not functions or problem.function in functions)
                   and (among is None or problem in among)]
        return ecdf.area(records, self.dimension, limit) if records else None

    def solved(self) -> float:
        """The part of its runs that reached the last target."""
        return sum(len(r.hits) == len(TARGETS) for r in self.records.values()) / len(self.records)

    def curve(self) -> list[float]:
        """The distribution on log_grid(1000, CURVE_POINTS), cut where the budget ends."""
        grid = [x for x in ecdf.log_grid(1000, CURVE_POINTS) if x <= self.column.budget * 1.0001]
        return ecdf.curve(list(self.records.values()), self.dimension, grid)


@dataclass
class Summary:
    """Results by suite and dimension, in the order of the plan; only of columns that have an
    instance's runs."""

    build: str
    results: dict[str, dict[int, list[Result]]] = field(default_factory=dict)


def summarize(store: Store, cells: Sequence[tuple[Cell, plan.Column]], instances: tuple[int, ...],
              build: str) -> Summary:
    summary = Summary(build)
    order = list(plan.COLUMNS)
    for cell, column in sorted(cells, key=lambda item: (list(plan.SUITES).index(item[0].suite),
                                                        item[0].dimension,
                                                        order.index(item[1].name))):
        present = store.load(campaign.stored(cell, column, build))
        records = _of_whole_instances(present, plan.SUITES[cell.suite], instances)
        if records:
            wanted = len(plan.SUITES[cell.suite].functions) * len(instances)
            summary.results.setdefault(cell.suite, {}).setdefault(cell.dimension, []).append(
                Result(column, wanted, records, cell.dimension))
    return summary


def _of_whole_instances(present: dict[Problem, Record], suite: plan.Suite,
                        instances: tuple[int, ...]) -> dict[Problem, Record]:
    """Runs of the instances that every function has a run of: what is finished first is what is
    solved soonest, so a part of an instance would flatter."""
    records: dict[Problem, Record] = {}
    for instance in instances:
        problems = plan.problems(suite, (instance,))
        if all(problem in present for problem in problems):
            records |= {problem: present[problem] for problem in problems}
    return records


def ratio(of: Result, to: Result, limit: int, functions: Sequence[int] = ()) -> float | None:
    """How many times the area of another column, over the problems that both have run."""
    mine = of.area(limit, functions, to.records)
    theirs = to.area(limit, functions, of.records)
    return None if mine is None or not theirs else mine / theirs


def find(results: Sequence[Result], name: str) -> Result | None:
    return next((result for result in results if result.column.name == name), None)


def best_peer(results: Sequence[Result], limit: int) -> Result | None:
    """The column that is not ours with the largest area."""
    peers = [r for r in results if not r.column.is_ours and r.area(limit) is not None]
    return max(peers, key=lambda r: r.area(limit) or 0.0, default=None)


def is_best(results: Sequence[Result], area: float, limit: int) -> bool:
    """Whether no column of `results` has a larger area, to the three digits that are shown."""
    return all(round(area, 3) >= round(other.area(limit) or 0.0, 3) for other in results)


def to_json(summary: Summary, about: dict[str, object]) -> dict[str, object]:
    """Everything in the report, and the curves."""
    suites: dict[str, object] = {}
    for suite, dimensions in summary.results.items():
        suites[suite] = {str(dimension): {result.column.name: _result_json(suite, result)
                                          for result in results}
                         for dimension, results in dimensions.items()}
    return {"about": about, "targets": list(TARGETS),
            "curve_at": ecdf.log_grid(1000, CURVE_POINTS), "suites": suites}


def _result_json(suite: str, result: Result) -> dict[str, object]:
    def areas(functions: Sequence[int] = ()) -> dict[str, float | None]:
        return {str(limit): result.area(limit, functions) for limit in LIMITS}

    return {
        "runs": len(result.records), "runs_wanted": result.wanted,
        "budget_per_dimension": result.column.budget,
        "evaluations": sum(record.evaluations for record in result.records.values()),
        "solved": result.solved(), "area": areas(),
        "area_of_group": {name: areas(functions)
                          for name, functions in plan.SUITES[suite].groups.items()},
        "area_of_function": {str(function): areas([function])
                             for function in plan.SUITES[suite].functions},
        "curve": [round(value, 5) for value in result.curve()],
    }
