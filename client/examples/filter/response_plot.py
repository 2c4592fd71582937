"""Frequency responses against the mask as a hand-written SVG: the whole range, and the pass band.

`svg(curves, mask)` is all there is to call; it touches no files.
"""

import dataclasses
import math
from html import escape

TITLE = "Sixth-order active low-pass filter"
WIDTH, HEIGHT = 960, 720
INK, MUTED, GRID, GRID_FINE = "#1f2933", "#616e7c", "#cbd2d9", "#e9edf0"
FORBIDDEN, FORBIDDEN_EDGE = "#fbe3e1", "#c0392b"


@dataclasses.dataclass(frozen=True)
class Mask:
    """Within +- pass_db up to pass_hz; at least stop_db down from stop_hz on."""

    pass_hz: float
    pass_db: float
    stop_hz: float
    stop_db: float


@dataclasses.dataclass(frozen=True)
class Curve:
    """A response; `points` are (hertz, decibels) by ascending frequency."""

    label: str
    color: str
    dashes: str
    points: list[tuple[float, float]]


@dataclasses.dataclass(frozen=True)
class Panel:
    """A plot area: its place on the page in pixels, the range of its axes (log hertz, decibels)."""

    title: str
    top: int
    height: int
    hz: tuple[float, float]
    db: tuple[float, float]
    db_step: float
    left: int = 78
    width: int = WIDTH - 78 - 32

    def x(self, hz: float) -> float:
        low, high = math.log10(self.hz[0]), math.log10(self.hz[1])
        return self.left + self.width * (math.log10(hz) - low) / (high - low)

    def y(self, db: float) -> float:
        return self.top + self.height * (self.db[1] - db) / (self.db[1] - self.db[0])


def _hertz_text(hz: float) -> str:
    return f"{hz / 1000:g} kHz" if hz >= 1000 else f"{hz:g} Hz"


def _text(x: float, y: float, text: str, anchor: str = "middle", extra: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {extra}>{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, color: str) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{color}"/>'


def _frequency_axis(panel: Panel) -> list[str]:
    parts, bottom = [], panel.top + panel.height
    for decade in range(7):
        for digit in range(1, 10):
            hz = digit * 10.0**decade
            if not panel.hz[0] * 0.999 <= hz <= panel.hz[1] * 1.001:
                continue
            color = GRID if digit in (1, 2, 5) else GRID_FINE
            parts.append(_line(panel.x(hz), panel.top, panel.x(hz), bottom, color))
            if digit in (1, 2, 5):
                parts.append(_text(panel.x(hz), bottom + 18, _hertz_text(hz)))
    return parts


def _decibel_axis(panel: Panel) -> list[str]:
    parts, right = [], panel.left + panel.width
    steps = round((panel.db[1] - panel.db[0]) / panel.db_step)
    for step in range(steps + 1):
        db = panel.db[0] + step * panel.db_step
        parts.append(_line(panel.left, panel.y(db), right, panel.y(db), GRID))
        parts.append(
            _text(panel.left - 8, panel.y(db) + 4, f"{db:g}".replace("-", "\u2212"), "end")
        )
    middle = panel.top + panel.height / 2
    turn = f'transform="rotate(-90 22 {middle:.1f})" fill="{MUTED}"'
    parts.append(_text(22, middle, "gain in dB", extra=turn))
    return parts


def _mask_areas(panel: Panel, mask: Mask) -> list[str]:
    """What a response must stay out of, as far as the panel shows it."""
    areas = [  # hertz from and to, decibels from and to
        (panel.hz[0], mask.pass_hz, mask.pass_db, panel.db[1]),
        (panel.hz[0], mask.pass_hz, panel.db[0], -mask.pass_db),
        (mask.stop_hz, panel.hz[1], -mask.stop_db, panel.db[1]),
    ]
    parts = []
    for hz_from, hz_to, db_from, db_to in areas:
        if hz_from >= panel.hz[1]:
            continue
        x, y = panel.x(hz_from), panel.y(db_to)
        width, height = panel.x(min(hz_to, panel.hz[1])) - x, panel.y(db_from) - y
        parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
            f' fill="{FORBIDDEN}" stroke="{FORBIDDEN_EDGE}" stroke-width="1.2"/>'
        )
    return parts


