"""The modules of a package, read as `ast` without importing them."""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tools.comparison.surface import (
    EITHER,
    KEYWORD,
    POSITIONAL,
    Attribute,
    Class,
    Function,
    Item,
    Member,
    Parameter,
    Types,
)

__all__ = ["Module", "Package"]

_DATA = ("define", "frozen", "dataclass", "attrs", "s")


class Package:
    """The modules of a package, by their names relative to it."""

    def __init__(self, directory: Path) -> None:
        self.modules: dict[str, Module] = {}
        for path in sorted(directory.rglob("*.py")):
            parts = path.relative_to(directory).with_suffix("").parts
            inner = parts[-1] != "__init__"
            name = ".".join(parts if inner else parts[:-1])
            parents = parts[:-1]
            # The stub of a module is read instead, as type checkers do.
            stub = path.with_suffix(".pyi")
            source = stub if stub.exists() else path
            self.modules[name] = Module(self, name, parents, ast.parse(source.read_bytes()))

    def origin(self, module: Module, name: str) -> tuple[Module, str]:
        """Return the module that defines a name, and its name there; the module itself if that is unknown."""
        assert module is not None
        passed: set[tuple[str, str]] = set()
        while (
            name not in module.classes and name not in module.functions and (module.name, name) not in passed
        ):
            passed.add((module.name, name))
            source, inner = module.imports.get(name) or module.starred(name)
            if not inner or source not in self.modules:
                break
            module, name = self.modules[source], inner
        return module, name


