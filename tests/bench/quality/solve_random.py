"""Random search: uniform in the domain."""

from __future__ import annotations

import numpy as np

from meter import Meter


def solve(meter: Meter, seed: int) -> None:
    function = meter.function
    rng = np.random.default_rng(seed)
    while True:
        points = rng.uniform(function.lower, function.upper, (256, function.dimension))
        if function.integers:
            count = function.integers
            points[:, :count] = rng.integers(function.lower[:count], function.upper[:count] + 1,
                                             (256, count))
        meter.batch(points)