def _curve(panel: Panel, curve: Curve) -> str:
    points = [(hz, db) for hz, db in curve.points if panel.hz[0] / 1.1 <= hz <= panel.hz[1] * 1.1]
    # Far outside of the panel a value only has to stay outside; huge coordinates upset viewers.
    span = panel.db[1] - panel.db[0]
    low, high = panel.db[0] - span, panel.db[1] + span
    path = "L".join(
        f"{panel.x(hz):.2f} {panel.y(min(max(db, low), high)):.2f}" for hz, db in points
    )
    dashes = f' stroke-dasharray="{curve.dashes}"' if curve.dashes else ""
    return (
        f'<path d="M{path}" stroke="{curve.color}" stroke-width="2.4" stroke-linejoin="round"'
        f'{dashes} clip-path="url(#panel{panel.top})"/>'
    )


def _panel(panel: Panel, curves: list[Curve], mask: Mask) -> list[str]:
    frame = f'x="{panel.left}" y="{panel.top}" width="{panel.width}" height="{panel.height}"'
    clip = f'clip-path="url(#panel{panel.top})"'
    return [
        f'<clipPath id="panel{panel.top}"><rect {frame}/></clipPath>',
        f'<g font-size="12" fill="{MUTED}">',
        *_frequency_axis(panel),
        *_decibel_axis(panel),
        "</g>",
        f'<g {clip} fill-opacity="0.75">',
        *_mask_areas(panel, mask),
        "</g>",
        '<g fill="none">',
        *(_curve(panel, curve) for curve in curves),
        "</g>",
        f'<rect {frame} fill="none" stroke="{MUTED}"/>',
        _text(panel.left, panel.top - 10, panel.title, "start", 'font-size="14" font-weight="600"'),
    ]


def _legend(curves: list[Curve], x: float, y: float) -> list[str]:
    """Rows of a sample of the line and its label, the mask last."""
    width = 52 + 7.0 * max(len(curve.label) for curve in curves)
    height = 22 * len(curves) + 30
    parts = [
        f'<rect x="{x - 10:.1f}" y="{y - 16:.1f}" width="{width:.1f}" height="{height}" rx="4"'
        + f' fill="#ffffff" stroke="{GRID}"/>'
    ]
    for row, curve in enumerate(curves):
        middle = y + 22 * row
        dashes = f' stroke-dasharray="{curve.dashes}"' if curve.dashes else ""
        parts.append(
            f'<path d="M{x:.1f} {middle:.1f}h26" stroke="{curve.color}" stroke-width="2.4"'
            + f"{dashes}/>"
        )
        parts.append(_text(x + 34, middle + 4, curve.label, "start"))
    middle = y + 22 * len(curves)
    parts.append(
        f'<rect x="{x:.1f}" y="{middle - 7:.1f}" width="26" height="14" fill="{FORBIDDEN}"'
        f' stroke="{FORBIDDEN_EDGE}"/>'
    )
    parts.append(_text(x + 34, middle + 4, "outside of the mask", "start"))
    return parts


def svg(curves: list[Curve], mask: Mask) -> str:
    """The document. The first curve is drawn on top."""
    whole = Panel("Response", 64, 330, (50, 20000), (-80, 10), 10)
    zoom = Panel("Pass band", 470, 200, (50, 2000), (-2, 2), 0.5)
    drawn = list(reversed(curves))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}"'
        + f' height="{HEIGHT}" font-family="DejaVu Sans, Verdana, sans-serif" font-size="13"'
        + f' fill="{INK}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        _text(78, 30, TITLE, "start", 'font-size="18" font-weight="600"'),
        *_panel(whole, drawn, mask),
        *_panel(zoom, drawn, mask),
        *_legend(curves, whole.left + 24, whole.y(-80) - 22 * len(curves) - 24),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
