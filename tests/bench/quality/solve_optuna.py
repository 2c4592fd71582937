"""Optuna's TPE, at its defaults, within the bounds."""

from __future__ import annotations

import warnings

import numpy as np
import optuna

from meter import Function, Meter


def solve(meter: Meter, seed: int) -> None:
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    while True:
        trial = study.ask()
        study.tell(trial, meter(_suggest(trial, meter.function)))


def _suggest(trial: optuna.Trial, function: Function) -> np.ndarray:
    point = np.empty(function.dimension)
    for k in range(function.dimension):
        lower, upper = float(function.lower[k]), float(function.upper[k])
        if k < function.integers:
            point[k] = trial.suggest_int(f"x{k}", int(lower), int(upper))
        else:
            point[k] = trial.suggest_float(f"x{k}", lower, upper)
    return point
