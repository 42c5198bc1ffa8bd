"""The generated module `request_fields`: fields of requests that no hand-written argument stands for.

A hand-written method that takes `**fields` accepts what the contract has besides its own arguments, typed by
the class that is made here for its request.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from tools.openapi import Document

from .arguments import component, description
from .extension import Refusal, refused
from .locations import PACKAGE
from .names import is_argument
from .source import docstring, exported, header, paragraphs

__all__ = ["request_fields_module"]

_TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


def request_fields_module(contract: Document, root: Path) -> str:
    """Write the module: a class for each custom operation whose method takes `**fields`.

    Raises `DocumentError` with a line for each field that cannot be passed by its name.
    """
    made: dict[str, str] = {}
    for _, operation in contract.operations():
        client = operation.get("x-client") or {}
        content = contract.mapping(operation, "requestBody", follow=True).get("content", {})
        name = component(contract, content.get("application/json", {}).get("schema"))
        if client.get("plan") == "custom" and name is not None:
            arguments = _arguments(root, client)
            if arguments is not None:
                made[f"{name}Fields"] = _class(contract, name, arguments)
    return "\n".join(
        [
            header("Fields of requests besides the arguments of hand-written methods"),
            "from __future__ import annotations",
            "from typing import Any, TypedDict",
            exported(made),
            *made.values(),
        ]
    )


def _arguments(root: Path, client: dict[str, Any]) -> set[str] | None:
    """Return the fields that a hand-written method with `**fields` has arguments for; `None` for another."""
    path = root / PACKAGE / "_async" / f"{client['resource'].rpartition('.')[2]}.py"
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.exists() else ast.Module([], [])
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name != client["method"]:
            continue
        if node.args.kwarg is not None:
            given = {argument.arg for argument in [*node.args.args, *node.args.kwonlyargs]}
            renamed = client.get("arguments", {})
            return given | {field for field, argument in renamed.items() if argument in given}
    return None


def _class(contract: Document, name: str, arguments: set[str]) -> str:
    lines = [
        f"class {name}Fields(TypedDict, total=False):",
        docstring(f"Further fields of `{name}` in the contract.", margin=4),
    ]
    place = ("components", "schemas", name, "properties")
    fields = contract.keywords({"$ref": f"#/components/schemas/{name}"}).get("properties", {})
    further = {
        field: schema
        for field, schema in fields.items()
        if field not in arguments and not contract.keywords(schema).get("readOnly")
    }
    problem = "cannot be an argument in Python: add one to the method, and map it in `arguments` of x-client"
    names = [field for field in further if not is_argument(field)]
    refusals = [Refusal((*place, field), f"{field!r} {problem}") for field in names]
    if refusals:
        raise refused(contract, refusals)
    for field, schema in further.items():
        text = paragraphs(description(contract, schema), 4)
        lines += [f"    {field}: {_annotation(contract.keywords(schema))}"]
        lines += [docstring(text, margin=4)] if text else []
    return "\n".join(lines)


def _annotation(schema: dict[str, Any]) -> str:
    kind = schema.get("type")
    return _TYPES.get(kind, "Any") if isinstance(kind, str) else "Any"
