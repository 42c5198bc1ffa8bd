"""Statistics of a file of examples, gathered one example at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct

from .epochs import auto_epochs


class Lengths(Struct, frozen=True):
    """Distribution of tokens per example; all 0 if there are no examples.

    Attributes:
        minimum: length of the shortest example.
        median: half of the examples are at most this long.
        p95: 95% of the examples are at most this long.
        maximum: length of the longest example.
    """

    minimum: int = 0
    median: int = 0
    p95: int = 0
    maximum: int = 0


class DatasetStatistics(Struct, frozen=True, kw_only=True):
    """Statistics of a file of examples.

    Attributes:
        method: training method that the file was read for: `supervised`, `dpo` or `reinforcement`.
        examples: number of examples that could be read.
        messages_by_role: number of messages by role; empty for prompts with completions.
        tokens: tokens per epoch, as they are billed: for each example at most the model's maximum, where that
            is known. A preference pair counts its prompt twice, once with each answer.
        tokens_low: lower end of the range in which the true number is expected to lie.
        tokens_high: upper end of that range.
        tokenizer: how the tokens were counted: the name of a vocabulary, such as `o200k_base`, or `estimate`.
        images: number of images.
        tools: number of tools declared, summed over all examples.
        lengths: distribution of tokens per example, before truncation.
        cut: number of examples longer than the model's maximum.
    """

    method: str = "supervised"
    examples: int = 0
    messages_by_role: Mapping[str, int] = {}
    tokens: int = 0
    tokens_low: int = 0
    tokens_high: int = 0
    tokenizer: str = "estimate"
    images: int = 0
    tools: int = 0
    lengths: Lengths = Lengths()
    cut: int = 0

    @property
    def auto_epochs(self) -> int:
        """Number of epochs that the service chooses for `auto`, according to its published guidance."""
        return auto_epochs(self.examples)


class StatisticsBuilder:
    """Statistics so far; memory grows with the number of different lengths, not of examples.

    Args:
        method: training method that the file is read for.
        longest: number of tokens of an example that are trained on; `None` if it is not known.
        tokenizer: how the tokens are counted, as in the statistics.
        error: expected relative error of the counts.
    """

    def __init__(
        self, *, method: str = "supervised", longest: int | None, tokenizer: str, error: float
    ) -> None:
        self._method, self._longest = method, longest
        self._tokenizer, self._error = tokenizer, error
        self._lengths: Counter[int] = Counter()
        self.messages: Counter[str] = Counter()
        self.images = self.tools = 0
        self._image_tokens = 0

    def add_example(self, tokens: float, *, images: int = 0, image_tokens: int = 0, tools: int = 0) -> None:
        """Add an example: all its tokens, and how many of them are for its images."""
        self._lengths[round(tokens)] += 1
        self.images += images
        self.tools += tools
        self._image_tokens += image_tokens

    def add_plain(self, tokens: list[int]) -> None:
        """Add examples without images and tools, by the tokens of each."""
        self._lengths.update(tokens)

    def build(self) -> DatasetStatistics:
        """Return the statistics of the examples added so far."""
        longest = self._longest or max(self._lengths, default=0)
        tokens = sum(min(length, longest) * count for length, count in self._lengths.items())
        # The size of an image in tokens depends on its pixels, which are not read.
        unsure = self._error * max(tokens - self._image_tokens, 0)
        return DatasetStatistics(
            method=self._method,
            examples=self._lengths.total(),
            messages_by_role=dict(self.messages),
            tokens=tokens,
            tokens_low=max(0, round(tokens - unsure - self._image_tokens * 0.8)),
            tokens_high=round(tokens + unsure + self._image_tokens),
            tokenizer=self._tokenizer,
            images=self.images,
            tools=self.tools,
            lengths=self._distribution(),
            cut=sum(count for length, count in self._lengths.items() if length > longest),
        )

    def _distribution(self) -> Lengths:
        if not self._lengths:
            return Lengths()
        ordered = sorted(self._lengths)
        return Lengths(ordered[0], self._rank(ordered, 0.5), self._rank(ordered, 0.95), ordered[-1])

    def _rank(self, ordered: list[int], share: float) -> int:
        wanted, passed = share * self._lengths.total(), 0
        for length in ordered:
            passed += self._lengths[length]
            if passed >= wanted:
                return length
        return ordered[-1]
