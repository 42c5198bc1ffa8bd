"""Types shared by models and endpoints: the unset value, open enums, files, responses, the base of all models.

Reading is tolerant. A field that the server left out is `UNSET`, a null is `None`, an unknown enum value is kept as a
member-like value of its enum, a value of an unexpected type is kept unchanged, and fields that are not in the contract
are kept in `additional_properties`. So `Model.from_dict(data).to_dict() == data` for every JSON object.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from datetime import date
from enum import Enum, StrEnum
from operator import attrgetter
from os.path import basename
from typing import IO, Any, BinaryIO, ClassVar, Final, Generic, Literal, Self, SupportsIndex, TypeVar
from warnings import warn

from .errors import NotAMapping


class Unset:
    """Type of `UNSET`, its only value, which is false in conditions."""

    __slots__ = ()

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    # pickle, copy and deepcopy look a string up in this module, so all of them return the same `UNSET`.
    def __reduce__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()


class _Open:
    """An enum that accepts unknown values, since a server may be newer than this contract.

    An unknown value is an instance of the enum's class, and equals and hashes like its plain value, but it is not a
    member: iteration and `__members__` give only the documented values.
    """

    _value_: Any

    @property
    def is_known(self) -> bool:
        """True if the contract documents this value."""
        enum: Any = type(self)
        return self._value_ in enum._value2member_map_

    # Python before 3.11.4 copies and pickles a value by its member name, which an unknown value does not have.
    def __reduce_ex__(self, protocol: object) -> tuple[Any, ...]:
        return type(self), (self._value_,)

    @classmethod
    def _of(cls, unknown: Any, value: Any) -> Any:
        unknown._name_ = str(value)
        unknown._value_ = value
        return unknown


class OpenStrEnum(_Open, StrEnum):
    """An open enum of strings."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        # Not cached among the members, so that a server cannot fill the memory with arbitrary values.
        return cls._of(str.__new__(cls, value), str(value)) if isinstance(value, str) else None


def _load(name: str) -> Any:
    """Return the class with this name; its module is loaded when it is first needed."""
    from . import models

    return getattr(models, name)


class _Readers(dict[str, Any]):
    """The reading method of each model, by the name of the model."""

    __slots__ = ("_method",)

    def __init__(self, method: str) -> None:
        self._method = method

    def __missing__(self, name: str) -> Any:
        read = self[name] = getattr(_load(name), self._method)
        return read


# A model is loaded when it is first read through these tables; after that, reading costs one dict lookup.
READ: Final = _Readers("from_dict")
READ_ALL: Final = _Readers("from_dicts")


class Members(dict[Any, Any]):
    """The members of an enum by value; the enum is loaded at the first lookup, and unknown values are not stored."""

    __slots__ = ("_enum",)

    def __init__(self, enum: str) -> None:
        self._enum = enum

    def __missing__(self, value: Any) -> Any:
        enum = _load(self._enum)
        if not self:
            self.update(enum._value2member_map_)
        member = self.get(value)
        return enum(value) if member is None else member


class Tagged:
    """The models of a union, by the value of the field that identifies them; each is loaded when it is first read."""

    __slots__ = ("_names", "_tag")

    def __init__(self, tag: str, names: Mapping[Any, str]) -> None:
        self._tag, self._names = tag, names

    def knows(self, value: dict[str, Any]) -> bool:
        """Return whether the value is one of the models."""
        tag = value.get(self._tag)
        return type(tag) in (str, int) and tag in self._names

    def read(self, value: dict[str, Any]) -> Any:
        """Return the value as its model, or unchanged if it is none of them."""
        tag = value.get(self._tag)
        name = self._names.get(tag) if type(tag) in (str, int) else None
        return value if name is None else READ[name](value)


_PLAIN: Final = frozenset({str, int, float, bool, type(None)})


