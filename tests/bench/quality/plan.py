"""What is to be run: suites, columns, profiles, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import noise_models
from runs import Cell, Problem


@dataclass(frozen=True)
class Suite:
    """A set of functions. `groups` are COCO's, by name; every function is in one."""

    name: str
    dimensions: tuple[int, ...]
    groups: dict[str, tuple[int, ...]]

    @property
    def functions(self) -> tuple[int, ...]:
        return tuple(sorted(f for group in self.groups.values() for f in group))


_BBOB_GROUPS = {
    "separable": (1, 2, 3, 4, 5),
    "moderate": (6, 7, 8, 9),
    "ill-conditioned": (10, 11, 12, 13, 14),
    "multi-modal": (15, 16, 17, 18, 19),
    "weak structure": (20, 21, 22, 23, 24),
}
_NOISY_FIRST = noise_models.FIRST
_NOISY_GROUPS = {
    "gaussian": tuple(range(_NOISY_FIRST, _NOISY_FIRST + 24, 3)),
    "uniform": tuple(range(_NOISY_FIRST + 1, _NOISY_FIRST + 24, 3)),
    "cauchy": tuple(range(_NOISY_FIRST + 2, _NOISY_FIRST + 24, 3)),
}

SUITES = {
    suite.name: suite for suite in (
        Suite("bbob", (2, 3, 5, 10, 20, 40), _BBOB_GROUPS),
        Suite("bbob-mixint", (5, 10, 20, 40), _BBOB_GROUPS),
        Suite("noisy", (5, 10, 20), _NOISY_GROUPS),
    )
}


@dataclass(frozen=True)
class Column:
    """An algorithm of the table. `budget` is in evaluations per dimension."""

    name: str
    title: str
    budget: int = 1000
    largest_dimension: int = 40
    is_ours: bool = False
    suites: tuple[str, ...] = ("bbob", "bbob-mixint", "noisy")


COLUMNS = {
    column.name: column for column in (
        Column("automatic", "PolyStep automatic", is_ours=True),
        Column("population", "POLYSTEP_POPULATION", is_ours=True),
        Column("block", "POLYSTEP_BLOCK", is_ours=True),
        Column("cma-bipop", "pycma BIPOP"),
        Column("cma", "pycma"),
        Column("reference", "polystep 1.1 (PolyStepES)"),
        Column("random", "random search"),
        Column("tpe", "Optuna TPE", budget=100, largest_dimension=10),
        # Seconds a run, where others take milliseconds: last.
        Column("ngopt", "Nevergrad NGOpt", budget=300, largest_dimension=20,
               suites=("bbob", "bbob-mixint")),
    )
}


@dataclass(frozen=True)
class Profile:
    """How much of it. `dimensions` by suite, and other ones by column and suite for columns that would
    take too long; a column's own limits hold besides."""

    instances: tuple[int, ...]
    dimensions: dict[str, tuple[int, ...]]
    columns: tuple[str, ...]
    column_dimensions: dict[str, dict[str, tuple[int, ...]]] = field(default_factory=dict)


PROFILES = {
    "quick": Profile((1,), {"bbob": (5, 10), "bbob-mixint": (5,), "noisy": (5,)},
                     tuple(name for name in COLUMNS if name not in ("reference", "ngopt")),
                     {"tpe": {"bbob": (5,)}}),
    "full": Profile((1, 2, 3, 4, 5), {suite.name: suite.dimensions for suite in SUITES.values()},
                    tuple(COLUMNS)),
}


def problems(suite: Suite, instances: tuple[int, ...]) -> list[Problem]:
    """All problems of a cell: every function's first instance before the second, so that what an
    interrupted bench has done is spread over the functions."""
    return [Problem(function, instance) for instance in instances for function in suite.functions]


def cells(profile: Profile, suites: tuple[str, ...], columns: tuple[str, ...],
          dimensions: tuple[int, ...]) -> Iterator[tuple[Cell, Column]]:
    """The cells of a profile, restricted to these suites, columns and dimensions (empty: all): in the
    order of `columns`, then of `suites` and `dimensions`."""
    for name in columns or profile.columns:
        column = COLUMNS[name]
        for suite in suites or tuple(SUITES):
            available = profile.column_dimensions.get(name, profile.dimensions).get(suite, ())
            for dimension in dimensions or available:
                if (dimension in available and dimension <= column.largest_dimension
                        and suite in column.suites):
                    yield Cell(suite, name, dimension), column
