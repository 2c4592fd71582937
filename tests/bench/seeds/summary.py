"""Results of the runs as tables in Markdown: means and sample deviations over seeds."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from typing import Any

import plan
import rl

Results = dict[plan.Job, dict[str, Any]]
Group = tuple[plan.Job, list[dict[str, Any]]]  # one of the jobs, results of all its seeds

TIMES = (10, 30, 100, 300, 1000, 3000)  # seconds at which methods are compared


def is_network(job: plan.Job) -> bool:
    return job.task in plan.TASKS


def groups(results: Results, wanted: Callable[[plan.Job], bool]) -> list[Group]:
    """Jobs that differ in their seeds only, in the order of the first of each. Settings of the paper
    follow the budget and need not be told apart."""
    found: dict[tuple[str, str, int, str], Group] = {}
    for job, result in results.items():
        if wanted(job):
            found.setdefault((job.task, job.method, job.evaluations, job.settings),
                             (job, []))[1].append(result)
    return list(found.values())


def spread(values: Iterable[float], digits: int = 2) -> str:
    """Mean, and where there are several the sample deviation."""
    values = list(values)
    mean = f"{statistics.mean(values):,.{digits}f}"
    return f"{mean} ± {statistics.stdev(values):,.{digits}f}" if len(values) > 1 else mean


def best_by(curve: list[list[float]], limit: float, column: int) -> list[float] | None:
    """The point with the least validation loss among those whose `column` (0: evaluations, 1:
    seconds) is within the limit."""
    within = [point for point in curve if point[column] <= limit]
    return min(within, key=lambda point: point[2]) if within else None


def at_time(runs: list[Group], seconds: float) -> tuple[float, int] | None:
    """Mean validation accuracy of a method by so many seconds, and the budget it is of: the largest
    budget whose runs had ended by then; where none had, the smallest, on its way."""
    runs = sorted(runs, key=lambda group: group[0].evaluations)
    ended = [group for group in runs if max(r["seconds"] for r in group[1]) <= seconds]
    job, results = ended[-1] if ended else runs[0]
    points = [best_by(result["curve"], seconds, 1) for result in results]
    known = [point[3] for point in points if point is not None and point[3] is not None]
    return (statistics.mean(known), job.evaluations) if len(known) == len(results) else None


def network_table(results: Results, task: str) -> list[str]:
    """A row for each method and budget, best test accuracy of a budget in bold."""
    found = groups(results, lambda job: job.task == task)
    found.sort(key=lambda group: (group[0].evaluations, plan.METHODS.index(group[0].method)))
    about = plan.TASKS[task]
    lines = [f"## {task}: {about.title}", "",
             f"The paper prints {about.paper}. Goal: {about.goal} % within "
             f"{about.goal_evaluations / 1e6:.0f} M.", "",
             "| method | evaluations | test | validation | seconds | seeds |", "|---|---|---|---|---|---|"]
    for job, runs in found:
        peers = [statistics.mean(r["test"] for r in other) for one, other in found
                 if one.evaluations == job.evaluations]
        mean = statistics.mean(r["test"] for r in runs)
        mark = "**" if len(peers) > 1 and mean == max(peers) else ""
        lines.append(f"| {plan.TITLES[job.method]} | {job.evaluations:,} "
                     f"| {mark}{spread(r['test'] for r in runs)}{mark} "
                     f"| {spread(r['validation'] for r in runs)} "
                     f"| {spread((r['seconds'] for r in runs), 0)} | {len(runs)} |")
    return [*lines, ""]


def time_table(results: Results, task: str) -> list[str]:
    """Validation accuracy at equal wall-clock."""
    columns = {method: groups(results, lambda job, m=method: (job.task, job.method) == (task, m))
               for method in plan.METHODS}
    columns = {method: runs for method, runs in columns.items() if runs}
    lines = ["Validation accuracy at equal wall-clock (of the run that had ended by then with the "
             "largest budget):", "",
             "| seconds | " + " | ".join(plan.TITLES[method] for method in columns) + " |",
             "|---" * (len(columns) + 1) + "|"]
    for seconds in TIMES:
        cells = []
        for runs in columns.values():
            found = at_time(runs, seconds)
            cells.append(f"{found[0]:.2f} ({found[1]:,})" if found else "-")
        lines.append(f"| {seconds} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def formula_table(results: Results) -> list[str]:
    found = groups(results, lambda job: job.task.startswith("sat-"))
    if not found:
        return []
    lines = ["## Random 3-SAT, 4.27 clauses a variable", "",
             "| variables | satisfied, % | evaluations | seconds | instances |", "|---|---|---|---|---|"]
    for job, runs in found:
        lines.append(f"| {int(job.task.removeprefix('sat-')):,} | {spread(r['test'] for r in runs)} "
                     f"| {spread((r['evaluations'] for r in runs), 0)} "
                     f"| {spread((r['seconds'] for r in runs), 1)} | {len(runs)} |")
    return [*lines, ""]


def policy_table(results: Results) -> list[str]:
    runs = [result for job, result in results.items() if " " in job.task]
    return ["## Reinforcement learning", "", rl.table(runs)] if runs else []


def settings_table(results: Results) -> list[str]:
    """What the baselines ran with."""
    found = groups(results, lambda job: job.method in plan.BASELINES)
    lines = [f"| {job.task} | {plan.TITLES[job.method]} | `{job.settings}` |"
             for job, _ in found]
    if not lines:
        return []
    return ["## Settings of the baselines", "", "| task | method | options of baseline_bench |",
            "|---|---|---|", *dict.fromkeys(lines), ""]


def best_settings(results: Results) -> dict[str, str]:
    """Of tuning runs: by "task method", the settings with the best validation accuracy. Only where
    the whole grid has been run."""
    best: dict[str, str] = {}
    for task in plan.TASKS:
        for method, grid in plan.GRIDS.items():
            runs = {job.settings: result["validation"] for job, result in results.items()
                    if (job.task, job.method) == (task, method)}
            if set(runs) >= set(grid):
                best[f"{task} {method}"] = max(grid, key=lambda settings: runs[settings])
    return best


def markdown(results: Results, about: dict[str, Any]) -> str:
    """The whole report."""
    lines = ["# Networks and formulas, through the service", "",
             f"{about['profile']} profile, {about['machine']}. Accuracies in percent on Fashion-MNIST "
             "unless other data were given; the test images are those of the weights with the least "
             "validation loss. Every loss counts as an evaluation, scores included.", ""]
    for task in plan.TASKS:
        if any(job.task == task for job in results):
            lines += network_table(results, task) + time_table(results, task)
    lines += formula_table(results) + policy_table(results) + settings_table(results)
    return "\n".join(lines)


def to_json(results: Results, about: dict[str, Any]) -> dict[str, Any]:
    return {**about, "runs": [{"job": vars(job), "result": result} for job, result in results.items()]}
