"""Options of scenarios and faults: checked names and values, with errors that list the known ones.

The same checks apply to Python arguments, JSON bodies and a job's metadata.
"""

from __future__ import annotations

import difflib
import typing
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec

__all__ = ["OptionError", "convert", "invalid_name"]

_T = TypeVar("_T", bound=msgspec.Struct)


class OptionError(ValueError):
    """An option has an unknown name or a bad value; `option` is its name, or empty for several."""

    def __init__(self, message: str, option: str = "") -> None:
        super().__init__(message)
        self.option = option


def convert(values: Mapping[str, Any], kind: type[_T], *, from_text: bool = False, prefix: str = "") -> _T:
    """Return the options as a `kind`.

    Args:
        values: the options by name.
        kind: the struct with the options' types and limits.
        from_text: whether numbers and booleans may be given as strings.
        prefix: text that messages put before the names.

    Raises:
        OptionError: a name is unknown, a required option is missing, or a value breaks its limits.
    """
    known = [prefix + name for name in kind.__struct_fields__]
    for name, value in values.items():
        if prefix + name not in known:
            raise OptionError(invalid_name("option", prefix + name, known), name)
        _check_encodable(prefix + name, value)
    try:
        return msgspec.convert(values, kind, strict=not from_text)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at ")
        name = path.strip("`").removeprefix("$").removeprefix(".")
        choices = _choices(kind, name)
        if choices and isinstance(value := values[name], str):
            raise OptionError(invalid_name(prefix + name, value, choices), name) from None
        text = text.replace("`", "'")
        raise OptionError(f"{prefix}{name}: {text}" if name else text, name) from None


def invalid_name(what: str, name: str, known: Iterable[str]) -> str:
    """Return a message about an unknown name, which gives the most similar name and all known ones."""
    known = list(known)
    similar = difflib.get_close_matches(name[:64], known, n=1)
    hint = f": did you mean {similar[0]!r}?" if similar else "."
    return f"Invalid {what} {name[:64]!r}{hint} Known: {', '.join(known)}"


def _check_encodable(name: str, value: object) -> None:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise OptionError(f"{name}: the text cannot be encoded as UTF-8", name) from None


def _choices(kind: type[msgspec.Struct], name: str) -> tuple[str, ...]:
    """Return the allowed values of an option that is an enumeration; empty for any other option."""
    annotation = typing.get_type_hints(kind).get(name)
    if typing.get_origin(annotation) is typing.Literal:
        return typing.get_args(annotation)
    return ()
