"""Hand-written classes that generated methods refer to, read without importing them."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tools.openapi import DocumentError

from .locations import METHODS_OF, PACKAGE, RESOURCES

__all__ = ["Class", "HandWritten", "read_identifiers"]

# Packages with hand-written classes that generated views must fit.
_PACKAGES = (PACKAGE, PACKAGE / "methods", PACKAGE / "views")
_GENERATED = ("statuses.py", "views/objects.py", f"{METHODS_OF}*.py", f"{RESOURCES}.py")


@dataclass(frozen=True)
class Class:
    """A hand-written class.

    Attributes:
        name: its name.
        module: its module, relative to the directory that was read.
        bases: the names of its bases.
        members: the names that its body defines.
        place: its file and line, as compilers write them.
    """

    name: str
    module: str
    bases: frozenset[str]
    members: frozenset[str]
    place: str


class HandWritten:
    """Classes of `_async/` and of the packages beside it, by name; empty if the files do not exist.

    Args:
        root: the repository.
        views: the generated views, which they may inherit from, each with the names of its fields.
    """

    def __init__(self, root: Path, views: Mapping[str, Collection[str]]) -> None:
        self.classes = {found.name: found for found in _classes(root, PACKAGE / "_async")}
        self.others = {found.name: found for package in _PACKAGES for found in _classes(root, package)}
        self._fields = {name: frozenset(fields) for name, fields in views.items()}

    @cached_property
    def views(self) -> frozenset[str]:
        """Names of the views."""
        return frozenset(self._fields)

    @cached_property
    def handles(self) -> frozenset[str]:
        """Names of handles, without `Async`: classes that have generated methods, and can adopt an object."""
        bases = {name: found.bases for name, found in self.classes.items() if "_adopt" in self.members(name)}
        return frozenset(name.removeprefix("Async") for name in bases if f"{name}Methods" in bases[name])

    def members(self, name: str) -> frozenset[str]:
        """Return the names that a class, or one of its hand-written bases or views, defines."""
        if found := self.classes.get(name) or self.others.get(name):
            return found.members.union(*(self.members(base) for base in found.bases))
        return self._fields.get(name, frozenset())

    def heirs(self, view: str) -> list[Class]:
        """Return the hand-written classes that inherit from a view, directly or not."""
        every = [*self.others.values(), *self.classes.values()]
        direct = [found for found in every if view in found.bases]
        return direct + [heir for found in direct for heir in self.heirs(found.name)]


def read_identifiers(root: Path) -> list[str]:
    """Return the names of the identifier types, which `identifiers` creates with `NewType`."""
    return [
        node.targets[0].id
        for _, node in _statements(root, [root / PACKAGE / "identifiers.py"])
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and ast.unparse(node.value).startswith("NewType(")
    ]


def _classes(root: Path, directory: Path) -> Iterator[Class]:
    every = sorted((root / directory).glob("*.py"))
    paths = [path for path in every if not any(map(path.match, _GENERATED))]
    for path, node in _statements(root, paths):
        if isinstance(node, ast.ClassDef):
            bases = frozenset(_name(base) for base in node.bases)
            place = f"{path.relative_to(root).as_posix()}:{node.lineno}"
            yield Class(node.name, path.stem, bases, frozenset(_members(node)), place)


def _statements(root: Path, paths: Iterable[Path]) -> Iterator[tuple[Path, ast.stmt]]:
    """Yield the statements of modules. Raises `DocumentError` for a file that is not Python."""
    for path in paths:
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, UnicodeDecodeError) as error:
            line = getattr(error, "lineno", None) or 1
            shown = path.relative_to(root).as_posix()
            raise DocumentError(f"{shown}:{line}: not Python: {error.args[0]}") from None
        yield from ((path, node) for node in tree.body)


def _name(base: ast.expr) -> str:
    return ast.unparse(base.value if isinstance(base, ast.Subscript) else base)


def _members(node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
                if name == "__init__":
                    yield from _assigned(statement)
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))


def _assigned(function: ast.AST) -> Iterator[str]:
    """Yield the names of the attributes that a method assigns to `self`."""
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
