"""The generated module `request_fields`: fields of requests that no hand-written argument stands for.

A hand-written method that takes `**fields` accepts what the contract has beside its own arguments, typed by
the class that is made here for its request.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.contract import Contract

from .source import docstring, exported, header, paragraphs
from .written import PACKAGE

__all__ = ["request_fields_module"]

_TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


def request_fields_module(contract: Contract, root: Path) -> str:
    """Write the module: a class for each custom operation whose method takes `**fields`."""
    made: dict[str, str] = {}
    for _, operation in contract.operations():
        client = operation.get("x-client") or {}
        body = (
            operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        )
        if client.get("plan") == "custom" and "$ref" in body:
            names = _arguments(root, client)
            if names is not None:
                component = body["$ref"].rpartition("/")[2]
                made[f"{component}Fields"] = _class(contract, component, names)
    return "\n".join(
        [
            header("Fields of requests beside the arguments of hand-written methods"),
            "from __future__ import annotations",
            "from typing import Any, TypedDict",
            exported(made),
            *made.values(),
        ]
    )


def _arguments(root: Path, client: dict[str, Any]) -> set[str] | None:
    """Return the arguments of a hand-written method that takes `**fields`; `None` for another."""
    path = root / PACKAGE / "_async" / f"{client['resource'].rpartition('.')[2]}.py"
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.exists() else ast.Module([], [])
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name != client["method"]:
            continue
        if node.args.kwarg is not None:
            return {argument.arg for argument in [*node.args.args, *node.args.kwonlyargs]}
    return None


def _class(contract: Contract, component: str, names: set[str]) -> str:
    lines = [
        f"class {component}Fields(TypedDict, total=False):",
        docstring(f"Further fields of `{component}` in the contract.", margin=4),
    ]
    for name, schema, description in _fields(contract, component):
        if name not in names:
            lines += [f"    {name}: {_annotation(contract.resolved(schema))}"]
            lines += [docstring(description, margin=4)] if description else []
    return "\n".join(lines)


def _fields(contract: Contract, component: str) -> Iterator[tuple[str, Any, str]]:
    found = contract.resolved({"$ref": f"#/components/schemas/{component}"})
    for name, schema in found.get("properties", {}).items():
        text = schema.get("description") or contract.resolved(schema).get("description", "")
        yield name, schema, paragraphs(text, 4)


def _annotation(schema: Any) -> str:
    return _TYPES.get(schema.get("type"), "Any") if isinstance(schema.get("type"), str) else "Any"
