"""The reference implementation's ask/tell optimizer, `polystep.PolyStepES`, with a step radius that
decays over the budget.

The domain is mapped to [-5, 5] in every coordinate. Constants are the best of a small grid on other
instances than the table's (tune_reference.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from polystep.ask_tell import PolyStepES

from meter import Meter


@dataclass(frozen=True)
class Constants:
    """Radii in units of a domain of width 10."""

    first_radius: float = 4.0
    last_radius: float = 1e-5
    epsilon: float = 0.1
    particles: int = 1
    geometric: bool = True  # the radius decays geometrically; else along half a cosine


def radius(constants: Constants, progress: float) -> float:
    """At this part, 0 to 1, of the budget."""
    first, last = constants.first_radius, constants.last_radius
    if constants.geometric:
        return float(first * (last / first) ** progress)
    return last + 0.5 * (first - last) * (1 + math.cos(math.pi * progress))


def solve(meter: Meter, seed: int, constants: Constants = Constants()) -> None:
    torch.set_num_threads(1)
    function = meter.function
    middle = (function.lower + function.upper) / 2
    width = (function.upper - function.lower) / 10
    particles = constants.particles
    rng = np.random.default_rng(seed)
    starts = rng.uniform(-4, 4, (particles, function.dimension)) * (particles > 1)
    search = PolyStepES(function.dimension, num_particles=particles, epsilon=constants.epsilon,
                        x0=torch.from_numpy(starts), seed=seed, dtype=torch.float64)
    while True:
        search.step_radius = radius(constants, meter.evaluations / meter.budget)
        points = search.ask().numpy() * width + middle
        search.tell(torch.from_numpy(meter.batch(points)))
