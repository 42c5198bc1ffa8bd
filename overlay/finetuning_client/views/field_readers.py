"""Fields of views: each reads a value that the server sent, and never fails.

A value that is absent, null or of another type reads as `None`, or as empty where a field is never `None`.
Compatible servers write numbers as text, and times in several units and forms: these are read too. The views
themselves are generated from the contract, in `objects`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, SupportsIndex, TypeVar, overload

from finetuning_api.types import UNSET, plain

from ..errors import printable
from ..open_status import Meaning, Status

T = TypeVar("T")
V = TypeVar("V", bound="View")

# Longer runs of digits are unlikely to be numbers, and Python refuses to read the longest.
_WHOLE = re.compile(r"\s*-?[0-9]{1,30}\s*", re.ASCII)
_NUMBER = re.compile(r"\s*-?[0-9]{1,30}(\.[0-9]{1,60})?([eE][+-]?[0-9]{1,3})?\s*", re.ASCII)
# Times at least this large are in milliseconds, microseconds and nanoseconds: as seconds, they would be after
# the year 5000, and as the smaller unit they are after 1973.
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))


class View:
    """An object of the API, in an easy-to-read form. It is falsy if the server sent none of it."""

    __slots__ = ("_data", "_statuses")

    def __init__(self, data: Any, statuses: Mapping[str, Meaning] | None = None) -> None:
        self._data: Any = data  # a model of the generated library, or a dict
        self._statuses = statuses  # those that were declared for its client

    def to_dict(self) -> dict[str, Any]:
        """Return what the server sent, unknown fields included."""
        return mapping(self._data)

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[Any, ...]:
        # Protocols 0 and 1 cannot pickle slots.
        return super().__reduce_ex__(max(protocol.__index__(), 2))

    def __bool__(self) -> bool:
        return bool(self.to_dict())

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.to_dict() == self.to_dict()

    def __hash__(self) -> int:
        return hash((type(self), getattr(self, "id", None)))

    def __repr__(self) -> str:
        name = getattr(self, "id", "")
        return printable(f"<{type(self).__name__} {name or self.to_dict()}>")


# Documented in a comment, since the docstring of a field is that of the attribute.
# A field of a view: reads the value that the server sent, and converts it. Its arguments:
#   read: converts the value, and must not fail.
#   wire: name of the field in the contract, where the attribute's differs.
class Field(Generic[T]):  # noqa: D101
    __slots__ = ("_name", "_owner", "_read", "_wire")

    def __init__(self, read: Callable[[Any], T], wire: str = "") -> None:
        self._read = read
        self._wire = wire
        self._name = ""
        self._owner: type = View

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name
        self._owner = owner
        self._wire = self._wire or name

    if not TYPE_CHECKING:
        # With it `help()` lists a field as data, with its documentation, and not among the methods.
        def __set__(self, view: View, value: object) -> None:
            raise AttributeError(f"{self._name} cannot be set: it is what the server sent")

        @property
        def __doc__(self) -> str:
            from ..holders import attribute_doc

            return attribute_doc(self._owner, self._name)

    @overload
    def __get__(self, view: None, owner: type) -> Self: ...
    @overload
    def __get__(self, view: View, owner: type) -> T: ...
    def __get__(self, view: View | None, owner: type) -> T | Self:
        if view is None:
            return self
        data = view._data  # noqa: SLF001  fields are part of views
        found = data.get(self._wire) if isinstance(data, dict) else getattr(data, self._name, None)
        read = self._read(found)
        if view._statuses:  # noqa: SLF001
            return _with_statuses(read, view._statuses)  # noqa: SLF001
        return read


def _with_statuses(value: T, statuses: Mapping[str, Meaning]) -> T:
    """Return a status, or a view that may have one, with the statuses that were declared for the client."""
    if isinstance(value, Status):
        return value.with_declared(statuses)
    if isinstance(value, View):
        value._statuses = statuses  # noqa: SLF001
    return value


def text(value: object) -> str | None:
    """Read a string; an empty one reads as `None`."""
    return str(value) if isinstance(value, str) and value else None


def text_as(kind: Callable[[str], T]) -> Callable[[Any], T | None]:
    """Return a reader of strings of a given type: an identifier, or an open enum."""
    # Looked up here, in a fifth of the time of a call of the enum.
    members: Mapping[str, T] = getattr(kind, "_value2member_map_", {})

    def read(value: object) -> T | None:
        found = text(value)
        return None if found is None else members.get(found) or kind(found)

    return read


def whole(value: object) -> int | None:
    """Read a whole number; 2.0 is one, as in JSON Schema, and so are digits in text."""
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number(value: object) -> float | None:
    """Read a finite number, even one written as text."""
    if isinstance(value, str):
        value = float(value) if _NUMBER.fullmatch(value) else None
    is_finite = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")
    return value if is_finite else None  # type: ignore[return-value]


def whole_or_auto(value: object) -> int | Literal["auto"] | None:
    """Read a whole number, or `"auto"`."""
    return "auto" if value == "auto" else whole(value)


def number_or_auto(value: object) -> float | Literal["auto"] | None:
    """Read a finite number, or `"auto"`."""
    return "auto" if value == "auto" else number(value)


def flag(value: object) -> bool | None:
    """Read true or false."""
    return value if isinstance(value, bool) else None


def moment(value: object) -> datetime | None:
    """Read a time as an aware datetime in UTC: a number since 1970, digits in text, or ISO 8601 text.

    Numbers are in seconds, or in milliseconds or a smaller unit where they are that large. Zero, an empty
    string and times before 1970 mean that there is no time; an ISO 8601 text without an offset is in UTC.
    """
    at = number(value)
    if at is None:
        return _iso_moment(value.strip()) if isinstance(value, str) else None
    try:
        per_second = next((per_second for least, per_second in _UNITS if at >= least), 1)
        return datetime.fromtimestamp(at / per_second, UTC) if at > 0 else None
    except (OverflowError, OSError, ValueError):
        return None


def seconds(value: object) -> float | None:
    """Read a time, in any form that `moment` reads, in Unix seconds."""
    found = moment(value)
    return None if found is None else found.timestamp()


def _iso_moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        # Loaded here: only it reads rare forms such as 24:00.
        from dateutil.parser import isoparse

        try:
            found = isoparse(text)
        except (ValueError, OverflowError):
            return None
    try:
        found = found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if found.year >= 1970 and found.timestamp() > 0 else None


def day(value: object) -> date | None:
    """Read a date, `YYYY-MM-DD`."""
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        return None


def mapping(value: object) -> dict[str, Any]:
    """Read an object as JSON data; empty when there is none."""
    found = plain(value)
    return found if isinstance(found, dict) else {}


def items(value: object) -> list[Any]:
    """Read an array as JSON data; empty when there is none."""
    found = plain(value)
    return found if isinstance(found, list) else []


def anything(value: object) -> Any:
    """Read JSON data of any type."""
    return None if value is UNSET else plain(value)


def list_of(read: Callable[[Any], T | None]) -> Callable[[Any], list[T]]:
    """Return a reader of arrays, which skips items for which `read` returns `None`."""

    def read_list(value: object) -> list[T]:
        found = map(read, value) if isinstance(value, list) else ()
        return [item for item in found if item is not None]

    return read_list


def view(kind: Callable[[], type[V]]) -> Callable[[Any], V | None]:
    """Return a reader of objects with a view; `kind` returns its class, which may be defined later."""

    def read(value: object) -> V | None:
        return kind()(value) if _is_object(value) else None

    return read


def view_or_empty(kind: Callable[[], type[V]]) -> Callable[[Any], V]:
    """Return the reader of `view` that returns an empty view instead of `None`."""

    def read(value: object) -> V:
        return kind()(value if _is_object(value) else {})

    return read


def or_else(read: Callable[[Any], T | None], absent: T) -> Callable[[Any], T]:
    """Return a reader that returns `absent` where `read` returns `None`."""

    def read_or_else(value: object) -> T:
        found = read(value)
        return absent if found is None else found

    return read_or_else


def _is_object(value: object) -> bool:
    return isinstance(value, Mapping) or hasattr(value, "to_dict")
