"""Runs a job: ours through a polystepd of its own, in a process of its own; the others by the bench
programs. Results are dictionaries: test and validation accuracy in percent, evaluations, seconds,
curve (a list of evaluations, seconds, validation loss, validation accuracy or None)."""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import plan
import rl

SCORES = 60  # points of a curve

_BETTER = re.compile(r"([\d.]+) s +(\d+) evaluations: validation loss ([\d.]+)"
                     r"(?:, accuracy ([\d.]+) %)?")
_END = re.compile(r"(\d+) evaluations, \d+ of this process, (\d+) steps, ([\d.]+) s")
_SCORE = re.compile(r"^(validation|test) +loss ([\d.]+), accuracy ([\d.]+) %", re.MULTILINE)
_MAXSAT = re.compile(r"^c (\d+) evaluations of the study, .* steps, ([\d.]+) s$", re.MULTILINE)
_CHECKED = re.compile(r"([\d.]+) % satisfied")


def parse_nets(text: str) -> dict[str, Any]:
    """What polystep-nets printed."""
    curve = [[int(evaluations), float(seconds), float(loss), float(right) if right else None]
             for seconds, evaluations, loss, right in _BETTER.findall(text)]
    end = _END.search(text)
    scores = {part: float(right) for part, _, right in _SCORE.findall(text)}
    if end is None or scores.keys() != {"validation", "test"}:
        raise ValueError(f"polystep-nets printed no result:\n{text}")
    return {"test": scores["test"], "validation": scores["validation"],
            "evaluations": int(end[1]), "steps": int(end[2]), "seconds": float(end[3]),
            "curve": curve}


def parse_lines(text: str) -> dict[str, Any]:
    """The JSON lines of baseline_bench and gradient_bench."""
    points = [json.loads(line) for line in text.splitlines()]
    if not points or not points[-1].get("done"):
        raise ValueError("the program did not end its run")
    best = min(points, key=lambda point: point["validation_loss"])
    last = points[-1]
    return {"test": 100 * last["test"], "test_by_accuracy": 100 * last["test_by_accuracy"],
            "validation": 100 * best["validation"], "evaluations": last["evaluations"],
            "seconds": last["seconds"], "idle": last["idle"],
            "curve": [[p["evaluations"], p["seconds"], p["validation_loss"],
                       round(100 * p["validation"], 2)] for p in points]}


def programs(method: str, task: str) -> tuple[str, ...]:
    """The programs that a result depends on."""
    if task.startswith("sat-"):
        return ("polystepd", "polystep-maxsat")
    if " " in task:
        return ("polystepd", "polystep-rl")
    if method in ("ours", "paper"):
        return ("polystepd", "polystep-nets")
    return ("gradient_bench",) if method == "adam" else ("baseline_bench",)


@functools.cache
def build_id(folder: Path, names: tuple[str, ...]) -> str:
    """Names the programs that results belong to."""
    digest = hashlib.sha256()
    for name in names:
        program = folder / name
        digest.update(program.read_bytes() if program.exists() else b"")
    return digest.hexdigest()[:10]


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """The address of a polystepd of its own, whose data are gone afterwards."""
    with tempfile.TemporaryDirectory() as data:
        server = subprocess.Popen(
            [folder / "polystepd", "--listen", "127.0.0.1:0", "--data", data],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            assert server.stdout is not None
            yield server.stdout.readline().split()[-1]
        finally:
            server.terminate()
            server.wait()


def _output(command: list[Any]) -> str:
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed with {done.returncode}: {done.stderr}")
    return done.stdout


def _network(job: plan.Job, options: argparse.Namespace) -> dict[str, Any]:
    common = ["--task", job.task, "--seed", job.seed, "--evaluations", job.evaluations]
    if options.data:
        common += ["--data", options.data]
    if job.method in ("ours", "paper"):
        extra = ["--optimizer", job.settings] if job.method == "paper" else job.settings.split()
        with _server(options.bin) as address:
            return parse_nets(_output([options.bin / "polystep-nets", *common, "--slots",
                                       options.threads, "--server", address, *extra]))
    bench = (["gradient_bench"] if job.method == "adam" else
             ["baseline_bench", "--method", job.method])
    return parse_lines(_output([options.bin / bench[0], *bench[1:], *common, "--threads",
                                options.threads, "--scores", SCORES, *job.settings.split()]))


def _formula(job: plan.Job, options: argparse.Namespace) -> dict[str, Any]:
    """job.seed is the instance's and the search's."""
    with tempfile.TemporaryDirectory() as folder, _server(options.bin) as address:
        file = Path(folder) / "formula.cnf"
        file.write_text(_output([options.bin / "polystep-maxsat-generate", "--variables",
                                 job.task.removeprefix("sat-"), "--ratio", 4.27, "--seed",
                                 job.seed]))
        printed = _output([options.bin / "polystep-maxsat", file, "--server", address, "--workers",
                           options.threads, "--seed", job.seed, "--max-evaluations",
                           job.evaluations, "--time-limit", 3600])
        check = subprocess.run([options.bin / "polystep-maxsat-check", file], input=printed,
                               stdout=subprocess.PIPE, text=True, check=True).stdout
    return {"test": float(_CHECKED.search(check)[1]), **_maxsat_cost(printed)}  # type: ignore[index]


def _maxsat_cost(printed: str) -> dict[str, Any]:
    """From polystep-maxsat's last comments."""
    found = _MAXSAT.search(printed)
    if found is None:
        raise ValueError("polystep-maxsat printed no evaluations")
    return {"evaluations": int(found[1]), "seconds": float(found[2])}


def run(job: plan.Job, options: argparse.Namespace) -> dict[str, Any]:
    """Runs it; its result."""
    if job.task.startswith("sat-"):
        return _formula(job, options)
    if " " in job.task:
        task, policy = job.task.split()
        return rl.run(argparse.Namespace(bin=options.bin, slots=1), task, policy, job.seed)
    return _network(job, options)
