"""COCO's runtime distribution: which fraction of (problem, target) pairs was reached within how
many evaluations per dimension.

The area under it is taken over log10(evaluations / D) from 0 (one evaluation per dimension) to
log10(limit), divided by that width: 1 if everything was reached at once, 0 if nothing was within the
limit. It is exact, from the hits themselves, and needs no simulated restarts because every algorithm
here restarts until its budget is used up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from runs import Record
from targets import TARGETS


def area(records: Iterable[Record], dimension: int, limit: float) -> float:
    """The area up to `limit` evaluations per dimension; NaN without records."""
    width = math.log10(limit)
    total, pairs = 0.0, 0
    for record in records:
        pairs += len(TARGETS)
        for hit in record.hits:
            total += min(1.0, max(0.0, 1.0 - math.log10(hit / dimension) / width))
    return total / pairs if pairs else math.nan


def fraction(records: Iterable[Record], dimension: int, limit: float) -> float:
    """The part of all pairs reached within `limit` evaluations per dimension."""
    reached, pairs = 0, 0
    for record in records:
        pairs += len(TARGETS)
        reached += sum(hit <= limit * dimension for hit in record.hits)
    return reached / pairs if pairs else math.nan


def curve(records: Sequence[Record], dimension: int, grid: Sequence[float]) -> list[float]:
    """fraction() at every point of `grid`, in evaluations per dimension."""
    hits = sorted(hit for record in records for hit in record.hits)
    pairs = len(records) * len(TARGETS)
    values, position = [], 0
    for limit in grid:
        while position < len(hits) and hits[position] <= limit * dimension:
            position += 1
        values.append(position / pairs if pairs else math.nan)
    return values


def log_grid(limit: float, points: int) -> list[float]:
    """`points` numbers from 1 to `limit` in equal ratios."""
    return [limit ** (k / (points - 1)) for k in range(points)]
