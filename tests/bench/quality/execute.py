"""Carries out runs in processes of their own and keeps their records."""

from __future__ import annotations

import importlib
import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field

from meter import Finished, Meter
from runs import Cell, Problem, Record, seed

# Module and function by column; modules are imported where the run is, so that a peer that is not
# installed stops only its own column.
_PEERS = {
    "cma-bipop": ("solve_cma", "solve_bipop"),
    "cma": ("solve_cma", "solve_default"),
    "reference": ("solve_reference", "solve"),
    "ngopt": ("solve_nevergrad", "solve"),
    "tpe": ("solve_optuna", "solve"),
    "random": ("solve_random", "solve"),
}
_OURS = ("solve_service", "solve")


@dataclass(frozen=True)
class Task:
    """A run to be made. `options` are arguments of the column's function."""

    cell: Cell
    column: str
    problem: Problem
    budget: int  # evaluations
    options: dict[str, str] = field(default_factory=dict)


def run(task: Task) -> Record:
    """Makes one run, in this process."""
    functions = importlib.import_module("functions")
    module, name = _PEERS.get(task.column, _OURS)
    solve = getattr(importlib.import_module(module), name)
    meter = Meter(functions.load(task.cell, task.problem), task.budget)
    begin = time.monotonic()
    try:
        solve(meter, seed(task.cell, task.problem), **task.options)
    except Finished:
        pass
    return Record(task.problem.function, task.problem.instance, meter.evaluations,
                  meter.reached.best_gap, meter.reached.hits, task.budget,
                  round(time.monotonic() - begin, 3))


class Pool:
    """Processes that make runs. A context manager; `processes` is how many runs are under way."""

    def __init__(self, processes: int) -> None:
        self.processes = processes
        # gRPC does not survive a fork.
        self._executor = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"))

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, error: object, *_: object) -> None:
        if error is not None:  # what is under way is lost anyhow
            for process in multiprocessing.active_children():
                process.terminate()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def run(self, tasks: list[Task]) -> Iterator[tuple[Task, Record]]:
        """Runs all, in about their order; yields each as it is finished. Raises what a run raised."""
        waiting = iter(tasks)
        under_way: dict[Future[Record], Task] = {}
        while True:
            for task in waiting:
                under_way[self._executor.submit(run, task)] = task
                if len(under_way) >= 2 * self.processes:
                    break
            if not under_way:
                return
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                yield under_way.pop(future), future.result()
