#!/usr/bin/env python3
"""Uniform random search over the discrete parameters of a study, on the study's simulator.

    random_search.py --study STUDY.json --evaluations N [--seed S] [--slots N] --out FILE
        -- COMMAND [ARG...]

STUDY.json is what `polystep study get NAME --json` prints. COMMAND is called as `polystep worker`
calls it: {name} in an argument is replaced by a value, the loss is the last line of its output.
The result goes to FILE: {"loss": ..., "values": {...}, "evaluations": N, "failed": N}.
"""

import argparse
import concurrent.futures
import json
import random
import subprocess
import sys
import time

PROGRESS_SECONDS = 10


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--study", required=True)
    parser.add_argument("--evaluations", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slots", type=int, default=4)
    parser.add_argument("--out", required=True)
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def evaluate(command: list[str], values: dict[str, float]) -> float | None:
    """The loss at `values`, or None where the command fails."""
    filled = [argument.format_map(values) for argument in command]
    run = subprocess.run(filled, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if run.returncode != 0:
        return None
    return float(run.stdout.split()[-1])


def main() -> int:
    arguments = parse_arguments()
    with open(arguments.study, encoding="utf-8") as file:
        parameters = json.load(file)["spec"]["parameters"]
    generator = random.Random(arguments.seed)
    points = [
        {p["name"]: generator.choice(p["discrete"]["values"]) for p in parameters}
        for _ in range(arguments.evaluations)
    ]
    best_loss, best_values, failed = float("inf"), {}, 0
    start = shown = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(arguments.slots) as executor:
        losses = executor.map(lambda point: evaluate(arguments.command, point), points)
        for count, (values, loss) in enumerate(zip(points, losses), start=1):
            if loss is None:
                failed += 1
            elif loss < best_loss:
                best_loss, best_values = loss, values
            now = time.monotonic()
            if now - shown >= PROGRESS_SECONDS or count == len(points):
                shown, rate = now, count / (now - start)
                text = f"{now - start:5.0f} s {count:7d} evaluations {rate:6.0f}/s"
                print(f"{text}  best {best_loss:8.3f} dB", flush=True)
    if not best_values:
        print("random_search: every evaluation failed", file=sys.stderr)
        return 1
    result = {
        "loss": best_loss,
        "values": best_values,
        "evaluations": len(points),
        "failed": failed,
    }
    with open(arguments.out, "w", encoding="utf-8") as file:
        json.dump(result, file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
