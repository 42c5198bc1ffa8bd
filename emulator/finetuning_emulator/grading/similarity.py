"""The similarity of two texts, from 0 to 1, by each of the metrics that a grader can name.

BLEU (order 4, orders above 1 smoothed by one), GLEU and METEOR (exact matches, no stems or synonyms)
count words and punctuation marks as they are written; ROUGE gives F1 over words, ignoring case; fuzzy
matching compares characters by their longest common subsequence. The hosted service computes
`cosine` from embeddings; here it compares how often each word occurs.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence

__all__ = ["METRICS", "rouge"]

_WORD = re.compile(r"\w+")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_ORDER = 4


def _fuzzy_match(text: str, reference: str) -> float:
    length = len(text) + len(reference)
    return 2 * _common(text, reference) / length if length else 1.0


def _bleu(text: str, reference: str) -> float:
    candidate, target = _TOKEN.findall(text), _TOKEN.findall(reference)
    if not candidate or not target:
        return float(candidate == target)
    logarithms = 0.0
    for order in range(1, _ORDER + 1):
        found, wanted = _grams(candidate, order), _grams(target, order)
        matches, total = (found & wanted).total(), found.total()
        if order == 1 and not matches:
            return 0.0
        smoothing = order > 1
        logarithms += math.log((matches + smoothing) / (total + smoothing))
    brevity = min(0.0, 1 - len(target) / len(candidate))
    return math.exp(brevity + logarithms / _ORDER)


def _gleu(text: str, reference: str) -> float:
    candidate, target = _TOKEN.findall(text), _TOKEN.findall(reference)
    matches = found = wanted = 0
    for order in range(1, _ORDER + 1):
        first, second = _grams(candidate, order), _grams(target, order)
        matches += (first & second).total()
        found += first.total()
        wanted += second.total()
    most = max(found, wanted)
    return matches / most if most else 1.0


def _meteor(text: str, reference: str) -> float:
    candidate = [token.casefold() for token in _TOKEN.findall(text)]
    target = [token.casefold() for token in _TOKEN.findall(reference)]
    if not candidate or not target:
        return float(candidate == target)
    pairs = _aligned(candidate, target)
    if not pairs:
        return 0.0
    precision, recall = len(pairs) / len(candidate), len(pairs) / len(target)
    mean = 10 * precision * recall / (recall + 9 * precision)
    chunks = 1 + sum(
        (after[0] - before[0], after[1] - before[1]) != (1, 1) for before, after in itertools.pairwise(pairs)
    )
    return mean * (1 - 0.5 * (chunks / len(pairs)) ** 3)


def _aligned(candidate: Sequence[str], target: Sequence[str]) -> list[tuple[int, int]]:
    """Return pairs of equal words, each used once; a word that continues the last pair is preferred."""
    free: dict[str, list[int]] = {}
    for position, word in enumerate(target):
        free.setdefault(word, []).append(position)
    pairs: list[tuple[int, int]] = []
    expected = 0
    for position, word in enumerate(candidate):
        positions = free.get(word)
        if positions:
            chosen = expected if expected in positions[:64] else positions[0]
            positions.remove(chosen)
            pairs.append((position, chosen))
            expected = chosen + 1
    return pairs


def rouge(order: int, text: str, reference: str) -> float:
    """Return the F1 of the `order`-grams that two texts share."""
    first, second = _words(text), _words(reference)
    found, wanted = _grams(first, order), _grams(second, order)
    if not found and not wanted:
        return float(first == second)
    return _f1((found & wanted).total(), found.total(), wanted.total())


def _rouge_l(text: str, reference: str) -> float:
    found, wanted = _words(text), _words(reference)
    return _f1(_common(found, wanted), len(found), len(wanted))


def _cosine(text: str, reference: str) -> float:
    first, second = Counter(_words(text)), Counter(_words(reference))
    if not first or not second:
        return float(first == second)
    product = sum(count * second[word] for word, count in first.items())
    return min(1.0, product / math.sqrt(_square(first) * _square(second)))


def _square(counts: Counter[str]) -> int:
    return sum(count * count for count in counts.values())


def _f1(matches: int, found: int, wanted: int) -> float:
    return 2 * matches / (found + wanted) if found or wanted else 1.0


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _grams(tokens: Sequence[str], order: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[i : i + order]) for i in range(len(tokens) - order + 1))


def _common(first: Sequence[Hashable], second: Sequence[Hashable]) -> int:
    """Return the length of the longest common subsequence; one integer holds a row of the table."""
    positions: dict[Hashable, int] = {}
    for position, item in enumerate(first):
        positions[item] = positions.get(item, 0) | 1 << position
    everything = (1 << len(first)) - 1
    row = everything
    for item in second:
        matched = row & positions.get(item, 0)
        row = (row + matched | row - matched) & everything
    return len(first) - row.bit_count()


def _rouge_of(order: int) -> Callable[[str, str], float]:
    return lambda text, reference: rouge(order, text, reference)


METRICS: dict[str, Callable[[str, str], float]] = {
    "fuzzy_match": _fuzzy_match,
    "bleu": _bleu,
    "gleu": _gleu,
    "meteor": _meteor,
    "cosine": _cosine,
    "rouge_l": _rouge_l,
    **{f"rouge_{order}": _rouge_of(order) for order in range(1, 6)},
}
"""The metrics by name: functions of a text and its reference."""
