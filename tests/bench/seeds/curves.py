"""Validation accuracy over evaluations as SVG: a panel a task, for each method the mean of its seeds
and the band between their least and greatest. Written by hand."""

from __future__ import annotations

import math
from html import escape
from typing import Any

import plan
import summary

_COLORS = {"ours": "#c2185b", "openai-es": "#1f5fa8", "spsa": "#2e8b57", "sep-cma-es": "#c9781c",
           "paper": "#6a4c93", "adam": "#888888"}
_WIDTH, _HEIGHT = 560, 320  # of a panel
_LEFT, _TOP, _RIGHT, _BOTTOM = 46, 34, 170, 40
_POINTS = 60


def grid(first: float, last: float, count: int) -> list[float]:
    """Evenly spread logarithms, both ends included."""
    return [first * (last / first) ** (n / (count - 1)) for n in range(count)]


def band(runs: list[dict[str, Any]], at: list[float]) -> list[tuple[float, float, float, float]]:
    """Evaluations, least, mean and greatest accuracy of the best score so far, where all runs have
    one."""
    found = []
    for evaluations in at:
        points = [summary.best_by(run["curve"], evaluations, 0) for run in runs]
        values = [point[3] for point in points if point is not None and point[3] is not None]
        if len(values) == len(runs):
            found.append((evaluations, min(values), sum(values) / len(values), max(values)))
    return found


def render(results: summary.Results) -> str:
    tasks = [task for task in plan.TASKS if any(job.task == task for job in results)]
    width, height = 2 * _WIDTH, _HEIGHT * max(1, math.ceil(len(tasks) / 2)) + 40
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
             f'viewBox="0 0 {width} {height}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif">',
             f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
             _text(20, 26, "Validation accuracy of the best score so far, percent, over evaluations",
                   16, "#222222")]
    for n, task in enumerate(tasks):
        parts += _panel(n % 2 * _WIDTH, 40 + n // 2 * _HEIGHT, task, results)
    return "\n".join([*parts, "</svg>\n"])


def _text(x: float, y: float, text: str, size: float, color: str, anchor: str = "start") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{color}" '
            f'text-anchor="{anchor}">{escape(text)}</text>')


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{x1:.1f},{y1:.1f} L{x2:.1f},{y2:.1f}" stroke="#e6e6e6" fill="none"/>'


def _panel(x: float, y: float, task: str, results: summary.Results) -> list[str]:
    found = [group for group in summary.groups(results, lambda job: job.task == task)
             if group[0].method != "adam"]  # whose evaluations are others
    last = max((job.evaluations for job, _ in found), default=10_000)
    first = 1000.0
    left, top = x + _LEFT, y + _TOP
    across, down = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def at(evaluations: float, right: float) -> tuple[float, float]:
        return (left + across * math.log(evaluations / first) / math.log(last / first),
                top + down * (1 - right / 100))

    parts = [_text(left, y + 22, plan.TASKS[task].title, 13, "#222222")]
    for percent in range(0, 101, 20):
        _, line_y = at(first, percent)
        parts += [_line(left, line_y, left + across, line_y),
                  _text(left - 6, line_y + 4, str(percent), 10.5, "#555555", "end")]
    for power in range(3, int(math.log10(last)) + 1):
        line_x, _ = at(10**power, 0)
        parts += [_line(line_x, top, line_x, top + down),
                  _text(line_x, top + down + 15, f"{10**power:,}", 10.5, "#555555", "middle")]
    for n, (job, runs) in enumerate(found):
        curve = band(runs, grid(first, last, _POINTS))
        curve = [point for point in curve if point[0] <= 1.05 * job.evaluations]
        color = _COLORS[job.method]
        label = f"{plan.TITLES[job.method].split(' (')[0]}, {job.evaluations:,}"
        parts.append(_text(left + across + 10, top + 10 + 13 * n, label, 9.5, color))
        if not curve:
            continue
        upper = [at(e, high) for e, _, _, high in curve]
        lower = [at(e, low) for e, low, _, _ in reversed(curve)]
        parts.append(f'<polygon points="{_points(upper + lower)}" fill="{color}" opacity="0.15"/>')
        parts.append(f'<polyline points="{_points([at(e, mean) for e, _, mean, _ in curve])}" '
                     f'fill="none" stroke="{color}" stroke-width="1.8"/>')
    return parts


def _points(pairs: list[tuple[float, float]]) -> str:
    return " ".join(f"{px:.1f},{py:.1f}" for px, py in pairs)
