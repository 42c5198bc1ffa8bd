"""A contract, checked and read: its operations, and the classes that they need.

A part of a contract that cannot be generated correctly raises `DocumentError`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tools import training_formats
from tools.generation.classes import ModelClass
from tools.generation.named_values import check_named_values
from tools.generation.operations import Operation, read_operations
from tools.generation.reading import Shapes
from tools.generation.shapes import Binary, Named, Shape, parts
from tools.openapi import Document
from tools.openapi.grammar import check_structure

__all__ = ["Contract", "read_contract"]


@dataclass(frozen=True)
class Contract:
    """The parts of a contract from which code is generated.

    Attributes:
        document: the contract without its training formats, for which no code is generated.
        training_formats: the training formats as JSON.
    """

    document: Document
    training_formats: str
    shapes: Shapes
    operations: list[Operation]


def read_contract(document: Document) -> Contract:
    """Check a document and read it; `DocumentError` for the first part that cannot be generated."""
    check_structure(document)
    training_formats.check(document)
    formats = training_formats.format_schemas(document)
    document = training_formats.without(document)
    shapes = Shapes(document)
    shapes.read_components()
    operations = read_operations(document, shapes)
    shapes.finish()
    contract = Contract(document, formats, shapes, operations)
    _check_binary(contract)
    check_named_values(shapes.schemas)
    return contract


def _check_binary(contract: Contract) -> None:
    """Raise for bytes in JSON, which has no form for them."""
    seen: set[str] = set()
    shapes = list(_in_json(contract))
    while shapes:
        for part in parts(shapes.pop()):
            if not isinstance(part, Named) or part.name in seen:
                continue
            seen.add(part.name)
            found = contract.shapes.classes[part.name]
            for field in found.fields if isinstance(found, ModelClass) else ():
                if any(isinstance(inner, Binary) for inner in parts(field.shape)):
                    raise contract.document.error(
                        field.place,
                        f"{field.name!r} has format binary, which JSON cannot hold: "
                        "write format byte, or a form",
                    )
                shapes.append(field.shape)


def _in_json(contract: Contract) -> Iterator[Shape]:
    for operation in contract.operations:
        contents = [content for response in operation.responses for content in response.contents]
        contents += operation.body.contents if operation.body else []
        for content in contents:
            if content.kind == "json":
                if any(isinstance(part, Binary) for part in parts(content.shape)):
                    raise contract.document.error(
                        operation.place,
                        f"{content.media_type} cannot hold `format: binary`: write octet-stream",
                    )
                yield content.shape
