"""An OpenAPI document as plain data that remembers the line of every part.

It reads any document, YAML or JSON, and assumes nothing about its content. Scalars follow YAML 1.2:
`on`, `no` and dates are text. A problem is one line, `openapi.yaml:12: ...`, raised as `DocumentError`.

A part is named by its place, or by the mapping or list that contains it and its key there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

from tools.openapi.wording import named

__all__ = ["METHODS", "Document", "DocumentError", "Place", "parse", "read", "read_bytes"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# The steps from the root of the document to a part of it.
Place = tuple[str | int, ...]

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"


class DocumentError(Exception):
    """A document cannot be read or used; each line of the message names the file and the line in it."""


class _Loader(_PARSER):  # type: ignore[misc]
    """The fast parser, with the plain scalars of YAML 1.2."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.split(":")[-1] in ("null", "merge")]
    for first, resolvers in _PARSER.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    f"{_TAG}bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver(f"{_TAG}int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    f"{_TAG}float",
    re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$"),
    list("-+0123456789."),
)

_SCALARS: dict[str, Any] = {
    f"{_TAG}str": str,
    f"{_TAG}int": int,
    f"{_TAG}float": float,
    f"{_TAG}bool": lambda text: text.lower() == "true",
    f"{_TAG}null": lambda _: None,
}


