"""Writes runs in COCO's own data format ("bbob-new2"), and has COCO's post-processing, cocopp, make
its report of them.

A line of COCO's data is an evaluation that reached a target, so the first hits are all that its
runtime distributions over the same 51 targets need.
"""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Sequence
from pathlib import Path

from runs import Record
from summary import Result, Summary
from targets import TARGETS

SUITES = ("bbob", "bbob-mixint")  # those that cocopp knows
_BELOW = 1 - 1e-8  # gaps are written with ten digits: not rounded above the target they reached


def write(folder: Path, suite: str, results: Sequence[Result]) -> None:
    """One column's runs in the dimensions of a suite, in `folder`."""
    functions = sorted({p.function for result in results for p in result.records})
    for function in functions:
        sections = []
        for result in results:
            records = [r for p, r in sorted(result.records.items()) if p.function == function]
            if records:
                sections.append(_section(folder, suite, function, result, records))
        (folder / f"bbobexp_f{function}.info").write_text("\n".join(sections) + "\n")


def _section(folder: Path, suite: str, function: int, result: Result,
             records: Sequence[Record]) -> str:
    stem = f"data_f{function}/bbobexp_f{function}_DIM{result.dimension}"
    text = "".join(_trial(record) for record in records)
    for ending in (".dat", ".tdat"):
        path = folder / (stem + ending)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    trials = ", ".join(f"{r.instance}:{r.evaluations}|{r.best_gap:.1e}" for r in records)
    return (f"suite = '{suite}', funcId = {function}, DIM = {result.dimension}, "
            f"Precision = 1.000e-08, algId = '{result.column.title}', coco_version = '2.8.2', "
            "logger = 'bbob', data_format = 'bbob-new2', settings = ''\n%\n"
            f"{stem}.dat, {trials}")


def _trial(record: Record) -> str:
    lines = ["% f evaluations | g evaluations | best noise-free fitness - Fopt (0) + sum g_i+ | "
             "measured fitness | best measured fitness or single-digit g-values | x1 | x2..."]
    reached = {hit: TARGETS[k] * _BELOW for k, hit in enumerate(record.hits)}
    reached[record.evaluations] = min(record.best_gap, reached.get(record.evaluations, float("inf")))
    for evaluation, gap in sorted(reached.items()):
        lines.append(f"{evaluation} 0 {gap:+.9e} {gap:+.9e} {gap:+.9e}")
    return "\n".join(lines) + "\n"


def post_process(summary: Summary, folder: Path) -> list[Path]:
    """Reports of cocopp below `folder`, a page for each suite that it knows; replaces earlier ones."""
    pages = []
    shutil.rmtree(folder, ignore_errors=True)
    for suite in SUITES:
        columns: dict[str, list[Result]] = {}
        for results in summary.results.get(suite, {}).values():
            for result in results:
                columns.setdefault(result.column.name, []).append(result)
        if columns:
            for name, results in columns.items():
                write(folder / "data" / suite / name, suite, results)
            sources = [str(folder / "data" / suite / name) for name in columns]
            pages.append(_report(sources, folder / suite))
    return pages


def _report(sources: Sequence[str], out: Path) -> Path:
    import cocopp

    out.mkdir(parents=True, exist_ok=True)
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(said):
        cocopp.genericsettings.interactive_mode = False
        cocopp.main(["-o", str(out), *sources])
    (out / "cocopp.log").write_text(said.getvalue())
    return out / "index.html"
