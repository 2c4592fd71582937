"""The noise of BBOB's noisy functions f107 to f130, severe kind (Hansen, Finck, Ros, Auger: "Real-
parameter black-box optimization benchmarking 2009: noisy functions definitions", section 3).

They are put over functions of `bbob` here, because cocoex's own noisy suite does not tell the
noise-free value that targets are measured with, and draws its noise from one global generator.
"""

from __future__ import annotations

import numpy as np

_TARGET = 1e-8
_OFFSET = 1.01 * _TARGET


def gaussian(gap: float, dimension: int, rng: np.random.Generator) -> float:
    """Multiplicative and log-normal, beta = 1."""
    return gap * float(np.exp(rng.standard_normal()))


def uniform(gap: float, dimension: int, rng: np.random.Generator) -> float:
    """Multiplicative, larger the nearer the optimum: alpha = 0.49 + 1/D, beta = 1."""
    alpha = 0.49 + 1 / dimension
    below, above = rng.random(), rng.random()
    return gap * float(below) * max(1.0, float((1e9 / (gap + 1e-99)) ** (alpha * above)))


def cauchy(gap: float, dimension: int, rng: np.random.Generator) -> float:
    """Additive, with outliers in one evaluation of five: alpha = 1, p = 0.2."""
    draw, above, below = rng.random(), rng.standard_normal(), rng.standard_normal()
    outlier = above / (abs(below) + 1e-199) if draw < 0.2 else 0.0
    return gap + max(0.0, 1000.0 + float(outlier))


MODELS = (gaussian, uniform, cauchy)

# bbob's functions under the noise: sphere, Rosenbrock, step ellipsoid, ellipsoid, different powers,
# Schaffers F7, Griewank-Rosenbrock, Gallagher's 101 peaks. f107 is the first under the first noise.
BASES = (1, 8, 7, 10, 14, 17, 19, 21)
FIRST = 107


def parts(function: int) -> tuple[int, int]:
    """Function of bbob, and index into MODELS, of noisy function `function` (107 to 130)."""
    base, model = divmod(function - FIRST, len(MODELS))
    return BASES[base], model


def told(gap: float, dimension: int, model: int, rng: np.random.Generator) -> float:
    """What is told of a point with this noise-free gap: noise, except within the last target."""
    return gap if gap < _TARGET else MODELS[model](gap, dimension, rng) + _OFFSET
