"""Options of the form KEY=VALUE."""

from __future__ import annotations

import click


def pair(text: str) -> tuple[str, str]:
    """Return the key and the value of an option that is a pair."""
    key, separator, value = text.partition("=")
    if not separator or not key.strip():
        raise click.BadParameter(f"{text!r} is not a pair: write KEY=VALUE")
    return key.strip(), value
