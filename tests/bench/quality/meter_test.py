import numpy as np
import pytest
from meter import Finished, Meter
from targets import TARGETS


class Sum:
    """Minimum 0 at the origin; told with 1000 added."""

    dimension = 2
    integers = 0
    lower = np.array([-5.0, -5.0])
    upper = np.array([5.0, 5.0])
    is_noisy = False

    def evaluate(self, x: np.ndarray) -> tuple[float, float]:
        gap = float(np.abs(x).sum())
        return gap + 1000, gap


def test_every_call_is_counted() -> None:
    meter = Meter(Sum(), 10)
    assert meter(np.array([1.0, 2.0])) == 1003
    assert list(meter.batch(np.ones((3, 2)))) == [1002] * 3
    assert meter.evaluations == 4


def test_the_budget_is_never_exceeded() -> None:
    meter = Meter(Sum(), 5)
    meter.batch(np.ones((4, 2)))
    with pytest.raises(Finished):
        meter.batch(np.ones((3, 2)))
    assert meter.evaluations == 5
    with pytest.raises(Finished):
        meter(np.zeros(2))
    assert not meter.reached.complete


def test_the_last_target_finishes() -> None:
    meter = Meter(Sum(), 5)
    meter(np.zeros(2))
    assert meter.finished
    assert meter.reached.hits == [1] * len(TARGETS)
    with pytest.raises(Finished):
        meter(np.zeros(2))
