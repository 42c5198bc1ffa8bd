"""Facts about the base models that data checks need: longest example, images, vocabulary.

The figures are those of the vendor's public pages of 2025. A model that is not listed has no facts, and is
checked without them.
"""

from __future__ import annotations

from msgspec import Struct


class ModelFacts(Struct, frozen=True):
    """Facts about a model, each `None` where it is not known.

    Attributes:
        longest: number of tokens of an example that are trained on; the rest of a longer one is cut.
        images: whether training examples can have images.
        vocabulary: name of its vocabulary in tiktoken.
        completions: whether it continues a prompt, instead of answering a conversation.
    """

    longest: int | None = None
    images: bool | None = None
    vocabulary: str = "o200k_base"
    completions: bool = False


UNKNOWN = ModelFacts()

_OLD = "cl100k_base"
# By the prefix of the name; the longest prefix counts.
_FACTS = {
    "gpt-4.1-mini": ModelFacts(65_536, images=False),
    "gpt-4.1-nano": ModelFacts(65_536, images=False),
    "gpt-4.1": ModelFacts(65_536, images=True),
    "gpt-4o-mini": ModelFacts(65_536, images=False),
    "gpt-4o": ModelFacts(65_536, images=True),
    "gpt-4-": ModelFacts(8_192, images=False, vocabulary=_OLD),
    "gpt-3.5-turbo-0613": ModelFacts(4_096, images=False, vocabulary=_OLD),
    "gpt-3.5-turbo": ModelFacts(16_385, images=False, vocabulary=_OLD),
    "babbage-002": ModelFacts(16_384, images=False, vocabulary=_OLD, completions=True),
    "davinci-002": ModelFacts(16_384, images=False, vocabulary=_OLD, completions=True),
    "o4-mini": ModelFacts(images=True),
}


def facts_of(model: str | None) -> ModelFacts:
    """Return the facts about a base model, or about the base of a fine-tuned one."""
    if not model:
        return UNKNOWN
    if model == "gpt-4":
        model = "gpt-4-"
    base = model.split(":")[1] if model.startswith("ft:") and model.count(":") else model
    return next((facts for name, facts in _FACTS.items() if base.startswith(name)), UNKNOWN)
