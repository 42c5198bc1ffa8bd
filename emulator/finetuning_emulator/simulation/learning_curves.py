"""Simulated learning curves: the metrics of any step, computed from that step's number alone.

They are not measurements. They depend only on the data (size, length, duplicates), the method, the
hyperparameters and the seed, so the same job always has the same metrics.
"""

from __future__ import annotations

import math

import msgspec

from finetuning_emulator.simulation.dataset import Dataset
from finetuning_emulator.simulation.hyperparameters import Hyperparameters

__all__ = ["Curve", "Metrics", "fit_curve"]

_DEFAULT_RATE_MULTIPLIER = 1.8
_WORD = (1 << 64) - 1


class Metrics(msgspec.Struct, frozen=True):
    """The simulated metrics of one step: losses (or rewards), and accuracies from 0 to 1.

    The validation metrics are None without a validation file; those over the full file are also None except
    at the end of an epoch.
    """

    train: float
    train_accuracy: float
    valid: float | None = None
    valid_accuracy: float | None = None
    full_valid: float | None = None
    full_valid_accuracy: float | None = None


class Curve(msgspec.Struct, frozen=True):
    """The parameters of a job's curves.

    The loss falls from `start` to `floor` over about `scale` examples. The training loss falls
    further on examples that are memorised; with many epochs and little data (`capacity` near 1) the
    validation loss rises in return.
    """

    key: int
    kind: str
    start: float
    floor: float
    scale: float
    capacity: float
    rate: float
    noise: float
    batch: int
    steps_per_epoch: int
    validated: bool

    def at(self, step: int) -> Metrics:
        """Return the metrics of a step, counted from 1."""
        general = self._general(step)
        memorised = self._memorised(step)
        train = general * (1 - 0.75 * memorised)
        train *= math.exp(self.noise * self._normal(step, 0))
        measured = self._measured(train, step, 1)
        if not self.validated:
            return Metrics(*measured)
        validation = general * 1.06 * (1 + 0.9 * max(0.0, memorised - 0.55) ** 2 * 4)
        valid = validation * math.exp(0.8 * self.noise * self._normal(step, 2))
        full: tuple[float | None, float | None] = (None, None)
        if step % self.steps_per_epoch == 0:
            full = self._measured(validation * math.exp(0.01 * self._normal(step, 4)), step, 5)
        return Metrics(*measured, *self._measured(valid, step, 3), *full)

    def _general(self, step: int) -> float:
        """Return the loss after this many steps of a model that memorises nothing."""
        seen = step * self.batch * self.rate
        return self.floor + (self.start - self.floor) * math.exp(-seen / self.scale)

    def _memorised(self, step: int) -> float:
        repeats = max(0.0, step / self.steps_per_epoch - 1)
        return self.capacity * (1 - math.exp(-0.5 * self.rate * repeats))

    def _measured(self, loss: float, step: int, channel: int) -> tuple[float, float]:
        loss = max(0.0, loss)
        wobble = 0.15 * self.noise * self._normal(step, channel)
        if self.kind == "supervised":
            accuracy = math.exp(-0.42 * loss) + wobble
        else:
            accuracy = 0.96 - 0.46 * min(1.6, loss / self.start) + wobble
        accuracy = min(1.0, max(0.0, accuracy))
        if self.kind == "reinforcement":
            return round(accuracy * 0.9, 5), round(accuracy, 5)
        return round(loss, 5), round(accuracy, 5)

    def _normal(self, step: int, channel: int) -> float:
        """Return the standard normal number of this step and channel of this job."""
        first = _uniform(self.key + (step << 4 | channel) * 2)
        second = _uniform(self.key + (step << 4 | channel) * 2 + 1)
        return math.sqrt(-2 * math.log(first)) * math.cos(2 * math.pi * second)


def fit_curve(kind: str, data: Dataset, numbers: Hyperparameters, seed: int, *, validated: bool) -> Curve:
    """Return the curves of a job of this kind (supervised, dpo, reinforcement) on this data."""
    key = int(data.digest, 16) % _WORD ^ (seed * 0x9E3779B97F4A7C15 & _WORD)
    rate = numbers.learning_rate_multiplier / _DEFAULT_RATE_MULTIPLIER
    redundancy = data.duplicates / data.examples
    length = max(1.0, data.targets / data.examples)
    if kind == "supervised":
        start = max(0.9, 2.7 - 0.22 * math.log(1 + length)) + 0.3 * _uniform(key + 7)
    else:
        start = math.log(2)
    floor = start * (0.42 - 0.25 * redundancy + 0.08 * _uniform(key + 11))
    floor *= 1 + 0.15 * max(0.0, math.log2(max(rate, 1e-9)) - 1)
    scale = (30 + 0.25 * min(data.examples, 20_000)) * (1 - 0.5 * redundancy)
    if numbers.beta is not None:
        scale *= math.sqrt(0.1 / numbers.beta)
    noise = min(0.4, 0.14 + 0.03 * max(0.0, rate - 2)) / numbers.batch_size**0.4 + 0.01
    return Curve(
        key=key,
        kind=kind,
        start=start,
        floor=min(floor, 0.9 * start),
        scale=scale,
        capacity=1 / (1 + data.examples * (1 - redundancy) / 2000),
        rate=min(8.0, max(0.02, rate)),
        noise=noise,
        batch=numbers.batch_size,
        steps_per_epoch=math.ceil(data.examples / numbers.batch_size),
        validated=validated,
    )


def _uniform(number: int) -> float:
    """Return a number in (0, 1) mixed from an integer by the finalizer of SplitMix64."""
    mixed = (number * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) & _WORD
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9 & _WORD
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB & _WORD
    mixed ^= mixed >> 31
    return ((mixed >> 11) + 0.5) / (1 << 53)