@dataclass(frozen=True, eq=False)
class Document:
    """A document: its name for messages, its data, and the line of each key and item.

    Attributes:
        name: what messages call it, usually the file's name.
        data: the content as dicts, lists and scalars.
        lines: for the `id` of each dict and list, the line of each key or index; empty for data that was not
            read from a text.
    """

    name: str
    data: dict[str, Any]
    lines: dict[int, dict[Any, int]] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """The `info.version` of the document; empty when it has none."""
        info = self.data.get("info")
        return str(info.get("version", "")) if isinstance(info, dict) else ""

    def line(self, place: Place) -> int:
        """Return the line of a part; for a part that does not exist, that of the nearest part around it."""
        node: Any = self.data
        line = 1
        for step in place:
            known = self.lines.get(id(node), {})
            if step not in known:
                break
            line = known[step]
            node = node[step]
        return line

    def error(self, place: Place, problem: str) -> DocumentError:
        """Return the error for a problem of a part of the document."""
        return DocumentError(f"{self.name}:{self.line(place)}: {problem}")

    def error_at(self, holder: object, key: object, problem: str) -> DocumentError:
        """Return the error for a problem of a part; it has no line if `holder` was not read from a text."""
        line = self.lines.get(id(holder), {}).get(key)
        return DocumentError(f"{self.name}: {problem}" if line is None else f"{self.name}:{line}: {problem}")

    def at(self, place: Place) -> Any:
        """Return the part at a place; `KeyError` or `IndexError` when there is none."""
        node: Any = self.data
        for step in place:
            node = node[step]
        return node

    def place(self, reference: object) -> Place | None:
        """Return the place that a `$ref` names, or None when it is outside the document or does not exist."""
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return None
        place: list[str | int] = []
        node: Any = self.data
        for step in reference[2:].split("/"):
            # The pointer is a fragment of a URL, in which some characters may be written as %XX.
            plain = step.replace("~1", "/").replace("~0", "~")
            is_known = isinstance(node, dict) and plain in node
            key: str | int = plain if is_known else unquote(step).replace("~1", "/").replace("~0", "~")
            if isinstance(node, list) and str(key).isdecimal() and int(key) < len(node):
                key = int(key)
            elif not isinstance(node, dict) or key not in node:
                return None
            place.append(key)
            node = node[key]
        return tuple(place)

    def target(self, node: dict[str, Any]) -> Place:
        """Return the place that the `$ref` of a node names; `DocumentError` when it does not exist here."""
        place = self.place(node["$ref"])
        if place is None:
            raise self.error_at(node, "$ref", f"$ref to {node['$ref']!r}, which does not exist here")
        return place

    def resolve(self, place: Place) -> tuple[Place, Any]:
        """Follow the references at a place; return the place and the part that they lead to.

        Raises:
            DocumentError: a reference leads nowhere, or in a circle.
        """
        node = self.at(place)
        passed: list[Place] = []
        while isinstance(node, dict) and "$ref" in node:
            passed.append(place)
            place = self.target(node)
            if place in passed:
                raise self.error_at(node, "$ref", f"$ref to {node['$ref']!r}, which refers to itself")
            node = self.at(place)
        return place, node

    def resolved(self, node: Any) -> Any:
        """Return a node, or the part that its references lead to; `DocumentError` as for `resolve`."""
        is_reference = isinstance(node, dict) and "$ref" in node
        return self.resolve(self.target(node))[1] if is_reference else node

    def keywords(self, schema: Any) -> dict[str, Any]:
        """Return the keywords of a schema, references followed; none for `true`, `false` and null."""
        found = self.resolved(schema)
        return found if isinstance(found, dict) else {}

    def mapping(self, holder: Any, key: Any, *, follow: bool = False) -> dict[Any, Any]:
        """Return the mapping at a key of a part of the document; an empty one when it is absent or null.

        Args:
            holder: the mapping or list that contains it.
            key: its key or index there.
            follow: follow references there.

        Raises:
            DocumentError: it is something else, or a reference leads nowhere or in a circle.
        """
        node = _part(holder, key)
        node = self.resolved(node) if follow else node
        if not isinstance(node, dict | None):
            raise self.error_at(holder, key, f"{_key(holder, key)} must be a mapping, not {named(node)}")
        return node or {}

    def items(self, holder: Any, key: Any) -> list[Any]:
        """Return the list at a key of a part of the document; an empty one when it is absent or null.

        Raises:
            DocumentError: it is something else.
        """
        node = _part(holder, key)
        if not isinstance(node, list | None):
            raise self.error_at(holder, key, f"{_key(holder, key)} must be a list, not {named(node)}")
        return node or []

    def schema(self, holder: Any, key: Any) -> Any:
        """Return the schema at a key of a part of the document; an empty one when it is absent or null.

        Raises:
            DocumentError: it is neither a mapping nor true or false.
        """
        node = _part(holder, key)
        return node if isinstance(node, bool) else self.mapping(holder, key)

    def operations(self) -> Iterator[tuple[Place, dict[str, Any]]]:
        """Yield every operation with its place, in the order of the document."""
        for path in _mapping(self.data.get("paths")):
            place, item = self.resolve(("paths", path))
            for method, operation in _mapping(item).items():
                if method in METHODS and isinstance(operation, dict):
                    yield (*place, method), operation

    def parameters(self, operation: Place) -> Iterator[tuple[Place, dict[str, Any]]]:
        """Yield each parameter of an operation, then those of its path that it does not override."""
        seen: set[tuple[Any, Any]] = set()
        for holder in (operation, operation[:-1]):
            listed = _mapping(self.at(holder)).get("parameters")
            own: set[tuple[Any, Any]] = set()
            for index in range(len(listed) if isinstance(listed, list) else 0):
                place, parameter = self.resolve((*holder, "parameters", index))
                if isinstance(parameter, dict):
                    key = (parameter.get("in"), parameter.get("name"))
                    own.add(key)
                    if key not in seen:
                        yield place, parameter
            seen |= own


def read(path: Path) -> Document:
    """Read a file.

    Raises:
        DocumentError: it cannot be read, or it is not a mapping in YAML or JSON.
    """
    return parse(read_bytes(path), path.name)


