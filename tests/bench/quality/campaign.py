"""From a plan and a store to the runs that are missing, and through them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import plan
import reference_package
from execute import Pool, Task
from runs import Cell
from store import Session, Store

_METHODS = {"automatic": "", "population": "POLYSTEP_POPULATION", "block": "POLYSTEP_BLOCK"}


@dataclass(frozen=True)
class Campaign:
    """What to run, and how much at a time."""

    store: Store
    cells: Sequence[tuple[Cell, plan.Column]]
    instances: tuple[int, ...]
    peer_jobs: int   # runs of peers under way at a time
    study_jobs: int  # studies under way at a time: they wait for the disk more than they compute


def stored(cell: Cell, column: plan.Column, build: str) -> Cell:
    """Where the runs of a column are: ours belong to a build of the server."""
    return replace(cell, algorithm=f"{cell.algorithm}@{build}") if column.is_ours else cell


def missing(campaign: Campaign, build: str) -> list[list[Task]]:
    """Tasks by cell, without the cells that are complete."""
    groups = []
    for cell, column in campaign.cells:
        kept = stored(cell, column, build)
        wanted = plan.problems(plan.SUITES[cell.suite], campaign.instances)
        tasks = [Task(kept, column.name, problem, column.budget * cell.dimension)
                 for problem in campaign.store.missing(kept, wanted)]
        if tasks:
            groups.append(tasks)
    return groups


def run(campaign: Campaign, build: str, binary: Path) -> None:
    """Runs what is missing, cell by cell, and says how it went."""
    groups = missing(campaign, build)
    if any(tasks[0].column == "reference" for tasks in groups) and not reference_package.ensure():
        groups = [tasks for tasks in groups if tasks[0].column != "reference"]
    ours = any(tasks[0].column in _METHODS for tasks in groups)
    serving: Any = _server(binary) if ours else nullcontext()
    with serving as server:
        for tasks in groups:
            is_ours = tasks[0].column in _METHODS
            if is_ours:
                options = {"server": server.target, "method": _METHODS[tasks[0].column]}
                tasks = [replace(task, options=options) for task in tasks]
            with Pool(campaign.study_jobs if is_ours else campaign.peer_jobs) as pool:
                _run_cell(pool, campaign.store, tasks)


def _server(binary: Path) -> Any:
    import service  # needs the client's stubs, which a bench of peers alone does without
    return service.start(binary)


def _run_cell(pool: Pool, store: Store, tasks: list[Task]) -> None:
    cell, begin, evaluations, runs = tasks[0].cell, time.monotonic(), 0, 0
    try:
        for task, record in pool.run(tasks):
            store.add(task.cell, record)
            evaluations += record.evaluations
            runs += 1
    finally:
        seconds = time.monotonic() - begin
        store.add_session(Session(cell.algorithm, runs, evaluations, round(seconds, 1),
                                  pool.processes))
        print(f"{time.strftime('%H:%M:%S')} {cell}: {runs} of {len(tasks)} runs, {seconds:.0f} s, "
              f"{evaluations / seconds:.0f} evaluations/s", flush=True)
