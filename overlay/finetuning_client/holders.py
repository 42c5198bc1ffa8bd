"""Base of objects that users hold but cannot create: `help()` and the error on pickling say so."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from itertools import pairwise
from typing import Any, ClassVar, Self, TypeVar

T = TypeVar("T", bound=type)


class HoldsClient:
    """Base of objects that hold a client, with its key and connections. A copy shares them."""

    __slots__ = ()
    _instead: ClassVar[str] = "create a client where it is needed"

    def __reduce__(self) -> Any:
        raise TypeError(
            f"{type(self).__name__} cannot be pickled: it holds a client, with its key and connections; "
            f"{self._instead}"
        )

    def __copy__(self) -> Self:
        other = object.__new__(type(self))
        for kind in type(self).__mro__:
            for name in getattr(kind, "__slots__", ()):
                setattr(other, name, getattr(self, name))
        for name, value in getattr(self, "__dict__", {}).items():
            setattr(other, name, value)
        return other


def made_by(maker: str) -> Callable[[T], T]:
    """Return a decorator for classes whose objects come from `maker`: `help()` shows no arguments."""

    def decorate(kind: T) -> T:
        itself = Parameter("self", Parameter.POSITIONAL_ONLY)
        made: Any = kind
        made.__init__.__doc__ = f"Made by {maker}."
        made.__init__.__signature__ = Signature([itself])
        made.__signature__ = Signature()
        return kind

    return decorate


def attribute_doc(owner: type, name: str) -> str:
    """Return the text below an attribute in the source of its class; empty if there is none.

    Such texts exist only in the source: editors read them there, and `help()` gets them through this
    function.
    """
    import ast
    import inspect
    import textwrap

    try:
        [tree] = ast.parse(textwrap.dedent(inspect.getsource(owner))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return ""
    body = getattr(tree, "body", [])
    for statement, below in pairwise(body):
        match statement, below:
            case (
                ast.Assign(targets=[ast.Name(id=found)]),
                ast.Expr(value=ast.Constant(value=str(said))),
            ) if found == name:
                return inspect.cleandoc(said)
    return ""
