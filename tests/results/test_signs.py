"""Signs of problems in training are found on seeded noisy curves, and not on healthy ones."""

from __future__ import annotations

import math
import pickle
from typing import Any

import pytest

from finetuning_client import MetricRow
from finetuning_client.results.signs import Sign, find_signs

from .conftest import Course, noisy, snapshot


def falling(start: float, floor: float, rate: float) -> Course:
    """Return the function of a loss that falls to a floor."""
    return lambda x: floor + (start - floor) * math.exp(-rate * x)


def turning(floor: float) -> Course:
    """Return the function of a validation loss that rises again from 0.4 on."""
    return lambda x: floor + 1.2 * math.exp(-6 * x) + 0.6 * max(0.0, x - 0.4)


def only(rows: list[MetricRow]) -> Sign:
    """Return the only sign of rows."""
    [sign] = find_signs(rows, epochs=5)
    return sign


SEEDS = range(5)


@pytest.mark.parametrize("steps", [10, 60, 400])
@pytest.mark.parametrize("noise", [0.02, 0.1, 0.2])
def test_healthy_curves_have_no_signs(steps: int, noise: float) -> None:
    """Losses that fall and flatten and rewards that rise and flatten have none, with any noise."""
    for seed in SEEDS:
        loss = noisy(
            steps,
            seed=seed,
            noise=noise,
            train_loss=falling(2.1, 0.6, 8),
            valid_loss=falling(2.1, 0.65, 8),
            full_valid_loss=falling(2.1, 0.65, 8),
        )
        reward = noisy(
            steps,
            seed=seed,
            noise=noise / 2,
            train_mean_reward=falling(0.3, 0.8, 8),
            valid_mean_reward=falling(0.3, 0.75, 8),
            train_accuracy=falling(0.3, 0.85, 8),
        )
        assert find_signs(loss) == [] and find_signs(reward) == [], seed


def test_a_job_without_rows_has_no_signs() -> None:
    """A job with one known step has none either."""
    assert find_signs([]) == [] == find_signs([MetricRow(step=1, train_loss=2.0)])


@pytest.mark.parametrize("seed", SEEDS)
def test_overfitting_names_the_best_step_and_fewer_epochs(seed: int) -> None:
    """The validation loss rises while the training loss continues to fall."""
    rows = noisy(300, seed=seed, train_loss=falling(2.2, 0.2, 4), full_valid_loss=turning(0.8))
    sign = only(rows)
    assert sign.code == "overfitting" and sign.numbers["best_step"] == 120
    assert sign.numbers["last_valid_loss"] > sign.numbers["best_valid_loss"]
    assert sign.numbers["train_loss_at_best"] > sign.numbers["last_train_loss"]
    assert "n_epochs=2" in sign.advice and "step 120" in sign.advice


@pytest.mark.parametrize("seed", SEEDS)
def test_overfitting_is_found_in_noisy_batches(seed: int) -> None:
    """The job has no loss over the complete validation file."""
    rows = noisy(400, seed=seed, train_loss=falling(2.2, 0.2, 4), valid_loss=turning(0.8))
    assert only(rows).code == "overfitting"


@pytest.mark.parametrize("seed", SEEDS)
def test_divergence_is_a_training_loss_that_rises(seed: int) -> None:
    """It is reported before any other sign."""
    rows = noisy(200, seed=seed, train_loss=lambda x: falling(2.1, 0.6, 8)(x) + 6 * max(0.0, x - 0.6))
    sign = only(rows)
    assert sign.code == "divergence" and sign.numbers["last"] > sign.numbers["best"]
    assert "learning_rate_multiplier" in sign.advice


def test_divergence_is_a_loss_that_becomes_nan() -> None:
    """The reader of result files gives such cells as empty."""
    rows = [MetricRow(step=n, train_loss=2.0 if n < 40 else None, train_accuracy=0.5) for n in range(1, 50)]
    sign = only(rows)
    assert sign.code == "divergence" and sign.numbers["last_finite_step"] == 39


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e308])
def test_values_that_cannot_be_summed_are_a_divergence(value: float) -> None:
    """Rows made by hand may have them, and so may files of a server with an overflow."""
    rows = [MetricRow(step=n, train_loss=2.0 - n / 40 if n < 40 else value) for n in range(1, 50)]
    assert only(rows).code == "divergence"
    assert find_signs([MetricRow(step=n, train_loss=value) for n in range(1, 50)]) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_loss_that_has_converged_needs_no_more_epochs(seed: int) -> None:
    """Its relative decrease is still large, but small compared with the total decrease."""
    rows = noisy(300, seed=seed, noise=0.02, train_loss=falling(2.3, 0.3, 6))
    assert find_signs(rows, epochs=3) == []


def test_a_constant_loss_of_zero_means_known_answers() -> None:
    """A larger learning rate would not help."""
    sign = only([MetricRow(step=n, train_loss=0.0) for n in range(1, 50)])
    assert sign.code == "plateau" and "gave these answers before" in sign.advice


@pytest.mark.parametrize("seed", SEEDS)
def test_too_few_epochs_is_a_loss_that_still_falls(seed: int) -> None:
    """The advice names a number of epochs; a running job is not judged."""
    rows = noisy(200, seed=seed, train_loss=lambda x: 2.5 - 1.4 * x)
    sign = only(rows)
    assert sign.code == "too_few_epochs" and "n_epochs=8" in sign.advice
    assert find_signs(rows, has_ended=False) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_plateau_is_a_loss_that_never_fell(seed: int) -> None:
    """The advice depends on whether the model learned anything before."""
    sign = only(noisy(300, seed=seed, noise=0.05, train_loss=lambda _: 2.0))
    assert sign.code == "plateau" and "Nothing was learned" in sign.advice
    sign = only(noisy(1000, seed=seed, noise=0.05, train_loss=lambda x: 1.2 + 4 * max(0.0, 0.2 - x)))
    assert sign.code == "plateau" and "Fewer epochs" in sign.advice


@pytest.mark.parametrize("against", ["valid_mean_reward", "train_accuracy"])
@pytest.mark.parametrize("seed", SEEDS)
def test_gamed_reward_rises_while_validation_or_accuracy_falls(against: str, seed: int) -> None:
    """The grader rewards other outputs than those that are wanted."""
    courses: dict[str, Any] = {
        "train_mean_reward": lambda x: 0.2 + 0.7 * x,
        against: lambda x: 0.2 + 0.5 * x if x < 0.5 else 0.45 - 0.5 * (x - 0.5),
    }
    sign = only(noisy(200, seed=seed, **courses))
    assert sign.code == "gamed_reward" and "grader" in sign.advice
    assert sign.numbers["train_reward_after"] > sign.numbers["train_reward_before"]


def test_a_snapshot_has_its_epochs_and_can_be_pickled() -> None:
    """The number of epochs is that of the job's method."""
    taken = snapshot(noisy(200, train_loss=lambda x: 2.5 - 1.4 * x))
    assert pickle.loads(pickle.dumps(taken)).signs == taken.signs
    assert "n_epochs=4" in taken.signs[0].advice
    assert str(taken.signs[0]).startswith("too_few_epochs: The training loss was still improving")
