"""Misspelled names: the known names that were probably meant, for the hint in a message."""

from __future__ import annotations

from collections.abc import Iterable


def near_name(name: str, known: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """Return the known name that a name is probably a misspelling of.

    `likeness` is how much of the two must be the same, from 0 to 1.
    """
    return next(iter(near_names(name, known, most=1, likeness=likeness)), None)


def near_names(name: str, known: Iterable[str], *, most: int, likeness: float = 0.6) -> list[str]:
    """Return up to `most` known names that a name may be a misspelling of, the nearest first."""
    # Loaded here, since names are seldom misspelled.
    from difflib import get_close_matches

    return get_close_matches(name, list(known), n=most, cutoff=likeness)
