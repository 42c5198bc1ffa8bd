"""Signs of what went wrong in a training run, each with the numbers behind it and what to try next.

Curves are noisy: a sign is reported only if the change is both large enough to matter and larger than noise
would explain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

from msgspec import Struct

from .curves import Point, level, noise, points, smoothed
from .metrics import MetricRow

# A change of fewer standard errors may be noise.
_SIGMAS = 4.0
ENOUGH = 8
"""Minimum number of points for a curve to be judged."""
_TRAILING = 3
# Below this loss, there is nothing left to learn.
_LOWEST_LOSS = 0.01


class Sign(Struct, frozen=True, kw_only=True):
    """A sign of a problem, or of room for improvement.

    Attributes:
        code: `overfitting`, `divergence`, `too_few_epochs`, `plateau` or `gamed_reward`.
        text: what was seen, in a sentence.
        numbers: the numbers behind it, by name.
        advice: what to try next.
    """

    code: str
    text: str
    numbers: Mapping[str, float]
    advice: str

    def __str__(self) -> str:
        return f"{self.code}: {self.text} {self.advice}"


def find_signs(
    rows: Sequence[MetricRow], *, epochs: float | None = None, has_ended: bool = True
) -> list[Sign]:
    """Return the signs that a job's metrics give, the most serious first; empty for a healthy curve.

    Args:
        rows: the metrics, in step order.
        epochs: how many epochs the rows cover, if that is known.
        has_ended: false for a job that is still running, whose curves are incomplete.
    """
    run = _Run(rows, epochs)
    found: list[Sign] = [*_divergence(run), *_gamed_reward(run)]
    if not found:
        found += _overfitting(run)
    if not found and has_ended:
        found += _plateau(run) or _too_few_epochs(run)
    return found


class _Run:
    """The curves of a run: training and validation, of the reward if it has one, else of the loss.

    Attributes:
        goal: `reward` or `loss`.
        sign: 1 if higher is worse, -1 if it is better.
        train, valid: the curves; `valid` over the whole validation file if that was measured often enough.
        epochs: how many epochs; `None` if it is not known.
    """

    def __init__(self, rows: Sequence[MetricRow], epochs: float | None) -> None:
        self.rows = rows
        self.epochs = epochs
        rewards = points(rows, "train_mean_reward")
        self.goal, self.sign = ("reward", -1) if rewards else ("loss", 1)
        name = "mean_reward" if rewards else "loss"
        self.train = rewards or points(rows, "train_loss")
        full = points(rows, f"full_valid_{name}")
        batches = points(rows, f"valid_{name}")
        self.is_whole = len(full) >= 3 or not batches
        self.valid = full if self.is_whole else batches
        self.accuracy = points(rows, "train_accuracy")

    def epoch_of(self, step: float) -> float | None:
        """Return the number of epochs that end at a step."""
        last = self.train[-1][0] if self.train else 0
        return None if not self.epochs or not last else round(self.epochs * step / last, 2)


def _divergence(run: _Run) -> Iterator[Sign]:
    step = run.train[-1][0] if run.train else 0.0
    missing = sum(row.step > step for row in run.rows)
    if run.train and missing >= _TRAILING:
        yield Sign(
            code="divergence",
            text=f"The training {run.goal} is not a number in the {missing} steps after step {step:g}.",
            numbers={"last_finite_step": step, "steps_without_value": missing},
            advice="Lower learning_rate_multiplier, by half at first, and look for broken examples.",
        )
        return
    if len(run.train) < ENOUGH:
        return
    width = max(3, len(run.train) // 8)
    course = smoothed(run.train, width)
    best_step, best = min(course, key=lambda point: run.sign * point[1])
    start, last = level(run.train, 0, 0.1), level(run.train, 1 - width / len(run.train), 1)
    rise = run.sign * (last.mean - best)
    # The rise matters if it undoes a large part of what was gained.
    fall = max(0.0, run.sign * (start.mean - best))
    matters = rise > max(0.5 * fall, 0.25 * abs(best))
    if matters and rise > 2 * _SIGMAS * last.error:
        yield Sign(
            code="divergence",
            text=f"The training {run.goal} was best around step {best_step:g} ({best:.3g}) and is "
            f"{last.mean:.3g} at the end.",
            numbers={"best_step": best_step, "best": best, "start": start.mean, "last": last.mean},
            advice="Lower learning_rate_multiplier, by half at first, or use a larger batch_size; a "
            f"checkpoint before step {best_step:g} may be good.",
        )


def _overfitting(run: _Run) -> Iterator[Sign]:
    curve, width = run.valid, 1
    if len(curve) < (3 if run.is_whole else ENOUGH):
        return
    if not run.is_whole:
        width = max(3, len(curve) // 8)
    course = smoothed(curve, width)
    best_step, best = min(course, key=lambda point: run.sign * point[1])
    last = course[-1][1]
    rise = run.sign * (last - best)
    error = 0.0 if run.is_whole else noise(curve) / width**0.5
    if rise <= max(0.06 * abs(best), 2 * _SIGMAS * error):
        return
    at_best, at_end = _near(run.train, best_step), _near(run.train, curve[-1][0])
    if not at_best or run.sign * (at_best - at_end) < 0:
        return
    epoch = run.epoch_of(best_step)
    fewer = "Train for fewer epochs" if not epoch else f"Train with n_epochs={max(1, round(epoch))}"
    verb = "rose" if run.sign > 0 else "fell"
    yield Sign(
        code="overfitting",
        text=f"The validation {run.goal} {verb} from {best:.3g} around step {best_step:g} to {last:.3g} at "
        f"the end, while the training {run.goal} kept improving, from {at_best:.3g} to {at_end:.3g}.",
        numbers={
            "best_step": best_step,
            **({} if epoch is None else {"best_epoch": epoch}),
            f"best_valid_{run.goal}": best,
            f"last_valid_{run.goal}": last,
            f"train_{run.goal}_at_best": at_best,
            f"last_train_{run.goal}": at_end,
        },
        advice=f"Use the checkpoint near step {best_step:g}. {fewer}, or add more varied examples.",
    )


def _near(curve: Sequence[Point], step: float) -> float:
    """Return the mean of the points of a curve around a step; 0 if it has none."""
    width = max(1, len(curve) // 10)
    before = [value for at, value in curve if at <= step][-width:]
    return fmean(before or [value for _, value in curve[:width]] or [0.0])


def _plateau(run: _Run) -> list[Sign]:
    curve = run.train
    if len(curve) < ENOUGH:
        return []
    early, late = level(curve, 0.25, 0.5), level(curve, 0.75, 1)
    start = level(curve, 0, 0.05)
    change = abs(late.mean - early.mean)
    error = (early.error**2 + late.error**2) ** 0.5
    scale = max(abs(early.mean), 1e-9)
    has_learned = run.sign * (start.mean - late.mean) > 0.05 * abs(start.mean) + _SIGMAS * start.error
    # Most healthy curves end flat: if much was learned, the flat part must be certain to be a sign.
    largest, spread = (0.01, 1) if has_learned else (0.04, 3)
    if error > largest * scale or change > max(0.015 * scale, spread * error):
        return []
    quarter = curve[len(curve) // 4][0]
    return [
        Sign(
            code="plateau",
            text=f"The training {run.goal} has not improved since step {quarter:g}: it was {early.mean:.3g} "
            f"in the second quarter of the steps and {late.mean:.3g} in the last.",
            numbers={
                "since_step": quarter,
                "start": start.mean,
                "second_quarter": early.mean,
                "last_quarter": late.mean,
            },
            advice=_advice_on_a_plateau(run, late.mean, has_learned=has_learned),
        )
    ]


def _advice_on_a_plateau(run: _Run, last: float, *, has_learned: bool) -> str:
    if has_learned:
        return "Fewer epochs give the same model at a lower cost; other kinds of examples may teach it more."
    if run.sign > 0 and last < _LOWEST_LOSS:
        return "The model already gave these answers before training: add examples that it gets wrong."
    rest = (
        "grader tells good answers from bad ones." if run.sign < 0 else "examples show what is to be learned."
    )
    return (
        "Nothing was learned: start by doubling or tripling learning_rate_multiplier, "
        "and check that the " + rest
    )


def _too_few_epochs(run: _Run) -> list[Sign]:
    whole = run.is_whole and len(run.valid) >= 3
    curve = run.valid if whole else run.train
    if not whole and len(curve) < ENOUGH:
        return []
    if whole:
        before, last = level(curve[-2:-1], 0, 1), level(curve[-1:], 0, 1)
    else:
        before, last = level(curve, 0.5, 0.75), level(curve, 0.75, 1)
    gain = run.sign * (before.mean - last.mean)
    error = (before.error**2 + last.error**2) ** 0.5
    # Near its minimum, a loss changes much relative to itself, but little relative to all that was learned.
    whole_gain = abs(level(curve, 0, 0.05).mean - last.mean)
    if gain <= max(0.12 * abs(before.mean), 0.04 * whole_gain, _SIGMAS * error) or not _is_improving(
        run.valid, run.sign
    ):
        return []
    epochs = run.epochs
    more = "more epochs" if not epochs else f"n_epochs={max(round(epochs) + 1, round(epochs * 1.5))}"
    kind = "validation" if whole else "training"
    when = "epoch" if whole else "quarter of the steps"
    return [
        Sign(
            code="too_few_epochs",
            text=f"The {kind} {run.goal} was still improving at the end: from {before.mean:.3g} to "
            f"{last.mean:.3g} in the last {when}.",
            numbers={
                "before": before.mean,
                "last": last.mean,
                "improvement": gain / max(abs(before.mean), 1e-9),
                **({} if epochs is None else {"epochs": epochs}),
            },
            advice=f"Train with {more}, or continue from the fine-tuned model.",
        )
    ]


def _is_improving(curve: Sequence[Point], sign: int) -> bool:
    """Return whether a curve improves in its second half; false if it has no points."""
    return not curve or sign * (level(curve, 0.4, 0.7).mean - level(curve, 0.8, 1).mean) >= 0


def _gamed_reward(run: _Run) -> Iterator[Sign]:
    if run.goal != "reward" or len(run.train) < ENOUGH:
        return
    rise = _change(run.train)
    if rise.size <= max(0.03, _SIGMAS * rise.error):
        return
    for name, curve in (("validation reward", run.valid), ("share of correct answers", run.accuracy)):
        if len(curve) < 4:
            continue
        fall = _change(curve)
        if -fall.size <= max(
            0.03, 0.05 * abs(fall.before), _SIGMAS * fall.error * (curve is not run.valid or not run.is_whole)
        ):
            continue
        key = "valid_reward" if name.startswith("valid") else "accuracy"
        yield Sign(
            code="gamed_reward",
            text=f"The training reward rose from {rise.before:.3g} to {rise.after:.3g} in the second half, "
            f"while the {name} fell from {fall.before:.3g} to {fall.after:.3g}.",
            numbers={
                "train_reward_before": rise.before,
                "train_reward_after": rise.after,
                f"{key}_before": fall.before,
                f"{key}_after": fall.after,
            },
            advice="Read sampled answers from the last checkpoint: the grader may reward a trick. Make the "
            "grader stricter, combine several graders, and use an earlier checkpoint.",
        )
        return


class _Change(Struct, frozen=True):
    """The change of a curve in its second half."""

    before: float
    after: float
    error: float

    @property
    def size(self) -> float:
        return self.after - self.before


def _change(curve: Sequence[Point]) -> _Change:
    before, after = level(curve, 0.3, 0.55), level(curve, 0.8, 1)
    return _Change(before.mean, after.mean, (before.error**2 + after.error**2) ** 0.5)
