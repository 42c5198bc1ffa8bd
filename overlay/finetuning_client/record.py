"""Records: immutable values with named fields, which cost next to nothing to define and to import.

A dataclass compiles its methods when its class is made, and some twenty records are loaded before the first
request.
"""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn, TypeVar, dataclass_transform

R = TypeVar("R", bound="Record")


@dataclass_transform(frozen_default=True)
class Record:
    """Base of the records: the annotations of a subclass are its fields, their values the defaults.

    Args:
        kw_only: whether the fields are keyword-only.

    A subclass checks its fields in `__post_init__`. Records of one class are equal if their fields are.
    """

    __match_args__: Any = ()
    _names: ClassVar[frozenset[str]] = frozenset()
    _defaults: ClassVar[dict[str, Any]] = {}
    _most_by_position: ClassVar[int] = 0

    def __init_subclass__(cls, *, kw_only: bool = False) -> None:
        super().__init_subclass__()
        # Only the names are used, so no annotation is evaluated.
        names = tuple(cls.__annotations__)
        cls.__match_args__ = names  # type: ignore[misc]  # it is found here
        cls._names = frozenset(names)
        cls._defaults = {name: getattr(cls, name) for name in names if hasattr(cls, name)}
        cls._most_by_position = 0 if kw_only else len(names)

    def __init__(self, *args: Any, **fields: Any) -> None:
        values = self.__dict__
        values.update(self._defaults)
        if args:
            given = dict(zip(self.__match_args__, args, strict=False))
            if len(args) > self._most_by_position or not fields.keys().isdisjoint(given):
                raise TypeError(f"{type(self).__name__}() takes {self._most_by_position} fields by position")
            values.update(given)
        values.update(fields)
        if values.keys() != self._names:
            wrong = ", ".join(sorted(values.keys() ^ self._names))
            raise TypeError(f"{type(self).__name__}() has missing or unknown fields: {wrong}")
        self.__post_init__()

    def __post_init__(self) -> None:
        """Check the fields."""

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} cannot be changed: create a new one")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} cannot be changed: create a new one")

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), *map(self.__dict__.get, self.__match_args__)))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
        return f"{type(self).__name__}({fields})"


def replace(record: R, **changes: Any) -> R:
    """Return a record with other values in some fields, checked like any other."""
    return type(record)(**{**record.__dict__, **changes})
