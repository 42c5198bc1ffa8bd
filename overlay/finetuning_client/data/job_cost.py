"""The cost of a job before it is created: a range, with the figures and the assumptions behind it.

Supervised and preference training are billed by tokens: those of the training file, times the epochs.
Reinforcement training is billed by the time that it takes, which is not known in advance: its range is wide.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import attrs

from ..errors import DatasetError, InvalidRequestError
from ..prices import Price, PriceTable, price_of
from ..upload_source import Source
from ..validation import as_json
from .checks import MethodLike, check, method_name
from .report import DatasetReport
from .statistics import DatasetStatistics

Hours: TypeAlias = float | tuple[float, float]
"""Hours of training: a number, or the lower and the upper end of a range."""

_MILLION = 1_000_000
# Minimum, expected and maximum seconds of training for one example in one epoch, with sampling and grading of
# its answers. Publicly reported runs lie between; short answers and quick graders are near the minimum.
_SECONDS_PER_EXAMPLE = (1.0, 6.0, 40.0)
_TABLE_WIDTH = 12


@attrs.frozen(kw_only=True)
class CostEstimate:
    """Estimated cost of a job.

    Attributes:
        low, expected, high: the range, in `currency`.
        currency: such as `USD`.
        model: the model to be trained.
        method: `supervised`, `dpo` or `reinforcement`.
        price: the price, with the date when it was read, and its source.
        examples: number of training examples.
        tokens: tokens per epoch.
        tokenizer: how they were counted: the name of a vocabulary, or `estimate`.
        epochs: number of epochs: as given, or as the service will choose for `auto`.
        trained_tokens: expected tokens of all epochs, like `trained_tokens` of the finished job.
        hours: training time: minimum, expected and maximum; `None` if tokens are billed.
        assumptions: what the estimate is based on.
    """

    low: float
    expected: float
    high: float
    currency: str
    model: str
    method: str
    price: Price
    examples: int
    tokens: int
    tokenizer: str
    epochs: int
    trained_tokens: int
    hours: tuple[float, float, float] | None
    assumptions: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self._range()}: {self._quantity()} at {self._price()}"

    def table(self) -> str:
        """Return the figures and the assumptions as text, one per line."""
        rows = {
            "model": self.model,
            "method": self.method,
            "examples": f"{self.examples:,}",
            "tokens": f"{self.tokens:,} per epoch ({self.tokenizer})",
            "epochs": str(self.epochs),
            "price": self._price(),
            "cost": self._range(),
        }
        lines = [f"{name:{_TABLE_WIDTH}}{value}" for name, value in rows.items()]
        return "\n".join([*lines, *(f"- {assumption}" for assumption in self.assumptions)])

    def _range(self) -> str:
        if self.low == self.high:
            return f"{_money(self.high)} {self.currency}"
        between = f"{_money(self.low)} to {_money(self.high)} {self.currency}"
        return f"{between}, expected {_money(self.expected)}"

    def _quantity(self) -> str:
        if self.hours is not None:
            least, _, most = (f"{hours:.3g}" for hours in self.hours)
            return f"{most} hours" if least == most else f"{least} to {most} hours"
        return f"{self.tokens:,} tokens x {self.epochs} epoch{'s' * (self.epochs != 1)}"

    def _price(self) -> str:
        date = f"as of {self.price.date}, " if self.price.date else ""
        return f"{self.price} ({date}{self.price.source})"


def cost(
    source: Source | DatasetReport | DatasetStatistics,
    *,
    model: str,
    method: MethodLike = "supervised",
    epochs: int | Literal["auto"] | None = None,
    prices: PriceTable | str | os.PathLike[str] | None = None,
    hours: Hours | None = None,
) -> CostEstimate:
    """Estimate what a job will cost, before anything is sent.

    Args:
        source: the training file, or a report of it by `data.check` for the same method.
        model: the model to be trained.
        method: `supervised`, `dpo` or `reinforcement`, or the method that the job will have.
        epochs: number of epochs; `auto` for what the service chooses; `None` for that of the method.
        prices: prices in place of those of this package: `{"my-model": 3.0}` per million tokens, or
            `{"my-model": {"per_hour": 100}}`, or the path of a JSON file with such a table.
        hours: expected hours of training, if the price is per hour; `None` to assume a range.

    Raises `InvalidRequestError` for a model without a price, `DatasetError` for a file that cannot be read.
    """
    kind, settings = method_name(method), _settings_of(method)
    price = price_of(model, prices)
    statistics = _statistics_of(source, kind, model)
    given = settings.get("n_epochs") if epochs is None else epochs
    count = _epochs(given, statistics)
    tokens = (statistics.tokens_low, statistics.tokens, statistics.tokens_high)
    assumptions = [_about_tokens(statistics), _about_epochs(given, count)]
    time = None
    if price.is_per_hour:
        time, about_time = _hours(kind, hours, statistics.examples * count, settings)
        low, expected, high = (part * price.amount for part in time)
        assumptions = [about_time, *assumptions[1:]]
    else:
        low, expected, high = (part * count * price.amount / _MILLION for part in tokens)
    return CostEstimate(
        low=low,
        expected=expected,
        high=high,
        currency=price.currency,
        model=model,
        method=kind,
        price=price,
        examples=statistics.examples,
        tokens=statistics.tokens,
        tokenizer=statistics.tokenizer,
        epochs=count,
        trained_tokens=statistics.tokens * count,
        hours=time,
        assumptions=tuple(assumptions),
    )


def _statistics_of(
    source: Source | DatasetReport | DatasetStatistics, method: str, model: str
) -> DatasetStatistics:
    """Return the statistics of a source. Raises `DatasetError` if they are for another kind of job."""
    if not isinstance(source, DatasetReport | DatasetStatistics):
        source = check(source, method=method, model=model)
    found = source if isinstance(source, DatasetStatistics) else source.stats
    if found.method != method:
        text = f"method: the report is for {found.method}, not for {method}: pass method= to data.check"
        raise InvalidRequestError(text, field="method", value=method)
    wrong = isinstance(source, DatasetReport) and "wrong-format" in source.counts
    if wrong or not found.examples:
        path = source.path if isinstance(source, DatasetReport) else "the file"
        text = f"{path}: has no examples for {method} training: call data.check to see what is wrong"
        raise DatasetError(text, path=path)
    return found


def _settings_of(method: Any) -> Mapping[str, Any]:
    """Return the hyperparameters of a method."""
    if isinstance(method, str):
        return {}
    data = as_json("method", method)
    inner = data.get(data["type"])
    settings = inner.get("hyperparameters") if isinstance(inner, Mapping) else None
    return settings if isinstance(settings, Mapping) else {}


def _epochs(given: object, statistics: DatasetStatistics) -> int:
    if given in (None, "auto"):
        return statistics.auto_epochs
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise InvalidRequestError.of("epochs", "a whole number, at least 1, or 'auto'", given)
    return given


def _about_epochs(given: object, count: int) -> str:
    if given in (None, "auto"):
        chosen = f"going by the published guidance, auto chooses n_epochs={count}"
        return f"{chosen}: set n_epochs yourself to be sure"
    return "the number of epochs is as given"


def _about_tokens(statistics: DatasetStatistics) -> str:
    if statistics.tokenizer == "estimate":
        return "tokens are estimated: to count them, install the extra 'data' and cache tiktoken's vocabulary"
    return f"tokens are counted by {statistics.tokenizer}"


def _hours(
    method: str, given: Hours | None, passes: int, settings: Mapping[str, Any]
) -> tuple[tuple[float, float, float], str]:
    """Return the minimum, expected and maximum hours of training, and their basis."""
    if given is not None:
        low, *_, high = given if isinstance(given, tuple) and len(given) == 2 else (given, given)
        if not all(_is_positive(hours) for hours in (low, high)) or low > high:
            raise InvalidRequestError.of(
                "hours", "a number of hours above 0 or a pair of such numbers", given
            )
        return (low, (low + high) / 2, high), "hours of training as given"
    if method != "reinforcement":
        text = f"hours: the price is per hour, but how long {method} training takes is unknown: pass hours="
        raise InvalidRequestError(text, field="hours")
    multiplier = settings.get("compute_multiplier")
    factor = multiplier if isinstance(multiplier, int | float) else 1.0
    low, expected, high = (seconds * passes * factor / 3600 for seconds in _SECONDS_PER_EXAMPLE)
    least, usual, most = _SECONDS_PER_EXAMPLE
    return (low, expected, high), (
        f"training takes {least:g} to {most:g} seconds per example and epoch, expected {usual:g}; this"
        " depends on the length of the answers and on the grader: pass hours= if you know better. The tokens"
        " of grading models are billed separately"
    )


def _is_positive(value: object) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0
    )


def _money(amount: float) -> str:
    return f"{amount:,.2f}" if amount >= 0.1 else f"{amount:.2g}"
