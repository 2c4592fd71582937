"""The scoreboard: the paper's networks, random 3-SAT and policies, ours through the service beside
others on the same evaluator.

Makes the runs that the result folder lacks, one after the other, then writes seeds.json, .md and
.svg. README.md in this folder says how to read them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import curves
import execute
import plan
import summary
from store import Store

ROOT = Path(__file__).resolve().parents[3]


def _list_of(known: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    def parse(text: str) -> tuple[str, ...]:
        names = tuple(text.split(","))
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"no {name!r}; there are {', '.join(known)}")
        return names
    return parse


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench seeds", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", choices=(*plan.PROFILES, "tune"), default="quick",
                        help="default: %(default)s; tune: the grids of the baselines")
    parser.add_argument("--tasks", type=_list_of((*plan.TASKS, "sat", "rl")), default=(),
                        metavar="A,B", help=f"run these only: of {', '.join(plan.TASKS)}, sat, rl")
    parser.add_argument("--methods", type=_list_of(plan.METHODS), default=(), metavar="A,B",
                        help=f"run these only: of {', '.join(plan.METHODS)}")
    parser.add_argument("--evaluations", type=int, metavar="N",
                        help="run networks with this budget only, the same for all methods")
    parser.add_argument("--seeds", type=int, metavar="N", help="1 to N instead of the profile's")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1,
                        help="that evaluate (default: %(default)s)")
    parser.add_argument("--data", help="folder of the IDX files (default: Fashion-MNIST)")
    parser.add_argument("--bin", type=Path, default=ROOT / "build/bin", metavar="FOLDER")
    parser.add_argument("--build", metavar="ID",
                        help="keep results under this name instead of a hash of the programs: for "
                             "builds that are known to search alike, or to report on an earlier one")
    parser.add_argument("--results", type=Path, default=ROOT / "build/bench/seeds",
                        metavar="FOLDER", help="where runs are kept (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=ROOT / "build/bench", metavar="FOLDER",
                        help="where the report goes (default: %(default)s)")
    parser.add_argument("--report-only", action="store_true")
    return parser.parse_args(arguments)


def _kind(job: plan.Job) -> str:
    if job.task.startswith("sat-"):
        return "sat"
    return "rl" if " " in job.task else job.task


def _wanted(options: argparse.Namespace, job: plan.Job) -> bool:
    return (not options.tasks or _kind(job) in options.tasks) and (
        not options.methods or job.method in options.methods)


def _jobs(options: argparse.Namespace, tuned: dict[str, str]) -> Iterable[plan.Job]:
    if options.profile == "tune":
        return plan.tuning_jobs(tuple(plan.TASKS))
    profile = plan.PROFILES[options.profile]
    changes: dict[str, Any] = {}
    if options.evaluations:
        changes = {"equal": options.evaluations, "ours": (), "goal_seeds": 0}
    if options.seeds:
        changes["seeds"] = options.seeds
    return plan.jobs(plan.Profile(**{**vars(profile), **changes}), tuned)


def _build(options: argparse.Namespace, job: plan.Job) -> str:
    if options.build:
        return str(options.build)
    names = execute.programs(job.method, job.task)
    build = execute.build_id(options.bin, names)
    return f"{build}-{Path(options.data).name}" if options.data else build


def _collect(options: argparse.Namespace, store: Store, jobs: Iterable[plan.Job]) -> summary.Results:
    """Results of the jobs, those that are missing made now."""
    results: summary.Results = {}
    for job in jobs:
        build = _build(options, job)
        result = store.load(job, build)
        if result is None and not options.report_only and _wanted(options, job):
            started = time.monotonic()
            result = execute.run(job, options)
            store.add(job, build, result)
            print(f"{job.key}: {result['test']:.2f}, {result['evaluations']:,} evaluations, "
                  f"{time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
        if result is not None:
            results[job] = result
    return results


def _tuned(options: argparse.Namespace) -> dict[str, str]:
    path = options.results / "tuned.json"
    return json.loads(path.read_text()) if path.exists() else plan.TUNED


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is ended, too
    store = Store(options.results)
    results = _collect(options, store, _jobs(options, _tuned(options)))
    if options.profile == "tune":
        best = summary.best_settings(results)
        options.results.mkdir(parents=True, exist_ok=True)
        (options.results / "tuned.json").write_text(json.dumps(best, indent=1) + "\n")
        print(json.dumps(best, indent=1))
        return 0
    about = {"profile": options.profile,
             "machine": f"{os.cpu_count()} cores, {platform.machine()}"}
    options.out.mkdir(parents=True, exist_ok=True)
    for name, text in (("json", json.dumps(summary.to_json(results, about), indent=1)),
                       ("md", summary.markdown(results, about)), ("svg", curves.render(results))):
        path = options.out / f"seeds.{name}"
        path.write_text(text)
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
