"""COCO's targets, and when a run first reached each.

A target is a gap: how far above the optimal value the best point so far may lie. There are 51 of
them, from 100 down to 1e-8 in equal ratios, as in COCO's runtime distributions over "51 targets
in 1e2..1e-8".
"""

from __future__ import annotations

TARGETS: tuple[float, ...] = tuple(10.0 ** (2 - k / 5) for k in range(51))


class FirstHits:
    """The number of the evaluation that first reached each target.

    `hits[k]` belongs to TARGETS[k]; targets are reached in order, so the list ends where the run
    got to."""

    def __init__(self) -> None:
        self.hits: list[int] = []
        self.best_gap = float("inf")

    @property
    def complete(self) -> bool:
        """Whether the last target was reached: there is nothing left to measure."""
        return len(self.hits) == len(TARGETS)

    def record(self, evaluation: int, gap: float) -> None:
        """Takes the gap of evaluation number `evaluation`, the first of which is 1. NaN is no hit."""
        if not gap < self.best_gap:
            return
        self.best_gap = gap
        while len(self.hits) < len(TARGETS) and gap <= TARGETS[len(self.hits)]:
            self.hits.append(evaluation)
