"""An OpenAPI document with what the makers of the client's methods and of the reference ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.openapi import METHODS, Document, DocumentError, Place, read
from tools.openapi.grammar import parts

__all__ = ["METHODS", "Contract", "ContractError", "Place"]

ContractError = DocumentError


@dataclass(frozen=True, eq=False)
class Contract(Document):
    """A document whose references are followed without asking whether they exist: they have been checked."""

    @classmethod
    def read(cls, path: Path) -> Contract:
        """Read a file; `ContractError` when there is none, or it holds no mapping."""
        document = read(path)
        return cls(document.name, document.data, document.lines)

    def say(self, place: Place, problem: str) -> str:
        """Return a problem with the file and line of a place, as compilers write it."""
        return str(self.error(place, problem))

    def target(self, reference: object) -> Any:
        """Return what a `$ref` points to, or None."""
        place = self.place(reference)
        return None if place is None else self.at(place)

    def resolved(self, node: Any) -> Any:
        """Return the node, or what its chain of `$ref`s leads to."""
        passed: list[Any] = []
        while isinstance(node, dict) and "$ref" in node and node not in passed:
            passed.append(node)
            node = self.target(node["$ref"])
        return node

    def schemas(self) -> Iterator[tuple[Place, dict[str, Any]]]:
        """Yield every schema with its place, those inside other schemas included."""
        for place, kind, schema in parts(self):
            if kind == "Schema":
                yield place, schema
