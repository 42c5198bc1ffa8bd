"""The number of epochs that the service chooses for `auto`, according to its published guidance.

A job passes over its examples three times; over a small file more often, so that it sees about a hundred, and
over a large one less often, so that it sees about 25,000.
"""

from __future__ import annotations

_USUAL = 3
_FEWEST_SEEN = 100
_MOST_SEEN = 25_000
_MOST = 25


def auto_epochs(examples: int) -> int:
    """Return the number of epochs that `auto` means for a training file with this many examples."""
    examples = max(examples, 1)
    if examples * _USUAL < _FEWEST_SEEN:
        return min(_MOST, _FEWEST_SEEN // examples)
    if examples * _USUAL > _MOST_SEEN:
        return max(1, _MOST_SEEN // examples)
    return _USUAL
