"""The base models that can be fine-tuned, and the formats of data that each method takes."""

from __future__ import annotations

from finetuning_emulator.formats import Format

__all__ = ["BASE_MODELS", "base_of", "format_for", "is_completions", "resolved_name"]

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


def resolved_name(model: str) -> str:
    """The dated name that an alias stands for; any other name as it is."""
    return _ALIASES.get(model, model)


def base_of(model: str) -> str:
    """The base model under a model's name, fine-tuned or not."""
    return model.split(":")[1] if model.startswith("ft:") and model.count(":") > 1 else model


def is_completions(model: str) -> bool:
    """Whether the model continues a prompt instead of answering a conversation."""
    return base_of(model) in ("babbage-002", "davinci-002")


def format_for(kind: str, model: str) -> Format:
    """The format of the data that this method (its type) needs for this model."""
    if kind == "dpo":
        return Format.PREFERENCE
    if kind == "reinforcement":
        return Format.REINFORCEMENT
    return Format.COMPLETIONS if is_completions(model) else Format.CHAT
