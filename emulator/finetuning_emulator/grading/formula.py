"""The formula of a multi grader: arithmetic over the rewards of other graders.

A formula has numbers, names, `+ - * / ^` (also `**`), parentheses, and the functions min, max, abs, floor,
ceil, exp, sqrt and log.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping

__all__ = ["Formula", "FormulaError", "parse_formula"]

_MAX_CHARACTERS = 10_000
_MAX_DEPTH = 60
_WORD = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)|(?P<sign>\*\*|[-+*/^(),]))"
)
_FUNCTIONS: dict[str, tuple[Callable[..., float], int, int]] = {
    "min": (min, 2, 100),
    "max": (max, 2, 100),
    "abs": (math.fabs, 1, 1),
    "floor": (math.floor, 1, 1),
    "ceil": (math.ceil, 1, 1),
    "exp": (math.exp, 1, 1),
    "sqrt": (math.sqrt, 1, 1),
    "log": (math.log, 1, 1),
}
_Operation = Callable[[float, float], float]
_SUMS: dict[str, _Operation] = {"+": operator.add, "-": operator.sub}
_PRODUCTS: dict[str, _Operation] = {"*": operator.mul, "/": operator.truediv}


_Node = Callable[[Mapping[str, float]], float]


class FormulaError(ValueError):
    """The text is not a formula."""


class Formula:
    """A parsed formula; `names` are the graders whose rewards it needs."""

    def __init__(self, node: _Node, names: frozenset[str]) -> None:
        self._node = node
        self.names = names

    def value(self, rewards: Mapping[str, float]) -> float:
        """Return the value for these rewards.

        Raises:
            ArithmeticError, ValueError: there is no finite value.
        """
        value = self._node(rewards)
        if isinstance(value, complex) or not math.isfinite(value):
            raise ArithmeticError("the value of the formula is not finite")
        return float(value)


def parse_formula(text: str) -> Formula:
    """Parse a formula.

    Raises:
        FormulaError: the text is not a formula, or is too long or nested too deeply.
    """
    reader = _Reader(_split(text))
    node = reader.sum()
    if reader.peek() is not None:
        raise FormulaError(f"'{reader.peek()}' is unexpected")
    return Formula(node, frozenset(reader.names))


def _split(text: str) -> list[str]:
    if len(text) > _MAX_CHARACTERS:
        raise FormulaError(f"it is longer than {_MAX_CHARACTERS} characters")
    words, position = [], 0
    text = text.rstrip()
    while position < len(text):
        found = _WORD.match(text, position)
        if found is None:
            raise FormulaError(f"'{text[position:].strip()[:1]}' is unexpected")
        words.append(found.group().strip())
        position = found.end()
    return words


class _Reader:
    """A recursive-descent parser with one method for each precedence."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._position = 0
        self._depth = 0
        self.names: set[str] = set()

    def peek(self) -> str | None:
        return self._words[self._position] if self._position < len(self._words) else None

    def sum(self) -> _Node:
        return self._chain(self._product, _SUMS)

    def _product(self) -> _Node:
        return self._chain(self._signed, _PRODUCTS)

    def _chain(
        self, part: Callable[[], _Node], signs: Mapping[str, Callable[[float, float], float]]
    ) -> _Node:
        first = part()
        rest: list[tuple[Callable[[float, float], float], _Node]] = []
        while (sign := self.peek()) in signs:
            self._next()
            rest.append((signs[sign or ""], part()))

        def value(rewards: Mapping[str, float]) -> float:
            result = first(rewards)
            for apply, node in rest:
                result = apply(result, node(rewards))
            return result

        return value if rest else first

    def _signed(self) -> _Node:
        if self.peek() in ("-", "+"):
            sign = -1 if self._next() == "-" else 1
            inner = self._nested(self._signed)
            return lambda rewards: sign * inner(rewards)
        base = self._atom()
        if self.peek() not in ("^", "**"):
            return base
        self._next()
        exponent = self._nested(self._signed)
        return lambda rewards: math.pow(base(rewards), exponent(rewards))

    def _atom(self) -> _Node:
        word = self._next()
        if word == "(":
            inner = self._nested(self.sum)
            self._expect(")")
            return inner
        if word[0].isdigit() or word[0] == ".":
            number = float(word)
            return lambda _: number
        if not (word[0].isalpha() or word[0] == "_"):
            raise FormulaError(f"'{word}' is unexpected")
        if self.peek() == "(":
            return self._call(word)
        self.names.add(word)
        return lambda rewards: rewards[word]

    def _call(self, name: str) -> _Node:
        if name not in _FUNCTIONS:
            raise FormulaError(f"there is no function '{name}'")
        function, fewest, most = _FUNCTIONS[name]
        self._expect("(")
        arguments = [self._nested(self.sum)]
        while self.peek() == ",":
            self._next()
            arguments.append(self._nested(self.sum))
        self._expect(")")
        if not fewest <= len(arguments) <= most:
            raise FormulaError(f"'{name}' does not take {len(arguments)} argument(s)")
        return lambda rewards: function(*(argument(rewards) for argument in arguments))

    def _nested(self, part: Callable[[], _Node]) -> _Node:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise FormulaError(f"it is nested deeper than {_MAX_DEPTH} levels")
        node = part()
        self._depth -= 1
        return node

    def _next(self) -> str:
        word = self.peek()
        if word is None:
            raise FormulaError("it ends too early")
        self._position += 1
        return word

    def _expect(self, word: str) -> None:
        if (found := self.peek()) != word:
            raise FormulaError(f"'{word}' is missing" + ("" if found is None else f" before '{found}'"))
        self._position += 1
