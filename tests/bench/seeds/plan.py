"""What the scoreboard runs: tasks, methods with their settings, budgets, profiles."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

BASELINES = ("openai-es", "spsa", "sep-cma-es")
METHODS = ("ours", *BASELINES, "paper", "adam")
TITLES = {"ours": "PolyStep Service", "openai-es": "OpenAI-ES", "spsa": "SPSA",
          "sep-cma-es": "sep-CMA-ES", "paper": "the paper's configuration",
          "adam": "Adam on gradients: no black box"}


@dataclass(frozen=True)
class Task:
    """What arXiv 2605.01928 prints for it (its best epoch on the test set), and our goal."""

    title: str
    paper: str
    equal: int  # evaluations that all methods get in the full profile
    goal: float  # test accuracy, percent, on Fashion-MNIST
    goal_evaluations: int
    paper_step: int  # evaluations of a step in the paper's configuration


TASKS = {
    "lif": Task("hard-LIF spiking network", "93.4 on MNIST, 30.8 M", 1_000_000, 85.0, 10_000_000,
                8688),
    "int8": Task("MLP with an 8-bit layer", "97.1 on MNIST, 75.9 M", 1_000_000, 87.5, 20_000_000,
                 21_440),
    "argmax": Task("argmax attention", "86.8 on Fashion-MNIST, 83.6 M", 300_000, 87.5, 25_000_000,
                   23_616),
    "staircase": Task("staircase MLP", "93.2 on MNIST, 38.9 M", 300_000, 86.0, 15_000_000, 10_992),
}

GRADIENTS = 3000  # that Adam gets: 28 epochs

# Nine settings each, tried on TUNING_EVALUATIONS with seed 100 (--profile tune).
TUNING_EVALUATIONS = 100_000
TUNING_SEED = 100
GRIDS: dict[str, tuple[str, ...]] = {
    "openai-es": tuple(f"--sigma {s} --rate {r}" for s in (0.02, 0.05, 0.1)
                       for r in (0.005, 0.01, 0.03)),
    "spsa": tuple(f"--sigma {s} --rate {r}" for s in (0.01, 0.03, 0.1)
                  for r in (0.001, 0.003, 0.01)),
    "sep-cma-es": tuple(f"--sigma {s} --population {p}" for s in (0.01, 0.03, 0.1)
                        for p in (38, 128, 512)),
}
# What runs until a task was tuned: the middle of the grid.
SETTINGS = {"openai-es": "--sigma 0.05 --rate 0.01", "spsa": "--sigma 0.03 --rate 0.003",
            "sep-cma-es": "--sigma 0.03 --population 38"}

# What tuning found, by "task method"; a tuned.json in the result folder goes before it.
TUNED: dict[str, str] = {}


def _cosine(start: float, end: float, steps: int) -> dict[str, object]:
    return {"kind": "COSINE", "initial": start, "target": end, "totalSteps": steps}


def paper_optimizer(task: str, evaluations: int) -> dict[str, object]:
    """The paper's configuration as an OptimizerSpec, its schedules over the steps of the budget."""
    steps = max(1, evaluations // TASKS[task].paper_step)
    spec: dict[str, object] = {"method": "POLYSTEP_BLOCK", "polytope": "ORTHOPLEX", "particleDim": 8,
                               "probes": 1, "lossScale": "MEAN", "solver": "SOFTMAX"}
    if task == "lif":
        # Plain numbers of the reference are multiplied by epsilon: 2.0 and 1.0 there.
        return spec | {"epsilon": {"initial": 0.5}, "stepRadius": {"initial": 1.0},
                       "probeRadius": {"initial": 0.5}, "biasedRotation": True,
                       "subspace": {"rank": 4, "redrawEvery": 20}}
    if task == "staircase":
        return spec | {"epsilon": _cosine(5, 1, steps), "stepRadius": _cosine(64, 32, steps),
                       "probeRadius": _cosine(2, 1, steps),
                       "subspace": {"rank": 4, "redrawEvery": 0}}
    spec |= {"epsilon": _cosine(5, 0.3, steps), "stepRadius": _cosine(32, 8, steps),
             "probeRadius": _cosine(2, 0.5, steps), "subspace": {"rank": 8, "redrawEvery": 0}}
    if task == "int8":
        spec["momentum"] = _cosine(0.3, 0.5, steps)
    return spec


@dataclass(frozen=True)
class Job:
    """One run. `task` of a formula is "sat-VARIABLES", of a policy "cartpole float"; `evaluations` 0:
    the program's choice."""

    task: str
    method: str
    seed: int
    evaluations: int
    settings: str = ""  # further options of the program

    @property
    def key(self) -> str:
        """Names its file: without the build."""
        tail = hashlib.sha256(self.settings.encode()).hexdigest()[:6] if self.settings else "0"
        return f"{self.task.replace(' ', '-')}.{self.method}.{self.evaluations}.s{self.seed}.{tail}"


def job(task: str, method: str, seed: int, evaluations: int,
        tuned: dict[str, str] | None = None) -> Job:
    """A run of a network with the settings the method has there; `tuned` by "task method"."""
    settings = ""
    if method in BASELINES:
        settings = (tuned or {}).get(f"{task} {method}", SETTINGS[method])
    elif method == "paper":
        settings = json.dumps(paper_optimizer(task, evaluations), separators=(",", ":"))
    return Job(task, method, seed, evaluations, settings)


@dataclass(frozen=True)
class Profile:
    """Which runs: budgets by task and method come from jobs()."""

    tasks: tuple[str, ...]
    methods: tuple[str, ...]
    seeds: int
    equal: int | None  # evaluations for all methods; None: the task's
    ours: tuple[int, ...]  # more budgets of ours
    goal_seeds: int  # of ours at the goal's budget; 0: not run
    formulas: tuple[tuple[int, int, int], ...]  # variables, instances, evaluations
    policies: tuple[str, ...]


PROFILES = {
    "quick": Profile(("lif", "int8"), ("ours", *BASELINES, "adam"), 1, 100_000, (1_000_000,), 0,
                     ((100_000, 1, 20_000_000),), ("cartpole float", "cartpole binary")),
    "full": Profile(tuple(TASKS), METHODS, 3, None, (100_000, 300_000), 5,
                    tuple((n, 3, 120 * n if n < 1_000_000 else 60 * n)
                          for n in (100, 500, 1000, 5000, 20_000, 100_000, 1_000_000)),
                    tuple(f"{t} {p}" for t in ("cartpole", "acrobot")
                          for p in ("float", "int8", "binary"))),
}


def tuning_jobs(tasks: tuple[str, ...]) -> Iterator[Job]:
    """Nine runs for every task and baseline."""
    for task in tasks:
        for method, grid in GRIDS.items():
            for settings in grid:
                yield Job(task, method, TUNING_SEED, TUNING_EVALUATIONS, settings)


def jobs(profile: Profile, tuned: dict[str, str]) -> Iterator[Job]:
    """All runs, seed after seed, so that what is there early is comparable."""
    for variables, instances, evaluations in profile.formulas:
        for instance in range(1, instances + 1):
            yield Job(f"sat-{variables}", "ours", instance, evaluations)
    for policy in profile.policies:
        for seed in range(1, max(profile.seeds, profile.goal_seeds) + 1):
            yield Job(policy, "ours", seed, 0)
    for seed in range(1, profile.seeds + 1):
        for task in profile.tasks:
            budget = profile.equal or TASKS[task].equal
            for method in profile.methods:
                yield job(task, method, seed, GRADIENTS if method == "adam" else budget, tuned)
            for more in profile.ours:
                if more != budget:
                    yield job(task, "ours", seed, more)
    for seed in range(1, profile.goal_seeds + 1):
        for task in profile.tasks:
            yield job(task, "ours", seed, TASKS[task].goal_evaluations)
