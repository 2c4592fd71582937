"""Tunes a small neural network, without gradients, on four worker processes.

    POLYSTEP_SERVER=HOST:PORT python main.py

The network is a NumPy function of the server's candidates: two weight matrices and the kind of
activation are the parameters. The data are two interleaved half moons.
"""

import uuid

import numpy as np

from polystep_client import Categorical, Real, Study, Tensor


def half_moons(count):
    random = np.random.default_rng(0)
    angle = random.uniform(0, np.pi, count)
    label = random.integers(0, 2, count)
    x = np.where(label, 1 - np.cos(angle), np.cos(angle))
    y = np.where(label, 0.5 - np.sin(angle), np.sin(angle))
    return np.stack([x, y], 1) + random.normal(0, 0.1, (count, 2)), label


POINTS, LABELS = half_moons(200)
ACTIVATIONS = {"tanh": np.tanh, "step": np.sign}


def logits(p, points):
    inputs = np.column_stack([points, np.ones(len(points))])
    hidden = ACTIVATIONS[p["activation"]](p["gain"] * inputs @ p["hidden"])
    return np.column_stack([hidden, np.ones(len(points))]) @ p["out"]


def loss(p):
    """Mean logistic loss; small ones mean that the two moons are told apart."""
    margin = logits(p, POINTS) * (2 * LABELS - 1)
    return float(np.mean(np.logaddexp(0, -margin)))


def main():
    study = Study.create(
        f"half-moons-{uuid.uuid4().hex[:8]}",
        {"hidden": Tensor((3, 6), init="normal"), "out": Tensor((7,), init="normal"),
         "gain": Real(0.1, 10, "log"), "activation": Categorical(["tanh", "step"])},
        max_evaluations=6000, seed=1)
    best = study.minimize(loss, workers=4)
    right = np.mean((logits(best.parameters, POINTS) > 0) == LABELS)
    print(f"best loss {best.loss:.4f}, {right:.1%} of the points told apart, "
          f"activation {best.parameters['activation']}, {study.evaluations} evaluations")


if __name__ == "__main__":
    main()
