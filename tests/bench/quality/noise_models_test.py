import noise_models
import numpy as np
import pytest


def draws(model: int, gap: float = 1.0, count: int = 4000) -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.array([noise_models.told(gap, 10, model, rng) for _ in range(count)])


def test_functions_are_those_of_bbob_noisy() -> None:
    assert noise_models.parts(107) == (1, 0)   # sphere, Gaussian
    assert noise_models.parts(111) == (8, 1)   # Rosenbrock, uniform
    assert noise_models.parts(130) == (21, 2)  # Gallagher, Cauchy


@pytest.mark.parametrize("model", range(3))
def test_within_the_last_target_there_is_no_noise(model: int) -> None:
    assert noise_models.told(5e-9, 10, model, np.random.default_rng(1)) == 5e-9


def test_gaussian_has_the_gap_as_its_median() -> None:
    assert np.median(draws(0)) == pytest.approx(1.0, rel=0.05)
    assert np.std(np.log(draws(0))) == pytest.approx(1.0, rel=0.05)


def test_uniform_may_be_far_above_but_never_below_zero() -> None:
    values = draws(1)
    assert values.min() >= 0
    assert values.max() > 1000


def test_cauchy_is_an_outlier_in_one_of_five() -> None:
    values = draws(2)
    assert np.mean(np.abs(values - 1001) > 1e-6) == pytest.approx(0.2, abs=0.03)
    assert values.min() >= 1.0