def read_bytes(path: Path) -> bytes:
    """Return the content of a file; `DocumentError` when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DocumentError(f"{path}: cannot be read: {error.strerror or error}") from None


def parse(text: bytes | str, name: str) -> Document:
    """Read a text.

    Raises:
        DocumentError: it is not a mapping in YAML or JSON.
    """
    try:
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
        finally:
            loader.dispose()
        reader = _Reader(name)
        data = reader.value(root) if root is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # The end of the text is on its last line.
        line = min(mark.line + 1, len(text.splitlines()) or 1) if mark else 1
        raise DocumentError(f"{name}:{line}: not YAML: {_explained(error)}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise DocumentError(f"{name}:{_control_line(text)}: not YAML: {reason}") from None
    if not isinstance(data, dict):
        raise DocumentError(f"{name}:1: the contract is not a mapping: it must begin with `openapi: 3.1.0`")
    return Document(name, data, reader.lines)


def _explained(error: yaml.MarkedYAMLError) -> str:
    """Return the problem, with advice if the parser gives none."""
    problem = str(error.problem or error.context)
    for words, advice in _ADVICE.items():
        if words in problem:
            return f"{problem}: {advice}"
    return problem


_ADVICE = {
    "cannot start any token": "indent with spaces, not tabs, and put the text in quotes",
    "found another document": "write one document, without a second `---`",
    "mapping values are not allowed": "indent the key, or put text that contains a colon in quotes",
    "did not find expected": "check the indentation, the brackets and the quotes",
    "could not find expected": "check the indentation, and write `key: value`",
    "found unexpected end of stream": "close the quotes",
    "undefined alias": "write the anchor before it",
}


def _control_line(text: bytes | str) -> int:
    """Return the line of the first character that YAML does not allow; 1 when there is none."""
    decoded = text if isinstance(text, str) else text.decode("utf-8", "replace")
    found = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]", decoded)
    return decoded.count("\n", 0, found.start()) + 1 if found else 1


def _mapping(node: Any) -> dict[Any, Any]:
    return node if isinstance(node, dict) else {}


def _part(holder: Any, key: Any) -> Any:
    return holder.get(key) if isinstance(holder, dict) else holder[key]


def _key(holder: Any, key: Any) -> str:
    return f"item {key + 1}" if isinstance(holder, list) else f"`{key}`"


class _Reader:
    """Converter of YAML nodes to plain data, which records the line of each key and item."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[int, dict[Any, int]] = {}
        self._made: dict[int, Any] = {}
        self._open: set[int] = set()

    def value(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            make = _SCALARS.get(node.tag)
            if make is None:
                raise self._error(node, f"the tag {node.tag.removeprefix(_TAG)!r} is not supported")
            if not node.value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in node.value):
                raise self._error(node, "a lone surrogate, which no text can hold: write the whole character")
            return make(node.value)
        # An alias is the same node as its anchor.
        if id(node) in self._made:
            return self._made[id(node)]
        if id(node) in self._open:
            raise self._error(node, "an alias inside its own anchor: write out the value")
        self._open.add(id(node))
        made = self._mapping(node) if isinstance(node, yaml.MappingNode) else self._list(node)
        self._made[id(node)] = made
        return made

    def _list(self, node: yaml.Node) -> list[Any]:
        items = [self.value(item) for item in node.value]
        self.lines[id(items)] = {index: _line(item) for index, item in enumerate(node.value)}
        return items

    def _mapping(self, node: yaml.MappingNode) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        lines: dict[Any, int] = {}
        merged: list[tuple[dict[Any, Any], dict[Any, int]]] = []
        for key_node, value_node in node.value:
            if key_node.tag == f"{_TAG}merge":
                merged += self._merged(value_node)
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._error(key_node, "a key that is a mapping or a list: write text")
            key = self.value(key_node)
            if key in made:
                raise self._error(key_node, f"duplicate key {key!r}, first on line {lines[key]}")
            made[key] = self.value(value_node)
            lines[key] = _line(key_node)
        for source, source_lines in merged:
            for key, value in source.items():
                if key not in made:
                    made[key], lines[key] = value, source_lines[key]
        self.lines[id(made)] = lines
        return made

    def _merged(self, node: yaml.Node) -> list[tuple[dict[Any, Any], dict[Any, int]]]:
        """Return the mappings that a merge key `<<` adds."""
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if not all(isinstance(source, yaml.MappingNode) for source in sources):
            raise self._error(node, "`<<` must be followed by a mapping or a list of mappings")
        made = [self.value(source) for source in sources]
        return [(source, self.lines[id(source)]) for source in made]

    def _error(self, node: yaml.Node, problem: str) -> DocumentError:
        return DocumentError(f"{self.name}:{_line(node)}: {problem}")


def _line(node: yaml.Node) -> int:
    line: int = node.start_mark.line
    return line + 1
