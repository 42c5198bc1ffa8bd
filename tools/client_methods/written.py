"""Hand-written classes that generated methods refer to, read without importing them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tools.contract import ContractError

__all__ = ["PACKAGE", "Class", "Written"]

PACKAGE = Path("overlay") / "finetuning_client"


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


class Written:
    """Classes of `_async/` and of `views`, by name; both are empty where the files do not exist."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.classes = {found.name: found for found in self._read(PACKAGE / "_async", "*.py")}
        modules = [*self._read(PACKAGE, "views.py"), *self._read(PACKAGE / "views", "*.py")]
        self._views = {found.name: found for found in modules}

    @cached_property
    def views(self) -> frozenset[str]:
        """Names of the public views."""
        return frozenset(name for name in self._views if not name.startswith("_"))

    @cached_property
    def handles(self) -> frozenset[str]:
        """Names of handles, without `Async`: classes that take generated methods, and can adopt an object."""
        bases = {name: found.bases for name, found in self.classes.items() if "_adopt" in self.members(name)}
        return frozenset(name.removeprefix("Async") for name in bases if f"{name}Methods" in bases[name])

    def members(self, name: str) -> frozenset[str]:
        """Return the names that a class or one of its hand-written bases defines."""
        found = self.classes.get(name) or self._views.get(name)
        if found is None:
            return frozenset()
        return found.members.union(*(self.members(base) for base in found.bases))

    def _read(self, directory: Path, pattern: str) -> Iterator[Class]:
        for path in sorted((self._root / directory).glob(pattern)):
            shown = path.relative_to(self._root).as_posix()
            try:
                tree = ast.parse(path.read_text(encoding="utf-8"))
            except (SyntaxError, UnicodeDecodeError) as error:
                line = getattr(error, "lineno", None) or 1
                raise ContractError(f"{shown}:{line}: not Python: {error.args[0]}") from None
            for node in tree.body:
                if isinstance(node, ast.ClassDef):
                    bases = frozenset(_name(base) for base in node.bases)
                    place = f"{shown}:{node.lineno}"
                    yield Class(node.name, path.stem, bases, frozenset(_members(node)), place)


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
    """Names of the attributes that a method assigns to `self`."""
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
