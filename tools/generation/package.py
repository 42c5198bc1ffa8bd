"""The package's files: openapi-python-client lays them out and renders our templates.

The generator reads a sketch of the contract with each class and operation, and nothing else, since it
ignores or misreads much of what a contract may contain. The rest comes from the shapes.
"""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import FileSystemBytecodeCache
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError

from tools.generation.code import quoted
from tools.generation.contract import Contract
from tools.generation.names import module_name
from tools.generation.shapes import Shape, Text, parts
from tools.generation.sources import ModelSource, OperationSource
from tools.openapi import DocumentError

__all__ = ["write_package"]


# Functions of `api/__init__.py` that endpoint modules may call.
_HELPERS = (
    "choose_content choose_media documented encode_cookies encode_fields encode_form encode_headers "
    "encode_path encode_query json_text read_bytes read_file read_json read_object read_string"
).split()


def write_package(
    contract: Contract, destination: Path, config_file: Path, templates: Path, cache: Path
) -> None:
    """Write the package into a directory that does not exist yet; `cache` keeps compiled templates."""
    config = Config.from_sources(
        ConfigFile.load_from_path(config_file),
        MetaType.NONE,
        Path(contract.document.name),
        "utf-8",
        overwrite=False,
        output_path=destination,
    )
    parsed = GeneratorData.from_dict(_sketch(contract), config=config)
    if isinstance(parsed, GeneratorError):
        raise DocumentError(_explain(contract, parsed))
    project = Project(openapi=parsed, config=config, custom_template_path=templates)
    project.env.bytecode_cache = FileSystemBytecodeCache(str(cache))
    models = {model.name: ModelSource(model) for model in contract.shapes.models()}
    operations = {
        (module_name(operation.tag), operation.module): OperationSource(operation, contract.shapes)
        for operation in contract.operations
    }
    project.env.globals.update(
        models=models,
        enums={enum.name: enum for enum in contract.shapes.enums()},
        operations=operations,
        keys=_keys(contract),
        functions=_functions([*models.values(), *operations.values()]),
        quoted=quoted,
        helpers=_HELPERS,
        uses_uuid=Text("uuid") in _every_part(contract),
    )
    with redirect_stdout(io.StringIO()):
        errors = project.build()
    for error in errors:
        raise DocumentError(_explain(contract, error))


def _sketch(contract: Contract) -> dict[str, Any]:
    info = contract.document.data["info"]
    paths: dict[str, Any] = {}
    for operation in contract.operations:
        paths.setdefault(f"/{len(paths)}", {})["get"] = {
            "operationId": operation.module,
            "tags": [module_name(operation.tag)],
            "responses": {"200": {"description": ""}},
        }
    schemas: dict[str, Any] = {
        model.name: {"type": "object", "properties": {"sketch": {}}} for model in contract.shapes.models()
    }
    for enum in contract.shapes.enums():
        schemas[enum.name] = {"enum": list(enum.members.values()), "x-enum-varnames": list(enum.members)}
    return {
        "openapi": "3.1.0",
        "info": {"title": info["title"], "version": info["version"]},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _explain(contract: Contract, error: GeneratorError) -> str:
    """Return an error of the generator as one line."""
    text = " ".join(part.strip() for part in (error.header, error.detail) if part)
    return f"{contract.document.name}:1: {' '.join(text.split())[:300]}"


def _functions(sources: list[ModelSource | OperationSource]) -> set[str]:
    return {function for source in sources for function in source.reader.functions}


def _every_part(contract: Contract) -> set[Shape]:
    """Return all shapes that fields, parameters and bodies consist of."""
    shapes: list[Shape] = [field.shape for model in contract.shapes.models() for field in model.fields]
    shapes += [model.additional for model in contract.shapes.models()]
    for operation in contract.operations:
        shapes += [parameter.shape for parameter in operation.parameters]
        contents = [content for response in operation.responses for content in response.contents]
        shapes += [
            content.shape for content in [*contents, *(operation.body.contents if operation.body else ())]
        ]
    return {part for shape in shapes for part in parts(shape)}


@dataclass(frozen=True)
class Key:
    """Place of a key in a request: a header, the query or a cookie, its name there, and a prefix."""

    where: str
    name: str
    prefix: str


def _keys(contract: Contract) -> list[Key]:
    """Return the ways in which the operations accept a key, those of the first operations first."""
    found: dict[Key, None] = {}
    document = contract.document
    for operation in contract.operations:
        required = document.at(operation.place).get("security", document.data.get("security") or [])
        for requirement in required:
            for name in requirement:
                _, scheme = document.resolve(("components", "securitySchemes", name))
                if scheme["type"] == "apiKey":
                    found[Key(scheme["in"], scheme["name"], "")] = None
                else:
                    prefix = "Basic" if str(scheme.get("scheme", "")).lower() == "basic" else "Bearer"
                    found[Key("header", "Authorization", prefix)] = None
    return list(found) or [Key("header", "Authorization", "Bearer")]
