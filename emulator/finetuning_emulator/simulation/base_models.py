"""The base models: their names, the methods that each supports, and the data format of each method."""

from __future__ import annotations

from finetuning_emulator.errors import ApiError
from finetuning_emulator.simulation.example_formats import Format

__all__ = ["BASE_MODELS", "base_of", "check_method", "format_for", "is_completions", "resolve_alias"]

BASE_MODELS: dict[str, int] = {
    "babbage-002": 1692634615,
    "davinci-002": 1692634301,
    "gpt-3.5-turbo-0613": 1686587434,
    "gpt-3.5-turbo-1106": 1698959748,
    "gpt-3.5-turbo-0125": 1706048358,
    "gpt-4-0613": 1686588896,
    "gpt-4o-mini-2024-07-18": 1721172717,
    "gpt-4o-2024-08-06": 1722814719,
    "gpt-4.1-2025-04-14": 1744315746,
    "gpt-4.1-mini-2025-04-14": 1744317547,
    "gpt-4.1-nano-2025-04-14": 1744321025,
    "o4-mini-2025-04-16": 1744133506,
}
"""Each base model, and the Unix time at which it was created."""

_ALIASES = {
    "gpt-3.5-turbo": "gpt-3.5-turbo-0125",
    "gpt-4": "gpt-4-0613",
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "gpt-4o": "gpt-4o-2024-08-06",
    "gpt-4.1": "gpt-4.1-2025-04-14",
    "gpt-4.1-mini": "gpt-4.1-mini-2025-04-14",
    "gpt-4.1-nano": "gpt-4.1-nano-2025-04-14",
    "o4-mini": "o4-mini-2025-04-16",
}
_COMPLETIONS = ("babbage-002", "davinci-002")
_REASONING = ("o4-mini-2025-04-16",)


def resolve_alias(model: str) -> str:
    """Return the dated name that an alias stands for; any other name unchanged."""
    return _ALIASES.get(model, model)


def base_of(model: str) -> str:
    """Return the base model of a fine-tuned model's name; any other name unchanged."""
    return model.split(":")[1] if model.startswith("ft:") and model.count(":") > 1 else model


def is_completions(model: str) -> bool:
    """Return whether the model continues a prompt instead of answering a conversation."""
    return base_of(model) in _COMPLETIONS


def check_method(kind: str, model: str) -> None:
    """Refuse a method (its type) that the model does not support."""
    base = base_of(model)
    reasoning = base in _REASONING
    if kind == "reinforcement" and not reasoning:
        supported = f"It is available for {', '.join(_REASONING)}"
    elif kind == "dpo" and (reasoning or base in _COMPLETIONS):
        supported = "It is available for non-reasoning chat models, such as gpt-4o-mini-2024-07-18"
    else:
        return
    raise ApiError(
        400,
        f"Fine-tuning method '{kind}' is not supported for model {base}. {supported}.",
        param="method.type",
        code="unsupported_method",
    )


def format_for(kind: str, model: str) -> Format:
    """Return the data format that this method (its type) needs for this model."""
    if kind == "dpo":
        return Format.PREFERENCE
    if kind == "reinforcement":
        return Format.REINFORCEMENT
    return Format.COMPLETIONS if is_completions(model) else Format.CHAT
