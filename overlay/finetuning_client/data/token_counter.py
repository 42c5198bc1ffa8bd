"""Tokens of many texts: all texts of a small file are measured, and only some of a large one.

Measuring takes longer than reading. So in a large file only the first texts are measured, and then enough
others to make up about a mebibyte; the tokens of the rest are derived from their characters, by the ratio
found so far.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .tokens import COUNT_ERROR, ESTIMATE_ERROR, estimator, tiktoken_counter

_WHOLE_FILE = 4 * 1024 * 1024
_MEASURED_FIRST = 64
_MEASURED = 1024 * 1024
_LONG = 20_000


class TokenCounter:
    """Counts tokens in one file.

    Args:
        vocabulary: name of the vocabulary of the model.
        size: of the file, in bytes; all texts of a small one are measured.

    Attributes:
        tokenizer: the vocabulary's name if tiktoken counts, else `estimate`.
        error: expected relative error.
        measure: counts the tokens in a text.
        ratios: tokens of a character so far: in texts with other characters than those of ASCII, and in the
            rest.
    """

    def __init__(self, vocabulary: str, size: int) -> None:
        exact = tiktoken_counter(vocabulary)
        self.measure: Callable[[str], float] = exact or estimator(vocabulary)
        self.tokenizer = vocabulary if exact else "estimate"
        whole = size <= _WHOLE_FILE
        self.error = ESTIMATE_ERROR if exact is None else COUNT_ERROR if whole else 5 * COUNT_ERROR
        # An odd number, since examples often alternate.
        self._step = 1 if whole else size // _MEASURED | 1
        self._seen = 0
        # Tokens and characters of the measured texts: those not in ASCII, and those in ASCII.
        self._tokens = [2.0, 1.0]
        self._characters = [4.0, 4.0]
        self.ratios = self._ratios()

    def count(self, text: str) -> float:
        """Return the tokens of a text: measured, or by the ratio of the texts that were measured."""
        self._seen += 1
        if self._seen % self._step and self._seen > _MEASURED_FIRST and len(text) < _LONG:
            return len(text) * self.ratios[text.isascii()]
        return self._measured(text)

    def chosen(self, examples: int) -> range:
        """Return the indexes of those of the next examples that are to be measured."""
        step = 1 if self._seen < _MEASURED_FIRST else self._step
        return range(-self._seen % step, examples, step)

    def measure_some(self, texts: Mapping[int, list[str]], tokens: list[float]) -> None:
        """Measure some of many examples, whose texts are given by their indexes.

        `tokens` has the tokens of all of them, by the ratios, and receives the measured ones.
        """
        ratios = self.ratios
        self._seen += len(tokens)
        for index, parts in texts.items():
            kind = all(map(str.isascii, parts))
            for text in parts:
                tokens[index] += self._measured(text) - len(text) * ratios[kind]

    def _measured(self, text: str) -> float:
        tokens = self.measure(text)
        kind = text.isascii()
        self._tokens[kind] += tokens
        self._characters[kind] += len(text)
        self.ratios = self._ratios()
        return tokens

    def _ratios(self) -> tuple[float, float]:
        return self._tokens[0] / self._characters[0], self._tokens[1] / self._characters[1]
