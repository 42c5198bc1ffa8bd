"""Simulated curves look like learning, and depend only on the job."""

from __future__ import annotations

from itertools import pairwise
from statistics import mean

import msgspec
import pytest

from finetuning_emulator.http.json_body import decode_job_request
from finetuning_emulator.simulation.dataset import Dataset
from finetuning_emulator.simulation.hyperparameters import Hyperparameters, resolve_auto
from finetuning_emulator.simulation.learning_curves import Curve, fit_curve

DATA = Dataset(examples=60, tokens=15_000, targets=3_000, duplicates=0, digest="5eed" * 8)
NUMBERS = Hyperparameters(n_epochs=3, batch_size=1, learning_rate_multiplier=1.8)


def curve(
    data: Dataset = DATA,
    numbers: Hyperparameters = NUMBERS,
    kind: str = "supervised",
    seed: int = 7,
) -> Curve:
    """Return the curve of a job with a validation file."""
    return fit_curve(kind, data, numbers, seed, validated=True)


def around(curve: Curve, step: int, name: str = "train") -> float:
    """Return the mean of a metric over the ten steps up to this one."""
    return float(mean(getattr(curve.at(number), name) for number in range(step - 9, step + 1)))


@pytest.mark.parametrize("seed", range(20))
def test_training_loss_falls_with_noise(seed: int) -> None:
    """It falls from epoch to epoch, but not at every step."""
    found = curve(seed=seed)
    assert around(found, 10) > around(found, 60) > around(found, 120) > around(found, 180) > 0
    losses = [found.at(step).train for step in range(1, 181)]
    rises = sum(after > before for before, after in pairwise(losses))
    assert 40 < rises < 140


@pytest.mark.parametrize("seed", range(20))
def test_accuracy_rises_between_0_and_1(seed: int) -> None:
    """Accuracy rises while the loss falls, and stays between 0 and 1."""
    found = curve(seed=seed)
    assert around(found, 10, "train_accuracy") < around(found, 180, "train_accuracy")
    assert all(0 <= found.at(step).train_accuracy <= 1 for step in range(1, 181))


def test_little_data_is_memorized_after_many_epochs() -> None:
    """The training loss keeps falling while the validation loss rises."""
    long = msgspec.structs.replace(NUMBERS, n_epochs=20)
    found = curve(numbers=long)
    assert around(found, 1200) < around(found, 120)
    assert around(found, 1200, "valid") > 1.1 * around(found, 120, "valid")


def test_much_data_is_not_memorized() -> None:
    """The gap between training and validation stays small."""
    many = msgspec.structs.replace(DATA, examples=20_000)
    numbers = msgspec.structs.replace(NUMBERS, batch_size=40, n_epochs=2)
    found = curve(many, numbers)
    assert around(found, 1000, "valid") < 1.25 * around(found, 1000)


def test_each_input_changes_the_curve() -> None:
    """Seed, content, size, duplicates, length, method and hyperparameters all have an effect."""
    replace = msgspec.structs.replace
    curves = [
        curve(),
        curve(seed=8),
        curve(replace(DATA, digest="beef" * 8)),
        curve(replace(DATA, examples=600)),
        curve(replace(DATA, duplicates=30)),
        curve(replace(DATA, targets=9_000)),
        curve(kind="dpo"),
        curve(kind="reinforcement"),
        curve(numbers=replace(NUMBERS, batch_size=8)),
        curve(numbers=replace(NUMBERS, learning_rate_multiplier=0.2)),
    ]
    assert len({found.at(5).train for found in curves}) == len(curves)
    assert curve().at(5) == curve().at(5)


def test_duplicates_are_learned_sooner() -> None:
    """Data with duplicates has a lower loss."""
    repeated = msgspec.structs.replace(DATA, duplicates=50)
    assert around(curve(repeated), 60) < around(curve(), 60)


def test_preference_loss_starts_at_log_2_and_rewards_rise() -> None:
    """Before training, neither output is preferred."""
    assert around(curve(kind="dpo"), 10) == pytest.approx(0.693, rel=0.15)
    rewards = curve(kind="reinforcement")
    assert around(rewards, 10) < around(rewards, 180) <= 1


@pytest.mark.parametrize("rate", [1e-300, 1e-9, 1.0, 50.0, 1e300])
@pytest.mark.parametrize("examples", [10, 10_000_000])
def test_extreme_inputs_give_finite_metrics(rate: float, examples: int) -> None:
    """No hyperparameter or size gives NaN or infinity."""
    numbers = msgspec.structs.replace(NUMBERS, learning_rate_multiplier=rate, batch_size=256)
    found = curve(msgspec.structs.replace(DATA, examples=examples), numbers)
    for step in (1, 2, 100, 10**6):
        metrics = found.at(step)
        assert 0 <= metrics.train < 100
        assert 0 <= metrics.train_accuracy <= 1


@pytest.mark.parametrize(
    ("examples", "epochs", "batch"),
    [(10, 10, 1), (20, 5, 1), (60, 3, 1), (1000, 3, 2), (20_000, 1, 40), (10**7, 1, 256)],
)
def test_auto_depends_on_the_size_of_the_data(examples: int, epochs: int, batch: int) -> None:
    """Small files get more epochs, large files larger batches."""
    request = decode_job_request(b'{"model": "gpt-4o-mini", "training_file": "file-1"}')
    data = msgspec.structs.replace(DATA, examples=examples)
    numbers = resolve_auto(request, data, completions=False)
    assert (numbers.n_epochs, numbers.batch_size) == (epochs, batch)
