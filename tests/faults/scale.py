"""Scale of the long runs: a short, seeded share of each in the tests, the whole in `make soak`."""

from __future__ import annotations

import os

__all__ = ["IS_WHOLE", "scaled"]

IS_WHOLE = bool(os.environ.get("SOAK_ROUNDS"))
"""True for long runs of full length."""


def scaled(whole: int, share: int) -> int:
    """Return the number of repetitions: `whole` in a soak run, and `share` in the tests."""
    return whole if IS_WHOLE else share