def plain(value: Any) -> Any:
    """Return the value as plain JSON data: models as dicts, enum values as strings, dates in ISO format."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, ApiObject):
        return value.to_dict()
    if isinstance(value, Enum):
        return value._value_
    if kind is list or kind is tuple:
        return [item if type(item) in _PLAIN else plain(item) for item in value]
    if isinstance(value, date):
        return getattr(value, "text", None) or value.isoformat()
    if isinstance(value, Mapping):
        return {key: item if type(item) in _PLAIN else plain(item) for key, item in value.items() if item is not UNSET}
    return value


def warn_deprecated(given: ApiObject, *names: str) -> None:
    """Warn the caller who creates an object about its deprecated fields, or about the object if none is named."""
    for name in names:
        if getattr(given, name) is not UNSET:
            warn(f"{type(given).__name__}.{name} is deprecated", DeprecationWarning, stacklevel=4)
    if not names:
        warn(f"{type(given).__name__} is deprecated", DeprecationWarning, stacklevel=4)


_new: Final = object.__new__


class ApiObject:
    """Base of all models: an object of the API, with the documented fields and any others.

    The models are attrs classes. Their base is not, so that programs that use only these types do not load attrs.
    """

    __slots__ = ("_extras",)

    # Allocated only when needed: most objects have no unknown fields, and many are kept.
    _extras: dict[str, Any] | None

    _names: ClassVar[tuple[str, ...]] = ()
    _keys: ClassVar[tuple[str, ...]] = ()
    _blank: ClassVar[dict[str, Any]] = {}
    _renamed: ClassVar[dict[str, str]] = {}
    _values: ClassVar[Any]

    def __attrs_pre_init__(self) -> None:
        self._extras = None

    @classmethod
    def __attrs_init_subclass__(cls) -> None:
        attributes: Any = getattr(cls, "__attrs_attrs__")
        names: list[str] = [attribute.name for attribute in attributes]
        cls._names = tuple(names)
        cls._keys = tuple(cls._renamed.get(name, name) for name in names)
        cls._blank = dict.fromkeys(cls._keys, UNSET)
        # One more name than needed, since attrgetter does not return a tuple for a single name.
        cls._values = attrgetter(*names, "_extras")

    @classmethod
    def from_dict(cls, src: Mapping[str, Any]) -> Self:
        """Read the object from decoded JSON.

        Accepts any content. Raises `errors.NotAMapping` if `src` is not a mapping.
        """
        if type(src) is not dict:
            if not isinstance(src, Mapping):
                raise NotAMapping(cls.__name__, src)
            src = dict(src)
        blank = cls._blank
        if len(src) < len(blank):
            src = blank | src if src else blank
        self = _new(cls)  # __init__ would pass all values a second time
        try:
            self._fill(src)
        except KeyError:
            src = blank | src
            self._fill(src)
        self._extras = None if len(src) == len(blank) else cls._read_extras(src)
        return self

    @classmethod
    def from_dicts(cls, items: Iterable[Any]) -> list[Any]:
        """Read many objects; items that are not dicts are kept unchanged."""
        # Repeats from_dict within one loop, since most time is spent on pages of hundreds of items.
        blank = cls._blank
        size = len(blank)
        fill = cls._fill
        read = []
        for src in items:
            if type(src) is not dict:
                read.append(src)
                continue
            self = _new(cls)
            if len(src) < size:
                src = blank | src if src else blank
            try:
                fill(self, src)
            except KeyError:
                src = blank | src
                fill(self, src)
            self._extras = None if len(src) == size else cls._read_extras(src)
            read.append(self)
        return read

    @classmethod
    def _read_extras(cls, src: dict[str, Any]) -> dict[str, Any]:
        """Read the fields that are not in the contract."""
        known = cls._blank
        return {key: value for key, value in src.items() if key not in known}

    def _fill(self, src: dict[str, Any]) -> None:
        """Set all fields from a dict that has every key of the contract. Raises `KeyError` if one is missing."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """Return the object as plain JSON data, as it was read: without unset fields, and with unknown ones."""
        data: dict[str, Any] = {}
        for key, value in zip(self._keys, self._values(self)):
            if type(value) in _PLAIN:
                data[key] = value
            elif value is not UNSET:
                data[key] = plain(value)
        if self._extras:
            data.update({key: value for key, value in plain(self._extras).items() if key not in data})
        return data

    @property
    def additional_properties(self) -> dict[str, Any]:
        """The fields that are not in the contract, unchanged."""
        if self._extras is None:
            self._extras = {}
        return self._extras

    @property
    def additional_keys(self) -> list[str]:
        """The names of the fields that are not in the contract."""
        return list(self._extras or ())

    # Protocols 0 and 1 cannot pickle slots.
    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        return super().__reduce_ex__(max(protocol.__index__(), 2))

    def __getitem__(self, key: str) -> Any:
        return (self._extras or {})[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: object) -> bool:
        return key in (self._extras or ())

    # Written by hand: attrs would compile such a method for each model, which is half the cost of loading it.
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ApiObject) or other.__class__ is not self.__class__:
            return NotImplemented
        *mine, my_extras = self._values(self)
        *others, other_extras = self._values(other)
        return mine == others and (my_extras or None) == (other_extras or None)

    def __repr__(self) -> str:
        shown = [f"{name}={value!r}" for name in self._names if (value := getattr(self, name)) is not UNSET]
        if self._extras:
            shown.append(f"additional_properties={self._extras!r}")
        return f"{type(self).__name__}({', '.join(shown)})"


# The values that httpx accepts in `files=`.
FileContent = IO[bytes] | bytes | str
FileTypes = (
    # (filename, content, content_type)
    tuple[str | None, FileContent, str | None]
    # (filename, content, content_type, headers)
    | tuple[str | None, FileContent, str | None, Mapping[str, str]]
)
RequestFiles = list[tuple[str, FileTypes]]


class File:
    """A file to upload, or a downloaded one."""

    __slots__ = ("file_name", "mime_type", "payload")

    def __init__(self, payload: BinaryIO, file_name: str | None = None, mime_type: str | None = None) -> None:
        self.payload = payload
        self.file_name = file_name
        self.mime_type = mime_type

    def __repr__(self) -> str:
        return f"File({self.payload!r}, {self.file_name!r}, {self.mime_type!r})"

    def to_tuple(self) -> FileTypes:
        """Return the file in the form that httpx accepts for multipart/form-data."""
        given = self.file_name or getattr(self.payload, "name", None)
        # Without a file name, the part would be an ordinary form field.
        name = basename(given) if isinstance(given, str) else ""
        return name or "upload", self.payload, self.mime_type


T = TypeVar("T")


class Response(Generic[T]):
    """A response with its parsed body. `status_code` is an `HTTPStatus` if it is a registered status."""

    __slots__ = ("content", "headers", "parsed", "status_code")

    def __init__(self, status_code: int, content: bytes, headers: MutableMapping[str, str], parsed: T) -> None:
        self.status_code = status_code
        self.content = content
        self.headers = headers
        self.parsed = parsed

    def __repr__(self) -> str:
        return f"Response(status_code={self.status_code!r}, parsed={self.parsed!r})"

    @property
    def request_id(self) -> str | None:
        """The server's id for the request (header `x-request-id`), to quote in a support request."""
        return self.headers.get("x-request-id")


__all__ = [
    "UNSET",
    "ApiObject",
    "File",
    "FileTypes",
    "OpenStrEnum",
    "RequestFiles",
    "Response",
    "Unset",
    "plain",
]
