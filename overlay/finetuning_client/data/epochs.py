"""The number of epochs that the service chooses for `auto`, by its published guidance.

A job passes three times over its examples, but a small file more often, so that about a hundred are seen,
and a large one less often, so that about 25 000 are.
"""

from __future__ import annotations

_USUAL = 3
_FEWEST_SEEN = 100
_MOST_SEEN = 25_000
_MOST = 25


def auto_epochs(examples: int) -> int:
    """Return the epochs that `auto` stands for, for a training file of so many examples."""
    examples = max(examples, 1)
    if examples * _USUAL < _FEWEST_SEEN:
        return min(_MOST, _FEWEST_SEEN // examples)
    if examples * _USUAL > _MOST_SEEN:
        return max(1, _MOST_SEEN // examples)
    return _USUAL
