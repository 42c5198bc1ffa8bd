"""The number of epochs that the service chooses for `auto`, according to its published guidance.

A job passes over its examples three times; over a small file more often, so that it sees about a hundred, and
over a large one less often, so that it sees about 25,000.
"""

from __future__ import annotations

_DEFAULT_EPOCHS = 3
_MIN_EXAMPLES_SEEN = 100
_MAX_EXAMPLES_SEEN = 25_000
_MAX_EPOCHS = 25


def auto_epochs(examples: int) -> int:
    """Return the number of epochs that `auto` means for a training file with this many examples."""
    examples = max(examples, 1)
    if examples * _DEFAULT_EPOCHS < _MIN_EXAMPLES_SEEN:
        return min(_MAX_EPOCHS, _MIN_EXAMPLES_SEEN // examples)
    if examples * _DEFAULT_EPOCHS > _MAX_EXAMPLES_SEEN:
        return max(1, _MAX_EXAMPLES_SEEN // examples)
    return _DEFAULT_EPOCHS
