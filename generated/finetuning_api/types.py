"""What models and endpoints share: the unset value, open enums, files, responses and the base of all models.

Reading is tolerant. A field that the server left out is `UNSET`, a null is `None`, an unknown enum value is kept as a
member-like value of its enum, a value of an unexpected type is kept as it came, and fields that the contract does not
know are kept in `additional_properties`. So `Model.from_dict(data).to_dict() == data` for every JSON object.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from datetime import date
from enum import Enum, StrEnum
from operator import attrgetter
from os.path import basename
from typing import IO, Any, BinaryIO, ClassVar, Final, Generic, Literal, Self, TypeVar
from warnings import warn

from .errors import NotAMapping


class Unset:
    """The type of `UNSET`, the only value it has; false in conditions."""

    __slots__ = ()

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    # A string is looked up in this module by pickle, copy and deepcopy: all give back the one `UNSET`.
    def __reduce__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()


class _Open:
    """An enum that accepts values it does not know, since a server may be newer than this contract.

    An unknown value is of the enum's class, equal to and hashed like its plain value, but no member: iteration and
    `__members__` show the documented values only.
    """

    _value_: Any

    @property
    def is_known(self) -> bool:
        """Whether the contract documents this value."""
        enum: Any = type(self)
        return self._value_ in enum._value2member_map_

    # Python before 3.11.4 copies and pickles a value by the name of its member, which an unknown one does not have.
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
        # Not cached among the members, so that a server cannot fill the memory with made-up values.
        return cls._of(str.__new__(cls, value), str(value)) if isinstance(value, str) else None


def _load(name: str) -> Any:
    """The class of a name, whose module is loaded when it is first needed."""
    from . import models

    return getattr(models, name)


class _Readers(dict[str, Any]):
    """The method of each model that reads it, by the name of the model."""

    __slots__ = ("_method",)

    def __init__(self, method: str) -> None:
        self._method = method

    def __missing__(self, name: str) -> Any:
        read = self[name] = getattr(_load(name), self._method)
        return read


# Reading by these tables loads a model when it is first met, and costs no more than a name does.
READ: Final = _Readers("from_dict")
READ_ALL: Final = _Readers("from_dicts")


class Members(dict[Any, Any]):
    """The members of an enum by value; the enum is loaded at the first look-up, and unknown values are not kept."""

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
    """The models of a union by the value of the field that tells them apart; each is loaded when it is first read."""

    __slots__ = ("_names", "_tag")

    def __init__(self, tag: str, names: Mapping[Any, str]) -> None:
        self._tag, self._names = tag, names

    def knows(self, value: dict[str, Any]) -> bool:
        """Whether one of the models is meant."""
        tag = value.get(self._tag)
        return type(tag) in (str, int) and tag in self._names

    def read(self, value: dict[str, Any]) -> Any:
        """The model that is meant; the value as it came when none is."""
        tag = value.get(self._tag)
        name = self._names.get(tag) if type(tag) in (str, int) else None
        return value if name is None else READ[name](value)


_PLAIN: Final = frozenset({str, int, float, bool, type(None)})


def plain(value: Any) -> Any:
    """The value as plain JSON data: models as dicts, enum values as strings, dates in ISO form."""
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
    """Warn whoever makes an object of its deprecated fields; of the object itself when no field is named."""
    for name in names:
        if getattr(given, name) is not UNSET:
            warn(f"{type(given).__name__}.{name} is deprecated", DeprecationWarning, stacklevel=4)
    if not names:
        warn(f"{type(given).__name__} is deprecated", DeprecationWarning, stacklevel=4)


_new: Final = object.__new__


class ApiObject:
    """Base of all models: an object of the API, with the fields that the contract documents and any others.

    The models are classes of attrs; their base is not, so that who uses only the types here does not load attrs.
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
        # With a name more than needed, since attrgetter gives no tuple for a single one.
        cls._values = attrgetter(*names, "_extras")

    @classmethod
    def from_dict(cls, src: Mapping[str, Any]) -> Self:
        """Read the object from decoded JSON.

        Never fails on the content, only on what is no mapping at all: `errors.NotAMapping`.
        """
        if type(src) is not dict:
            if not isinstance(src, Mapping):
                raise NotAMapping(cls.__name__, src)
            src = dict(src)
        blank = cls._blank
        if len(src) < len(blank):
            src = blank | src if src else blank
        self = _new(cls)  # not by __init__, which would pass all values once more
        try:
            self._fill(src)
        except KeyError:
            src = blank | src
            self._fill(src)
        self._extras = None if len(src) == len(blank) else cls._read_extras(src)
        return self

    @classmethod
    def from_dicts(cls, items: Iterable[Any]) -> list[Any]:
        """Read many objects; items that are no dicts stay as they are."""
        # As from_dict, but here for the whole list at once: pages of hundreds are what takes time.
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
        """Read the fields that the contract does not name."""
        known = cls._blank
        return {key: value for key, value in src.items() if key not in known}

    def _fill(self, src: dict[str, Any]) -> None:
        """Set all fields from a dict that has all keys of the contract; others raise `KeyError`."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """The object as plain JSON data, just as it was read: unset fields left out, unknown ones included."""
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
        """The fields that the contract does not know, as they came."""
        if self._extras is None:
            self._extras = {}
        return self._extras

    @property
    def additional_keys(self) -> list[str]:
        """The names of the fields that the contract does not know."""
        return list(self._extras or ())

    def __getitem__(self, key: str) -> Any:
        return (self._extras or {})[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: object) -> bool:
        return key in (self._extras or ())

    # By hand: attrs would write and compile such a method for each model, which is half of what loading it costs.
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


# What httpx takes in `files=`.
FileContent = IO[bytes] | bytes | str
FileTypes = (
    # (filename, content, content_type)
    tuple[str | None, FileContent, str | None]
    # (filename, content, content_type, headers)
    | tuple[str | None, FileContent, str | None, Mapping[str, str]]
)
RequestFiles = list[tuple[str, FileTypes]]


class File:
    """A file to upload, or one that was downloaded."""

    __slots__ = ("file_name", "mime_type", "payload")

    def __init__(self, payload: BinaryIO, file_name: str | None = None, mime_type: str | None = None) -> None:
        self.payload = payload
        self.file_name = file_name
        self.mime_type = mime_type

    def __repr__(self) -> str:
        return f"File({self.payload!r}, {self.file_name!r}, {self.mime_type!r})"

    def to_tuple(self) -> FileTypes:
        """The file in the form that httpx takes for multipart/form-data."""
        given = self.file_name or getattr(self.payload, "name", None)
        # Without a name the part would be an ordinary form field.
        name = basename(given) if isinstance(given, str) else ""
        return name or "upload", self.payload, self.mime_type


T = TypeVar("T")


class Response(Generic[T]):
    """A response with its parsed body. `status_code` is an `HTTPStatus` when it is a registered one."""

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
        """The server's id of the request (header `x-request-id`), worth quoting when asking for help."""
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
