"""The quality bench: how good the service's optimizers are beside their peers, at equal evaluations.

Makes the runs that the result folder lacks, then writes quality.json, .md and .svg. README.md in this
folder says how to read them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import campaign
import markdown
import plan
import summary
import svg
from store import Store

ROOT = Path(__file__).resolve().parents[3]
PEERS = ("coco-experiment", "cma", "nevergrad", "optuna", "polystep", "torch", "numpy")


def _names(known: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    def parse(text: str) -> tuple[str, ...]:
        names = tuple(text.split(","))
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"no {name!r}; there are {', '.join(known)}")
        return names
    return parse


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


def _parse(arguments: list[str]) -> argparse.Namespace:
    cores = os.cpu_count() or 1
    parser = argparse.ArgumentParser(
        prog="./dev bench quality", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", choices=plan.PROFILES, default="quick",
                        help="default: %(default)s")
    parser.add_argument("--suites", type=_names(tuple(plan.SUITES)), default=(), metavar="A,B",
                        help=f"of {', '.join(plan.SUITES)}")
    parser.add_argument("--columns", type=_names(tuple(plan.COLUMNS)), default=(), metavar="A,B",
                        help=f"run these only: of {', '.join(plan.COLUMNS)}")
    parser.add_argument("--dimensions", type=_numbers, default=(), metavar="N,N",
                        help="run these only, in this order")
    parser.add_argument("--instances", type=_numbers, default=(), metavar="N,N")
    parser.add_argument("--jobs", type=int, default=cores,
                        help="runs of peers under way at a time (default: %(default)s)")
    parser.add_argument("--studies", type=int, default=4 * cores,
                        help="studies of ours under way at a time (default: %(default)s)")
    parser.add_argument("--polystepd", type=Path, default=ROOT / "build/bin/polystepd",
                        metavar="FILE")
    parser.add_argument("--build", metavar="ID",
                        help="keep ours under this name instead of the program's hash: for builds "
                             "that are known to search alike, or for the report on an earlier one")
    parser.add_argument("--results", type=Path, metavar="FOLDER",
                        default=Path(os.environ.get("POLYSTEP_QUALITY_RESULTS",
                                                    ROOT / "build/bench/quality")),
                        help="where runs are kept; POLYSTEP_QUALITY_RESULTS (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=ROOT / "build/bench", metavar="FOLDER",
                        help="where the report goes (default: %(default)s)")
    parser.add_argument("--no-report", action="store_true")
    parser.add_argument("--report-only", action="store_true")
    parser.add_argument("--coco", action="store_true",
                        help="have COCO's own post-processing make its report, too: minutes")
    return parser.parse_args(arguments)


def _version(package: str) -> str:
    try:
        return f"{package} {metadata.version(package)}"
    except metadata.PackageNotFoundError:
        return f"{package} not installed"


def _cost(store: Store, build: str) -> dict[str, dict[str, float]]:
    """By column: what all sessions took, those of the quick profile included."""
    costs: dict[str, dict[str, float]] = {}
    for session in store.sessions():
        name, _, of_build = session.algorithm.partition("@")
        if of_build not in ("", build):
            continue
        cost = costs.setdefault(name, {"evaluations": 0, "hours": 0.0, "evaluations_per_s": 0,
                                       "jobs": session.jobs})
        cost["evaluations"] += session.evaluations
        cost["hours"] += session.seconds / 3600
        cost["evaluations_per_s"] = round(cost["evaluations"] / max(1e-9, cost["hours"] * 3600))
    return costs


def _report(options: argparse.Namespace, store: Store, build: str) -> None:
    profile = plan.PROFILES[options.profile]
    instances = options.instances or profile.instances
    found = summary.summarize(store, list(plan.cells(profile, options.suites, (), ())), instances,
                              build)
    about: dict[str, object] = {
        "profile": options.profile, "build": build, "machine": f"{os.cpu_count()} cores, "
        f"{platform.machine()}", "packages": ", ".join(_version(package) for package in PEERS),
        "cost": _cost(store, build)}
    options.out.mkdir(parents=True, exist_ok=True)
    for name, text in (("json", json.dumps(summary.to_json(found, about), indent=1)),
                       ("md", markdown.render(found, about)), ("svg", svg.render(found, about))):
        path = options.out / f"quality.{name}"
        path.write_text(text)
        print(path)
    if options.coco:
        import coco_export
        print(*coco_export.post_process(found, options.out / "quality-coco"), sep="\n")


def _build_id(options: argparse.Namespace) -> str:
    if options.build:
        return str(options.build)
    if not options.polystepd.exists():
        return "none"
    import service
    return service.build_id(options.polystepd)


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is ended, too
    profile = plan.PROFILES[options.profile]
    store = Store(options.results)
    build = _build_id(options)
    if not options.report_only:
        cells = list(plan.cells(profile, options.suites, options.columns, options.dimensions))
        campaign.run(
            campaign.Campaign(store, cells, options.instances or profile.instances,
                              options.jobs, options.studies), build, options.polystepd)
    if not options.no_report:
        _report(options, store, build)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
