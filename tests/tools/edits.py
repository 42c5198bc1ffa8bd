"""Building blocks for edits of a contract: places in the small contract, and expected changes."""

from __future__ import annotations

from typing import Any

from .small import Edit, at

__all__ = [
    "CALL",
    "CALL_FINE",
    "JOB",
    "JOBS",
    "JSON",
    "LIMIT",
    "NOTHING",
    "OPERATION",
    "READ",
    "READ_FINE",
    "SENT",
    "SENT_FINE",
    "STRING",
    "Details",
    "Edits",
    "Expected",
    "move",
    "reference",
    "rename",
    "request",
    "response",
]

JOBS, JOB = ("paths", "/jobs"), ("paths", "/jobs/{job}")
LIMIT = (*JOBS, "get", "parameters", 0)
JSON = ("content", "application/json")

# An edit, and every change that must be reported: its place, its text, and whether it breaks
# each side that it affects.
Expected = tuple[str, str, dict[str, bool]]
Edits = dict[str, tuple[Edit, list[Expected]]]
# An edit for the state before, one for the state after, and the changes.
Details = dict[str, tuple[Edit, Edit, list[Expected]]]
CALL, SENT, READ = {"call": True}, {"request": True}, {"response": True}
CALL_FINE, SENT_FINE, READ_FINE = {"call": False}, {"request": False}, {"response": False}

NOTHING: Edit = lambda _: None  # noqa: E731
STRING = {"type": "string"}
OPERATION = {"operationId": "x", "responses": {"200": {"description": ""}}}


def move(mapping: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    """Rename a key."""
    mapping[new] = mapping.pop(old)
    return mapping


def rename(data: dict[str, Any], old: str, new: str) -> None:
    """Rename a schema and its references."""
    move(data["components"]["schemas"], old, new)

    def visit(node: Any) -> None:
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            visit(child)
        if isinstance(node, dict) and node.get("$ref") == f"#/components/schemas/{old}":
            node["$ref"] = f"#/components/schemas/{new}"

    visit(data)


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def request(**schema: Any) -> Edit:
    """Add a field that is only sent."""
    return lambda d: at(d, "CreateJob", "properties").update(x=schema)


def response(**schema: Any) -> Edit:
    """Add a field that is only received."""
    return lambda d: at(d, "Job", "properties").update(x=schema)
