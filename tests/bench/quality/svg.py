"""The report as a picture: a panel with the runtime distributions for each suite and dimension, and
a table of areas under each suite. Plain SVG, written by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import ecdf
import plan
from summary import CURVE_POINTS, LIMITS, Result, Summary, find, is_best

_COLORS = {
    "automatic": "#c2185b", "population": "#d0568f", "block": "#c9781c", "cma-bipop": "#1f5fa8",
    "cma": "#5ba3d9", "reference": "#6a4c93", "ngopt": "#2e8b57", "tpe": "#8a7a1f", "random": "#888888",
}
_PER_ROW = 3
_PANEL_W, _PANEL_H = 480, 300
_LEFT, _TOP, _RIGHT, _BOTTOM = 46, 30, 118, 34  # of a panel, around its axes
_MARGIN = 20
_ROW_H = 20      # of the table
_LABEL_H = 11.5  # least distance between the labels of lines


def render(summary: Summary, about: dict[str, object]) -> str:
    parts: list[str] = []
    y = 76.0
    for suite, dimensions in summary.results.items():
        parts.append(_text(_MARGIN, y, suite, 17, "#222222", weight="bold"))
        y += 12
        for position, (dimension, results) in enumerate(dimensions.items()):
            column, row = position % _PER_ROW, position // _PER_ROW
            parts.append(_panel(_MARGIN + column * _PANEL_W, y + row * _PANEL_H, dimension, results))
        y += math.ceil(len(dimensions) / _PER_ROW) * _PANEL_H + 14
        table, height = _table(_MARGIN, y, dimensions)
        parts.append(table)
        y += height + 46
    width = _PER_ROW * _PANEL_W + 2 * _MARGIN
    title = "Part of (function, instance, target) triples reached, against evaluations per dimension"
    facts = f"polystepd build {summary.build}; {about.get('profile', '')} profile; " \
            "51 targets from 1e2 to 1e-8 above the optimum"
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y}" '
            f'viewBox="0 0 {width} {y}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif">'
            f'<rect width="{width}" height="{y}" fill="#ffffff"/>')
    return "\n".join([head, _text(_MARGIN, 26, title, 18, "#222222", weight="bold"),
                      _text(_MARGIN, 44, facts, 12, "#666666"), *parts, "</svg>\n"])


def _text(x: float, y: float, text: str, size: float, color: str, anchor: str = "start",
          weight: str = "normal") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{color}" '
            f'text-anchor="{anchor}" font-weight="{weight}">{escape(text)}</text>')


def _line(x1: float, y1: float, x2: float, y2: float, color: str, width: float = 1.0) -> str:
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}" '
            f'stroke-width="{width}"/>')


def _top_of(results: Sequence[Result]) -> float:
    """Where the axis ends: the next tenth above the highest curve."""
    highest = max(max(result.curve()) for result in results)
    return min(1.0, math.floor(highest * 10 + 1.0) / 10)


def _panel(x: float, y: float, dimension: int, results: Sequence[Result]) -> str:
    left, top = x + _LEFT, y + _TOP
    width, height = _PANEL_W - _LEFT - _RIGHT, _PANEL_H - _TOP - _BOTTOM
    highest = _top_of(results)

    def at(evaluations: float, part: float) -> tuple[float, float]:
        return (left + width * math.log10(evaluations) / 3, top + height * (1 - part / highest))

    parts = [_text(left, y + 20, f"{dimension}-D", 13, "#222222", weight="bold")]
    for tenth in range(round(highest * 10) + 1):
        _, line_y = at(1, tenth / 10)
        parts.append(_line(left, line_y, left + width, line_y, "#e6e6e6"))
        parts.append(_text(left - 6, line_y + 4, f"{tenth / 10:.1f}", 10.5, "#555555", "end"))
    for power in range(4):
        line_x, _ = at(10**power, 0)
        parts.append(_line(line_x, top, line_x, top + height, "#e6e6e6"))
        parts.append(_text(line_x, top + height + 15, f"{10**power:,}", 10.5, "#555555", "middle"))
    parts.append(_text(left + width / 2, top + height + 29, "evaluations / D", 10.5, "#555555",
                       "middle"))
    grid = ecdf.log_grid(1000, CURVE_POINTS)
    ends = []
    for result in sorted(results, key=lambda r: r.column.name == "automatic"):
        points = [at(e, p) for e, p in zip(grid, result.curve())]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        thick = 2.6 if result.column.name == "automatic" else 1.5
        color = _COLORS[result.column.name]
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" '
                     f'stroke-width="{thick}" stroke-linejoin="round"/>')
        ends.append((points[-1], result))
    return "\n".join([*parts, *_labels(ends, left + width, top + height)])


def _labels(ends: Sequence[tuple[tuple[float, float], Result]], right: float,
            bottom: float) -> list[str]:
    """Names beside the ends of the lines, moved apart, each joined to its line."""
    ordered = sorted(ends, key=lambda end: end[0][1])
    heights = [end[0][1] for end in ordered]
    for k in range(1, len(heights)):
        heights[k] = max(heights[k], heights[k - 1] + _LABEL_H)
    overhang = heights[-1] - bottom
    for k in range(len(heights) - 1, -1, -1):
        limit = bottom if k == len(heights) - 1 else heights[k + 1] - _LABEL_H
        heights[k] = min(heights[k], limit) if overhang > 0 else heights[k]
    parts = []
    for ((x, y), result), label_y in zip(ordered, heights):
        color = _COLORS[result.column.name]
        parts.append(f'<polyline points="{x:.1f},{y:.1f} {right + 4:.1f},{label_y:.1f} '
                     f'{right + 9:.1f},{label_y:.1f}" fill="none" stroke="{color}" '
                     'stroke-width="0.7" stroke-dasharray="2 2"/>')
        weight = "bold" if result.column.name == "automatic" else "normal"
        parts.append(_text(right + 12, label_y + 3.5, _short(result.column), 10, color,
                           weight=weight))
    return parts


def _short(column: plan.Column) -> str:
    return {"automatic": "automatic (ours)", "population": "population (ours)",
            "block": "block (ours)", "cma-bipop": "pycma BIPOP", "cma": "pycma",
            "reference": "polystep 1.1", "ngopt": "NGOpt", "tpe": "TPE",
            "random": "random"}[column.name]


def _table(x: float, y: float, dimensions: dict[int, list[Result]]) -> tuple[str, float]:
    """Areas at every limit: a row for each column, and three figures a dimension."""
    name_w, cell_w = 210, 58
    longest = max(1, len(dimensions))
    step = min(3 * cell_w + 12, (_PER_ROW * _PANEL_W - name_w) / longest)
    cell_w = int((step - 12) / 3)
    parts = [_text(x, y + 12, "area to 100 D | 300 D | 1000 D", 11.5, "#555555")]
    for index, dimension in enumerate(dimensions):
        parts.append(_text(x + name_w + index * step + 1.5 * cell_w, y + 12, f"{dimension}-D", 12,
                           "#222222", "middle", "bold"))
    parts.append(_line(x, y + 18, x + name_w + longest * step, y + 18, "#bbbbbb"))
    present = {r.column.name for results in dimensions.values() for r in results}
    row_y = y + 18
    for name in (name for name in plan.COLUMNS if name in present):
        row_y += _ROW_H
        parts.append(_text(x, row_y - 5, plan.COLUMNS[name].title, 12, _COLORS[name],
                           weight="bold" if name == "automatic" else "normal"))
        for index, results in enumerate(dimensions.values()):
            for k, limit in enumerate(LIMITS):
                text, weight = _area(results, name, limit)
                parts.append(_text(x + name_w + index * step + (k + 0.85) * cell_w, row_y - 5, text,
                                   11.5, "#222222", "end", weight))
    return "\n".join(parts), row_y - y


def _area(results: Sequence[Result], name: str, limit: int) -> tuple[str, str]:
    result = find(results, name)
    area = result.area(limit) if result else None
    if result is None or area is None:
        return "-", "normal"
    best = is_best(results, area, limit)
    star = "" if len(result.records) == result.wanted else "*"
    return f"{area:.3f}{star}", "bold" if best else "normal"
