"""Misspelled names: the known name that was probably meant, for the hint in a message."""

from __future__ import annotations

from collections.abc import Iterable


def near_name(name: str, known: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """Return the known name that a name is probably a misspelling of.

    `likeness` is how much of the two must be the same, from 0 to 1.
    """
    # Loaded here, since names are seldom misspelled.
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, list(known), n=1, cutoff=likeness)), None)
