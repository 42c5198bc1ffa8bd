"""YAML (or JSON) with the line of each value, for errors that name it.

Only what JSON can express is read: dates, `yes` and `no` stay text, as in YAML 1.2.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml

_MAX_VALUES = 20_000


class Located(NamedTuple):
    """A value, and the line (from 1) of each value in it by its path, such as `method.type` or `tags[0]`."""

    value: Any
    lines: dict[str, int]


class UnreadableYaml(ValueError):
    """Text that cannot be read; `line` is where, from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class _Loader(yaml.SafeLoader):
    """A loader without the types that JSON does not have."""


_JSON_TAGS = ("tag:yaml.org,2002:" + name for name in ("bool", "int", "float", "null", "merge"))
_KEPT = frozenset(_JSON_TAGS)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in _KEPT]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _first in "yYnNoO":
    _Loader.yaml_implicit_resolvers[_first] = [
        (tag, pattern)
        for tag, pattern in _Loader.yaml_implicit_resolvers.get(_first, [])
        if tag != "tag:yaml.org,2002:bool"
    ]
# In YAML 1.1, 1e-5 is a text.
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+\Z"), list("-+0123456789")
)


def read_yaml(text: str) -> Located:
    """Read a text. Raises `UnreadableYaml` for what is not YAML, or has a key twice."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        reader = _Reader(loader)
        value = None if node is None else reader.read(node, "")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "not YAML"
        raise UnreadableYaml(mark.line + 1 if mark else 1, _explained(problem)) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, UnreadableYaml):
            raise
        raise UnreadableYaml(1, f"not YAML: {' '.join(str(error).split())}") from error
    finally:
        loader.dispose()
    return Located(value, reader.lines)


# Messages of the parser for common mistakes, and their meanings.
_PROBLEMS = {
    r"found character '\\t' .*": "a tab: indent with spaces",
    r"expected the node content, but found '<stream end>'": "a value is missing at the end of the text",
    r"expected the node content, but found": "expected a value, but found",
    r"could not determine a constructor for the tag .*": "tags are not supported",
    r"expected '<document start>', but found .*": "not a field: write NAME: VALUE",
    r"mapping values are not allowed here": "a second colon in a line: put text with a colon in quotes",
    r"could not find expected ':'": "not a field: write NAME: VALUE",
    r"but found another document": "a second document: keep only one",
}


def _explained(problem: str) -> str:
    for technical, plain in _PROBLEMS.items():
        problem = re.sub(technical, plain, problem)
    return problem


def read_scalar(text: str) -> Any:
    """Return the value that a text is in YAML: a number, true, null, a list in brackets, else the text."""
    try:
        return read_yaml(text).value
    except UnreadableYaml:
        return text


class _Reader:
    """Converter of nodes to values, which records their lines."""

    def __init__(self, loader: _Loader) -> None:
        self._loader = loader
        self._count = 0
        self.lines: dict[str, int] = {}

    def read(self, node: yaml.Node, path: str) -> Any:
        """Return the value of a node at a path."""
        self._count += 1
        line = node.start_mark.line + 1
        if self._count > _MAX_VALUES:
            # Aliases of aliases can expand to more values than fit into memory.
            raise UnreadableYaml(line, f"more than {_MAX_VALUES} values")
        self.lines.setdefault(path, line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, f"{path}[{index}]") for index, item in enumerate(node.value)]
        return self._loader.construct_object(node)  # type: ignore[no-untyped-call,unused-ignore]

    def _mapping(self, node: yaml.MappingNode, path: str) -> dict[str, Any]:
        self._loader.flatten_mapping(node)
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            line = key_node.start_mark.line + 1
            if not key:
                raise UnreadableYaml(line, "a key must be a string")
            if key in found:
                raise UnreadableYaml(line, f"{key!r} is given twice")
            at = f"{path}.{key}" if path else key
            self.lines[at] = line
            found[key] = self.read(value_node, at)
        return found