@dataclass
class Module:
    """A module: what it defines and imports, by name.

    Attributes:
        package: The package that it belongs to.
        name: Its dotted name within the package.
        parents: The packages that it lies in.
        tree: Its source.
        classes: The classes that it defines.
        functions: The functions that it defines.
        aliases: The values that it assigns.
        imports: The module and the name of what it imports from its package.
        exports: The names that it re-exports by importing them `as` themselves.
        stars: The modules of its package from which it imports `*`, re-exporting all their public names.
    """

    package: Package
    name: str
    parents: tuple[str, ...]
    tree: ast.Module
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = field(default_factory=dict)
    aliases: dict[str, ast.expr] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    exports: list[str] = field(default_factory=list)
    stars: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for node in _statements(self.tree.body):
            if isinstance(node, ast.ClassDef):
                self.classes[node.name] = node
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self.functions[node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.aliases[node.targets[0].id] = node.value
            elif isinstance(node, ast.ImportFrom):
                self._import(node)

    def _import(self, node: ast.ImportFrom) -> None:
        if not node.level:
            return
        above = self.parents[: len(self.parents) - node.level + 1]
        source = ".".join((*above, *(node.module or "").split("."))).strip(".")
        if node.names[0].name == "*":
            self.stars.append(source)
            return
        for alias in node.names:
            self.imports[alias.asname or alias.name] = (source, alias.name)
            self.exports += [alias.name] if alias.asname == alias.name else []

    def defines(self, name: str) -> bool:
        """Return whether a class or function of this name is defined here."""
        return name in self.classes or name in self.functions

    def starred(self, name: str) -> tuple[str, str]:
        """Return the module of a name that is imported by `*`, and the name; both empty if there is none."""
        return next(((star, name) for star in self.stars if name in self._names_in(star)), ("", ""))

    def _names_in(self, module: str) -> list[str]:
        found = self.package.modules.get(module)
        return found.public if found else []

    @cached_property
    def public(self) -> list[str]:
        """The names in `__all__`, or the public ones that are defined or re-exported here."""
        listed = self.aliases.get("__all__")
        if isinstance(listed, ast.List | ast.Tuple):
            names = [str(one.value) for one in listed.elts if isinstance(one, ast.Constant)]
        else:
            passed_on = (name for star in self.stars for name in self._names_in(star))
            names = [*self.classes, *self.functions, *self.exports, *passed_on]
        return [name for name in names if not name.startswith("_")]

    def class_item(self, name: str) -> Class:
        """Return a class, with its fields in the order in which the constructor takes them."""
        lineage = list(self.lineage(name))
        fields = [found for module, node in reversed(lineage) for found in module.own_fields(node)]
        names = dict.fromkeys(name for name, _, by_position in fields if by_position)
        return Class(tuple(names))

    def lineage(self, name: str) -> Iterator[tuple[Module, ast.ClassDef]]:
        """Yield a class and its base classes in this package, nearest first."""
        node = self.classes[name]
        yield self, node
        for base in node.bases:
            inner = base.value if isinstance(base, ast.Subscript) else base
            if isinstance(inner, ast.Name):
                module, found = self.package.origin(self, inner.id)
                if found in module.classes and (module.name, found) != (self.name, name):
                    yield from module.lineage(found)

    def members(self, name: str) -> Iterator[tuple[str, Item]]:
        """Yield the public members of a class, each once; those of the nearest class count."""
        found: dict[str, Item] = {}
        for module, node in self.lineage(name):
            for key, item in module.own_members(node):
                if key == "__init__" or not key.startswith("_"):
                    found.setdefault(key, item)
        yield from found.items()

    def own_members(self, node: ast.ClassDef) -> Iterator[tuple[str, Item]]:
        """Yield the members that a class defines itself."""
        fields = {name: item for name, item, _ in self.own_fields(node)}
        yield from fields.items()
        above = [base for _, one in self.lineage(node.name) for base in one.bases]
        is_enum = any(_last_name(base).endswith("Enum") for base in above)
        overloaded: set[str] = set()
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                # The first overload is the usual signature.
                if inner.name not in overloaded:
                    yield inner.name, self._method(inner)
                if any(_last_name(one) == "overload" for one in inner.decorator_list):
                    overloaded.add(inner.name)
                if inner.name == "__init__":
                    for name, annotation in _assignments(inner):
                        yield name, Attribute(self.types(annotation))
            elif isinstance(inner, ast.AnnAssign) and isinstance(inner.target, ast.Name):
                if inner.target.id not in fields:
                    yield inner.target.id, Attribute(self.types(inner.annotation))
            elif isinstance(inner, ast.Assign) and isinstance(inner.targets[0], ast.Name):
                # In other classes it is a descriptor, whose type is not written there.
                value = Member(ast.unparse(inner.value)) if is_enum else Attribute(frozenset())
                yield inner.targets[0].id, value

    def own_fields(self, node: ast.ClassDef) -> Iterator[tuple[str, Attribute, bool]]:
        """Yield the fields that the constructor takes, and whether it takes them by position."""
        decorator = next((one for one in node.decorator_list if _last_name(one) in _DATA), None)
        named = any(_last_name(base) == "NamedTuple" for base in node.bases)
        if decorator is None and not named:
            return
        by_keyword = decorator is not None and _has_keyword(decorator, "kw_only")
        for inner in node.body:
            if not isinstance(inner, ast.AnnAssign) or not isinstance(inner.target, ast.Name):
                continue
            if _last_name(inner.annotation) == "ClassVar" or (
                inner.value and _has_keyword(inner.value, "init", False)
            ):
                continue
            has_default = inner.value is not None and not _is_bare_field(inner.value)
            item = Attribute(self.types(inner.annotation), required=not has_default)
            positional = not by_keyword and not (
                inner.value is not None and _has_keyword(inner.value, "kw_only")
            )
            yield inner.target.id, item, positional

    def _method(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Item:
        kinds = {_last_name(one) for one in node.decorator_list}
        if kinds & {"property", "cached_property"}:
            return Attribute(self.types(node.returns))
        return self.function(node, bound="staticmethod" not in kinds)

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, *, bound: bool) -> Function:
        """Return a function; if it is `bound`, its first parameter is left out."""
        arguments = node.args
        defaults = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
        listed = [(one, POSITIONAL) for one in arguments.posonlyargs]
        listed += [(one, EITHER) for one in arguments.args]
        found = [
            Parameter(one.arg, kind, index < defaults, self.types(one.annotation))
            for index, (one, kind) in enumerate(listed)
        ][bound:]
        if arguments.vararg:
            found.append(Parameter(arguments.vararg.arg, "*", False, self.types(arguments.vararg.annotation)))
        for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            found.append(Parameter(one.arg, KEYWORD, default is None, self.types(one.annotation)))
        if arguments.kwarg:
            found.append(Parameter(arguments.kwarg.arg, "**", False, self.types(arguments.kwarg.annotation)))
        awaited = isinstance(node, ast.AsyncFunctionDef)
        return Function(tuple(found), self.types(node.returns), awaited)

    def types(self, node: ast.expr | None) -> Types:
        """Return the members of an annotation that is a union; aliases of this package are resolved."""
        return frozenset(self.expanded(node, 8))

    def expanded(self, node: ast.expr | None, depth: int) -> Iterator[str]:
        """Yield the members of an annotation, with aliases expanded to a depth."""
        if node is None:
            return
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from self.expanded(_parsed(node.value), depth)
            return
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            yield from self.expanded(node.left, depth)
            yield from self.expanded(node.right, depth)
            return
        if isinstance(node, ast.Subscript) and _last_name(node) in ("Union", "Optional", "Literal"):
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if _last_name(node) == "Literal":
                yield from (f"Literal[{ast.unparse(one)}]" for one in inner)
                return
            for one in inner:
                yield from self.expanded(one, depth)
            yield from ["None"] if _last_name(node) == "Optional" else []
            return
        if isinstance(node, ast.Name):
            module, name = self.package.origin(self, node.id)
            alias = module.aliases.get(name)
            if isinstance(alias, ast.BinOp | ast.Subscript | ast.Name) and depth:
                yield from module.expanded(alias, depth - 1)
                return
        # A generated module names the classes of other modules as `models.Job`.
        yield re.sub(r"\bmodels\.(?=[A-Z])", "", ast.unparse(node))

    def classes_in(self, annotations: Iterable[ast.expr | None]) -> Iterator[tuple[Module, str]]:
        """Yield the classes of the package that annotations name."""
        for annotation in annotations:
            for node in ast.walk(annotation) if annotation else ():
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield from self.classes_in([_parsed(node.value)])
                elif isinstance(node, ast.Name):
                    module, name = self.package.origin(self, node.id)
                    if name in module.classes:
                        yield module, name

    def returned(self, node: ast.ClassDef) -> Iterator[tuple[Module, str]]:
        """Yield the classes that public methods return and public attributes hold."""
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                if not inner.name.startswith("_"):
                    yield from self.classes_in([inner.returns])
                if inner.name == "__init__":
                    yield from self.classes_in(value for _, value in _assignments(inner))
            elif isinstance(inner, ast.AnnAssign) and not _last_name(inner.target).startswith("_"):
                yield from self.classes_in([inner.annotation])

    def takes_only(self, name: str, public: Container[tuple[str, str]]) -> bool:
        """Return whether the constructor of a class takes only public classes of the package."""
        for module, node in self.lineage(name):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
                    arguments = inner.args.posonlyargs + inner.args.args + inner.args.kwonlyargs
                    taken = module.classes_in(one.annotation for one in arguments)
                    return all((other.name, found) in public for other, found in taken)
        return True


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a module, including those within `if` and `try`."""
    for node in body:
        yield node
        if isinstance(node, ast.If):
            yield from _statements([*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            yield from _statements([*node.body, *(one for h in node.handlers for one in h.body)])


def _parsed(text: str) -> ast.expr | None:
    """Return the annotation in a string; None if the string is something else, as in a `Literal`."""
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError:
        return None


def _assignments(constructor: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield the public attributes that a constructor sets, with their annotations or the classes it calls."""
    for node in ast.walk(constructor):
        if isinstance(node, ast.AnnAssign) and _is_public_attribute(node.target):
            yield _last_name(node.target), node.annotation
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            yield from (
                (_last_name(target), node.value.func)
                for target in node.targets
                if _is_public_attribute(target)
            )


def _last_name(node: ast.AST) -> str:
    """Return the last name of an expression: `define` of `@attrs.define()`, `jobs` of `self.jobs`."""
    if isinstance(node, ast.Call):
        return _last_name(node.func)
    if isinstance(node, ast.Subscript):
        return _last_name(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _has_keyword(node: ast.AST, keyword: str, value: bool = True) -> bool:
    """Return whether a call has a keyword argument of this value."""
    return isinstance(node, ast.Call) and any(
        one.arg == keyword and isinstance(one.value, ast.Constant) and one.value.value is value
        for one in node.keywords
    )


def _is_bare_field(node: ast.expr) -> bool:
    """Return whether this is a `field(...)` without a default."""
    if not isinstance(node, ast.Call) or _last_name(node) not in ("field", "ib", "attrib"):
        return False
    return not any(one.arg in ("default", "default_factory", "factory") for one in node.keywords)


def _is_public_attribute(node: ast.AST) -> bool:
    """Return whether this is a public attribute of `self`."""
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
        and not node.attr.startswith("_")
    )
