"""Records: immutable values with named fields, which cost next to nothing to define and to import.

A dataclass compiles its methods when its class is made, and some twenty records are loaded before the first
request.
"""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar, dataclass_transform

R = TypeVar("R", bound="Record")


@dataclass_transform(frozen_default=True)
class Record:
    """Base of the records: the annotations of a subclass are its fields, their values the defaults.

    Args:
        kw_only: whether the fields are given by name only.

    A subclass checks its fields in `__post_init__`. Records of one class are equal if their fields are.
    """

    __match_args__: Any = ()
    _takes_positions = True

    def __init_subclass__(cls, *, kw_only: bool = False) -> None:
        super().__init_subclass__()
        # Only the names: no annotation is evaluated.
        cls.__match_args__ = tuple(cls.__annotations__)  # type: ignore[misc]  # it is found here
        cls._takes_positions = not kw_only

    def __init__(self, *args: Any, **fields: Any) -> None:
        names = self.__match_args__
        if args:
            if len(args) > len(names) or not self._takes_positions:
                raise TypeError(f"{type(self).__name__}() takes its fields by name: {', '.join(names)}")
            for name, value in zip(names, args, strict=False):
                if fields.setdefault(name, value) is not value:
                    raise TypeError(f"{type(self).__name__}() got two values for {name!r}")
        kind = type(self)
        for name in names:
            if name not in fields:
                if not hasattr(kind, name):
                    raise TypeError(f"{kind.__name__}() needs {name!r}")
                fields[name] = getattr(kind, name)
        if len(fields) > len(names):
            unknown = next(name for name in fields if name not in names)
            raise TypeError(f"{kind.__name__}() has no field {unknown!r}: it has {', '.join(names)}")
        self.__dict__.update(fields)
        self.__post_init__()

    def __post_init__(self) -> None:
        """Check the fields."""

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} cannot be changed: make another one")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} cannot be changed: make another one")

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, name) for name in self.__match_args__)))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
        return f"{type(self).__name__}({fields})"


def replace(record: R, **changes: Any) -> R:
    """Return a record with other values in some fields, checked like any other."""
    return type(record)(**{**record.__dict__, **changes})
