"""Reads a contract from text, a file or a URL, as plain data whose references can be followed.

A contract that cannot be read is a `DocumentError`, whose message is one line for a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

__all__ = ["Document", "DocumentError", "fetch", "parse", "read", "read_text"]

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class DocumentError(Exception):
    """A contract cannot be used; the message is one line."""


class _Loader(_PARSER):  # type: ignore[misc]
    """YAML 1.2's idea of plain words: `on`, `no` and dates are strings, `1e-05` is a number."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.split(":")[-1] in ("null", "merge")]
    for first, resolvers in _PARSER.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$"),
    list("-+0123456789."),
)


@dataclass(frozen=True, eq=False)
class Document:
    """An OpenAPI document: what to call it to a reader, and its data."""

    name: str
    data: dict[str, Any]

    @property
    def version(self) -> str:
        """What the document says about its own version; empty when it says nothing."""
        info = self.data.get("info")
        return str(info.get("version", "")) if isinstance(info, dict) else ""

    def target(self, reference: object) -> Any:
        """The part of the document that a `$ref` points to.

        Raises:
            DocumentError: It points outside the document, or to nothing.
        """
        if not isinstance(reference, str) or not reference.startswith("#/"):
            raise self.error(f"only references within the document are read, not {reference!r}")
        node: Any = self.data
        for step in reference[2:].split("/"):
            key = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, dict) or key not in node:
                raise self.error(f"it refers to {reference}, which does not exist")
            node = node[key]
        return node

    def resolved(self, node: Any, what: str) -> dict[str, Any]:
        """A mapping, through any number of references.

        Raises:
            DocumentError: There is something else, or a reference leads nowhere.
        """
        passed: list[str] = []
        while isinstance(node, dict) and "$ref" in node:
            if node["$ref"] in passed:
                raise self.error(f"{node['$ref']} refers to itself")
            passed.append(node["$ref"])
            node = self.target(node["$ref"])
        return self.mapping(node, what)

    def mapping(self, node: Any, what: str) -> dict[str, Any]:
        """The node when it is a mapping, an empty one when it is null.

        Raises:
            DocumentError: It is something else.
        """
        if node is None:
            return {}
        if not isinstance(node, dict):
            raise self.error(f"{what} should be a mapping, and is {_kind(node)}")
        return node

    def items(self, node: Any, what: str) -> Iterator[Any]:
        """The items of a list; none when it is null.

        Raises:
            DocumentError: It is something else.
        """
        if node is not None and not isinstance(node, list):
            raise self.error(f"{what} should be a list, and is {_kind(node)}")
        return iter(node or ())

    def error(self, problem: str) -> DocumentError:
        """The error that says this about this contract."""
        return DocumentError(f"{self.name}: {problem}")


def parse(text: bytes | str, name: str) -> Document:
    """The contract that a YAML or JSON text holds.

    Raises:
        DocumentError: It is neither, or not an OpenAPI document.
    """
    try:
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 - a subclass of the safe one
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise DocumentError(f"{name}{line}: not YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise DocumentError(f"{name}: not YAML: {reason}") from None
    if not isinstance(data, dict) or not isinstance(data.get("paths"), dict):
        raise DocumentError(f"{name}: not an OpenAPI document, since it has no mapping of `paths`")
    return Document(name, data)


def read(path: Path) -> Document:
    """The contract in a file.

    Raises:
        DocumentError: There is no such file, or no contract in it.
    """
    return parse(read_text(path), str(path))


def read_text(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        DocumentError: It cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DocumentError(f"{path}: cannot be read: {reason}") from None


def fetch(url: str) -> Document:
    """The contract at an http or https address.

    Raises:
        DocumentError: The address does not response, or not with a contract.
    """
    try:
        response = httpx.get(url, follow_redirects=True, timeout=30)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = str(error) or type(error).__name__
        raise DocumentError(f"{url}: cannot be reached: {reason}") from None
    if not response.is_success:
        raise DocumentError(f"{url}: cannot be read: status {response.status_code}")
    return parse(response.content, url)


def _kind(node: object) -> str:
    kinds = {dict: "a mapping", list: "a list", str: "text", bool: "a truth value"}
    return kinds.get(type(node), "a number")
