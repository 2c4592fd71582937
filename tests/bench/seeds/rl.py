#!/usr/bin/env python3
"""Reinforcement learning through the service: tasks x policies x seeds, as JSON and a Markdown table.

    tests/bench/seeds/rl.py [--tasks cartpole,acrobot] [--policies float,int8,binary] [--seeds 5]

Each run has a polystepd and a polystep-rl, processes of their own. Writes rl.json and rl.md to --out;
runs that rl.json has already are not made again, unless the programs changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# What a task is to reach on the test, and published PolyStep at the same candidates
# (arXiv 2605.01928: 3 seeds, the best step of a run).
GOALS = {"cartpole": 500.0, "acrobot": -80.0}


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", default="cartpole,acrobot")
    parser.add_argument("--policies", default="float,int8,binary")
    parser.add_argument("--seeds", type=int, default=5, help="1 to this many (default 5)")
    parser.add_argument("--slots", type=int, default=1, help="threads of a worker (default 1)")
    parser.add_argument("--bin", type=Path, default=ROOT / "build/bin")
    parser.add_argument("--out", type=Path, default=ROOT / "build/bench")
    return parser.parse_args()


def build_id(folder: Path) -> str:
    """Names the programs that results belong to."""
    digest = hashlib.sha256()
    for program in ("polystepd", "polystep-rl"):
        digest.update((folder / program).read_bytes())
    return digest.hexdigest()[:12]


def run(options: argparse.Namespace, task: str, policy: str, seed: int) -> dict:
    """One study on a server of its own; polystep-rl's report."""
    with tempfile.TemporaryDirectory() as data:
        server = subprocess.Popen(
            [options.bin / "polystepd", "--listen", "127.0.0.1:0", "--data", data],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            address = server.stdout.readline().split()[-1]
            worker = subprocess.run(
                [options.bin / "polystep-rl", "--task", task, "--policy", policy, "--json",
                 "--seed", str(seed), "--slots", str(options.slots), "--server", address],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
        finally:
            server.terminate()
            server.wait()
    return {"policy": policy, "seed": seed, **json.loads(worker.stdout), "task": task}


def spread(values: list[float], digits: int) -> str:
    """Mean and sample standard deviation."""
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):,.{digits}f} ± {deviation:,.{digits}f}"


def table(runs: list[dict]) -> str:
    """A row for every task and policy."""
    lines = ["| task | policy | test return | worst, best seed | validation | goal | seeds at the goal "
             "| evaluations | seconds |", "|---|---|---|---|---|---|---|---|---|"]
    for task, policy in dict.fromkeys((r["task"], r["policy"]) for r in runs):
        rows = [r for r in runs if (r["task"], r["policy"]) == (task, policy)]
        test = [r["test"] for r in rows]
        goal = GOALS[task]
        reached = sum(value >= goal for value in test)
        lines.append(
            f"| {task} | {policy} | {spread(test, 1)} | {min(test):.1f}, {max(test):.1f} "
            f"| {spread([r['validation'] for r in rows], 1)} | {goal:.0f} | {reached} of {len(rows)} "
            f"| {spread([r['evaluations'] for r in rows], 0)} "
            f"| {spread([r['seconds'] for r in rows], 1)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    options = parse_arguments()
    build = build_id(options.bin)
    options.out.mkdir(parents=True, exist_ok=True)
    results = options.out / "rl.json"
    runs = []
    if results.exists():
        kept = json.loads(results.read_text())
        runs = kept["runs"] if kept["build"] == build else []
    done = {(r["task"], r["policy"], r["seed"]) for r in runs}
    for task in options.tasks.split(","):
        for policy in options.policies.split(","):
            for seed in range(1, options.seeds + 1):
                if (task, policy, seed) in done:
                    continue
                runs.append(run(options, task, policy, seed))
                print(f"{task} {policy} seed {seed}: test {runs[-1]['test']:.1f}", file=sys.stderr)
                results.write_text(json.dumps({"build": build, "runs": runs}, indent=1) + "\n")
    (options.out / "rl.md").write_text(table(runs))
    print(table(runs), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
