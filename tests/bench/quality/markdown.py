"""The report as tables."""

from __future__ import annotations

from collections.abc import Sequence

import plan
from summary import LIMITS, Result, Summary, best_peer, find, is_best, ratio

_LONGEST = LIMITS[-1]


def render(summary: Summary, about: dict[str, object]) -> str:
    lines = ["# Quality: area under the runtime distribution", "", *_preface(about)]
    for suite, dimensions in summary.results.items():
        lines += [f"## {suite}", ""]
        for limit in reversed(LIMITS):
            lines += _areas(dimensions, limit)
        lines += _ratios(dimensions)
        lines += _groups(suite, dimensions)
    lines += _cost(about)
    return "\n".join(lines) + "\n"


def _preface(about: dict[str, object]) -> list[str]:
    facts = [f"- {name.replace('_', ' ')}: {value}" for name, value in about.items()
             if isinstance(value, str | int | float)]
    return [
        "The part of all (function, instance, target) triples reached, averaged over log10 of the",
        "evaluations per dimension from 1 to the limit; 51 targets from 1e2 to 1e-8 above the optimum;",
        "larger is better. Bold is the best of a column; a figure with `*` covers only some instances",
        "(quality.json says how many); a dash is beyond what that column runs to.", "", *facts, ""]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head),
            *("| " + " | ".join(row) + " |" for row in rows), ""]


def _names(dimensions: dict[int, list[Result]]) -> list[str]:
    present = {result.column.name for results in dimensions.values() for result in results}
    return [name for name in plan.COLUMNS if name in present]


def _areas(dimensions: dict[int, list[Result]], limit: int) -> list[str]:
    rows = []
    for name in _names(dimensions):
        if plan.COLUMNS[name].budget < limit:
            continue
        rows.append([plan.COLUMNS[name].title,
                     *(_area(results, name, limit) for results in dimensions.values())])
    return _table([f"to {limit} D evaluations", *(f"{d}-D" for d in dimensions)], rows)


def _area(results: Sequence[Result], name: str, limit: int) -> str:
    result = find(results, name)
    area = result.area(limit) if result else None
    if result is None or area is None:
        return "-"
    text = f"{area:.3f}"
    if is_best(results, area, limit):
        text = f"**{text}**"
    return text if len(result.records) == result.wanted else text + "*"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _ratios(dimensions: dict[int, list[Result]]) -> list[str]:
    rows: list[list[str]] = []
    automatic = {d: find(results, "automatic") for d, results in dimensions.items()}
    for name in _names(dimensions):
        column = plan.COLUMNS[name]
        if column.is_ours:
            continue
        row = [f"{column.title}, to {column.budget} D"]
        for dimension, results in dimensions.items():
            ours, peer = automatic[dimension], find(results, name)
            row.append(_number(ratio(ours, peer, column.budget) if ours and peer else None))
        rows.append(row)
    return _table(["automatic's area over that of", *(f"{d}-D" for d in dimensions)], rows)


def _groups(suite: str, dimensions: dict[int, list[Result]]) -> list[str]:
    rows = []
    for group, functions in plan.SUITES[suite].groups.items():
        row = [group]
        for results in dimensions.values():
            row.append(_group(results, functions))
        rows.append(row)
    head = f"by group, to {_LONGEST} D: automatic / best peer over all (ratio)"
    return _table([head, *(f"{d}-D" for d in dimensions)], rows)


def _group(results: Sequence[Result], functions: Sequence[int]) -> str:
    ours, peer = find(results, "automatic"), best_peer(results, _LONGEST)
    if ours is None or peer is None:
        return "-"
    times = ratio(ours, peer, _LONGEST, functions)
    mine = ours.area(_LONGEST, functions, peer.records)
    theirs = peer.area(_LONGEST, functions, ours.records)
    if times is None or mine is None or theirs is None:
        return "-"
    return f"{mine:.3f} / {theirs:.3f} ({times:.2f}{', lost' if times < 1 else ''})"


def _cost(about: dict[str, object]) -> list[str]:
    costs = about.get("cost")
    if not isinstance(costs, dict):
        return []
    rows = [[name, f"{cost['evaluations']:,}", f"{cost['hours']:.2f}",
             f"{cost['evaluations_per_s']:,}", str(cost["jobs"])] for name, cost in costs.items()]
    return ["## What it took", "", *_table(
        ["column", "evaluations", "hours", "evaluations/s", "runs at a time"], rows)]
