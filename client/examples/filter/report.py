#!/usr/bin/env python3
"""What the demo found: components, losses, a plot, a verdict.

    report.py --study STUDY.json --random RANDOM.json --seconds S --svg FILE --simulator COMMAND

STUDY.json is what `polystep study get NAME --json` prints, RANDOM.json what random_search.py makes.
Both designs are simulated again, for the plot and so that the verdict rests on the simulator alone.
Exit code 0 if the study's design meets the mask and the random one is worse, else 1.
"""

import argparse
import json
import pathlib
import subprocess
import sys
from typing import Any

import response_plot

NAMES = [f"{kind}{number}" for kind in "rc" for number in range(1, 7)]  # in the simulator's order
PREFIXES = [
    (1e6, "M"),
    (1e3, "k"),
    (1, ""),
    (1e-3, "m"),
    (1e-6, "\u00b5"),
    (1e-9, "n"),
    (1e-12, "p"),
]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--study", required=True)
    parser.add_argument("--random", required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--svg", type=pathlib.Path, required=True)
    parser.add_argument("--simulator", required=True)
    return parser.parse_args()


def load(path: str) -> dict[str, Any]:
    with open(path, encoding="utf-8") as file:
        document: dict[str, Any] = json.load(file)
    return document


def simulate(simulator: str, option: list[str], values: dict[str, float]) -> str:
    command = [simulator, *option, *(repr(float(values[name])) for name in NAMES)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def loss_of(simulator: str, values: dict[str, float]) -> float:
    return float(simulate(simulator, [], values))


def response_of(simulator: str, values: dict[str, float]) -> list[tuple[float, float]]:
    lines = simulate(simulator, ["--response"], values).splitlines()
    return [(float(hz), float(db)) for hz, db in (line.split() for line in lines)]


def engineering(value: float, unit: str) -> str:
    """4700, "ohm" -> "4.7 kohm"."""
    scale, prefix = next((p for p in PREFIXES if value >= p[0] * 0.9999), PREFIXES[-1])
    return f"{value / scale:.3g} {prefix}{unit}"


def component_table(values: dict[str, float]) -> str:
    cells = {
        name: engineering(values[name], "\u03a9" if name.startswith("r") else "F") for name in NAMES
    }
    rows = ["stage        R in      R out         C feedback   C ground"]
    for stage in range(3):
        first, second = 2 * stage + 1, 2 * stage + 2
        rows.append(
            f"{stage + 1:5}  {cells[f'r{first}']:>10} {cells[f'r{second}']:>10}"
            f"     {cells[f'c{first}']:>14} {cells[f'c{second}']:>10}"
        )
    return "\n".join(rows)


def write_plot(arguments: argparse.Namespace, designs: list[tuple[str, dict[str, float]]]) -> None:
    mask = subprocess.run(
        [arguments.simulator, "--mask"], stdout=subprocess.PIPE, check=True
    ).stdout
    styles = [("#1f6fb2", ""), ("#8a8f98", "7 4")]
    curves = [
        response_plot.Curve(label, color, dashes, response_of(arguments.simulator, values))
        for (label, values), (color, dashes) in zip(designs, styles)
    ]
    arguments.svg.parent.mkdir(parents=True, exist_ok=True)
    picture = response_plot.svg(curves, response_plot.Mask(*map(float, mask.split())))
    arguments.svg.write_text(picture, encoding="utf-8")


def main() -> int:
    arguments = parse_arguments()
    study, random = load(arguments.study), load(arguments.random)
    evaluations = int(study["evaluations"])
    tuned = {p["name"]: p["discrete"] for p in study.get("best", {}).get("parameters", [])}
    if not tuned:
        print(f"demo: FAIL loss=none random={random['loss']:.3f} evaluations={evaluations}")
        return 1
    loss, random_loss = (
        loss_of(arguments.simulator, values) for values in (tuned, random["values"])
    )
    write_plot(
        arguments,
        [
            (f"PolyStep, {evaluations} evaluations: {loss:+.3f} dB", tuned),
            (
                f"random search, {random['evaluations']} evaluations: {random_loss:+.3f} dB",
                random["values"],
            ),
        ],
    )
    print(f"\n{component_table(tuned)}\n")
    print(
        f"worst violation {loss:+.3f} dB after {evaluations} evaluations, {arguments.seconds:.0f} s"
    )
    print(f"random search   {random_loss:+.3f} dB after {random['evaluations']} evaluations")
    print(f"plot            {arguments.svg}\n")
    same_loss = abs(loss - study["best"]["loss"]) < 1e-6
    if not same_loss:
        print(f"the study says {study['best']['loss']}, the simulator {loss}: they must agree")
    passed = same_loss and loss <= 0 and loss < random_loss
    verdict = "PASS" if passed else "FAIL"
    print(f"demo: {verdict} loss={loss:.3f} random={random_loss:.3f} evaluations={evaluations}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
