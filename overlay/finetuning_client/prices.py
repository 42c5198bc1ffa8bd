"""Prices of training: the dated table of this package, or one supplied by the user.

A table is a dict, or a JSON file like `training_prices.json` next to this module. A price belongs to a model
and to its dated versions: that of `gpt-4o-mini` is also valid for `gpt-4o-mini-2024-07-18`, and for models
trained from it.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import attrs
import msgspec

from .arguments import is_number
from .errors import InvalidRequestError
from .misspellings import near_name
from .upload_source import reading

PriceTable: TypeAlias = Mapping[str, Any]
"""Prices by model: a number for a million tokens, or `{"per_million_tokens": 3}` or `{"per_hour": 100}`.

A table may also be an object with `models`, which are such prices, and `currency`, `date` and `source`.
"""

_PER_UNIT = ("per_million_tokens", "per_hour")
_VERSION = re.compile(r"-\d{4}(-\d{2}-\d{2})?")
_OF_THE_USER = "prices given by the caller"


@attrs.frozen(kw_only=True)
class Price:
    """Price of training a model.

    Attributes:
        model: the name in the table.
        amount: in `currency`, per million tokens or per hour.
        is_per_hour: whether it is for an hour of training.
        currency: such as `USD`.
        date: when the price was read, if that is known.
        source: where it was read.
    """

    model: str
    amount: float
    is_per_hour: bool
    currency: str
    date: str | None
    source: str

    def __str__(self) -> str:
        unit = "per hour" if self.is_per_hour else "per million tokens"
        return f"{self.amount:g} {self.currency} {unit}"


def price_of(model: str, prices: PriceTable | str | os.PathLike[str] | None = None) -> Price:
    """Return the price of training a model, from a table or from the one of this package.

    Raises `InvalidRequestError` for a model that the table does not have, and for an invalid table.
    """
    if not isinstance(model, str) or not model:
        raise InvalidRequestError.of("model", "the name of a model", model)
    table, own = _table(prices)
    models = table.get("models", table)
    if not isinstance(models, Mapping) or not all(isinstance(name, str) for name in models):
        raise InvalidRequestError.of("prices", "an object that maps models to prices", models)
    name = _name_in(models, model)
    if name is None:
        near = near_name(_base_of(model), models)
        hint = f" (did you mean {near!r}?)" if near else ""
        text = (
            f"model: the price of {model!r} is not known{hint}: pass prices={{{model!r}: 3.0}} with the price"
            " per million tokens of training, or a table or file of prices"
        )
        raise InvalidRequestError(text, field="model", value=model)
    entry = models[name]
    entry = entry if isinstance(entry, Mapping) else {"per_million_tokens": entry}
    amount, is_per_hour = _amount(name, entry)
    facts = {**{key: table.get(key) for key in ("currency", "date", "source")}, **entry}
    return Price(
        model=name,
        amount=amount,
        is_per_hour=is_per_hour,
        currency=str(facts["currency"] or "USD"),
        date=None if facts["date"] is None else str(facts["date"]),
        source=str(facts["source"] or own),
    )


def _table(prices: PriceTable | str | os.PathLike[str] | None) -> tuple[Mapping[str, Any], str]:
    """Return a table, and its source if it does not say."""
    if isinstance(prices, Mapping):
        return prices, _OF_THE_USER
    if prices is not None and not isinstance(prices, str | os.PathLike):
        raise InvalidRequestError.of(
            "prices", "a dict that maps models to prices, or the path of a file", prices
        )
    path = Path(__file__).with_name("training_prices.json") if prices is None else Path(prices)
    with reading(str(path)):
        content = path.read_bytes()
    try:
        return msgspec.json.decode(content, type=dict[str, Any]), str(path)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        text = f"prices: {path} is not a JSON object that maps models to prices: {error}"
        raise InvalidRequestError(text, field="prices", value=str(path)) from None


def _amount(model: str, entry: Mapping[str, Any]) -> tuple[float, bool]:
    units = [unit for unit in _PER_UNIT if unit in entry]
    amount: Any = entry[units[0]] if len(units) == 1 else None
    if not is_number(amount) or not 0 <= amount < math.inf:
        rule = "a number (the price per million tokens) or an object with per_million_tokens or per_hour"
        raise InvalidRequestError.of(f"prices.{model}", rule, dict(entry))
    return float(amount), units == ["per_hour"]


def _name_in(models: Mapping[str, Any], model: str) -> str | None:
    """Return the name in a table that matches a model, or the model without its version."""
    base = _base_of(model)
    for wanted in (model, base):
        if wanted in models:
            return wanted
    versioned = (name for name in models if base.startswith(name) and _VERSION.fullmatch(base[len(name) :]))
    return next(versioned, None)


def _base_of(model: str) -> str:
    """Return the base model of a fine-tuned one; any other name as it is."""
    return model.split(":")[1] if model.startswith("ft:") and model.count(":") > 1 else model
