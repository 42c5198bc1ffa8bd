"""The generated module `methods/kinds`: a class with flat hyperparameters for each training method.

A component is a training method by `x-client: {method: NAME}`. Its settings are the fields of its
`hyperparameters`, and its other fields, such as a grader.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from tools.openapi import Document, Place
from tools.openapi.grammar import every_schema

from .arguments import component as component_of
from .arguments import description
from .extension import Refusal, refused
from .names import is_argument
from .source import docstring, exported, header, indented, paragraphs

__all__ = ["methods_module"]

# Attributes that every method has.
_RESERVED = frozenset({"type", "schema", "settings", "to_dict", "hyperparameters"})
_SCALARS = {"integer": "int", "number": "float", "string": "str", "boolean": "bool"}


def methods_module(contract: Document) -> str:
    """Write the module. Raises `DocumentError` with a line for each extension that is not valid."""
    made: dict[str, str] = {}
    refusals: list[Refusal] = []
    for place, schema in every_schema(contract):
        if isinstance(schema.get("x-client"), dict) and "method" in schema["x-client"]:
            try:
                made.update(_class(contract, place, schema, made))
            except Refusal as refusal:
                refusals.append(refusal)
    if refusals:
        raise refused(contract, refusals)
    text = (
        "`None` leaves a hyperparameter out of the request, so that the service chooses it; `auto` requests "
        "that explicitly. The limits of the contract are checked when the object is created."
    )
    return "\n".join(
        [
            header("Training methods, each with flat keyword hyperparameters", paragraphs(text, 0)),
            "from __future__ import annotations",
            "from typing import Any, ClassVar, Literal, TypeAlias",
            "import attrs",
            "from .base import TrainingMethod",
            exported(["Method", *made]),
            *made.values(),
            f"Method: TypeAlias = {' | '.join(made) or 'TrainingMethod'}",
            '"""Any of the training methods."""',
        ]
    )


def _class(
    contract: Document, place: Place, schema: Mapping[str, Any], taken: Collection[str]
) -> dict[str, str]:
    """Write the class of one method; return its text by its name."""
    name, component = schema["x-client"]["method"], str(place[-1])
    is_name = isinstance(name, str) and name.isidentifier() and name[0].isupper()
    if len(schema["x-client"]) > 1 or not is_name or name in taken:
        problem = "x-client of a training method must be {method: NameOfTheClass}, with a name of its own"
        raise Refusal((*place, "x-client"), problem)
    kind = _kind(contract, component)
    if kind is None:
        raise Refusal((*place, "x-client"), f"{component} is not a field of FineTuneMethod: add it there")
    settings = component_of(contract, schema.get("properties", {}).get("hyperparameters"))
    if settings is None:
        raise Refusal((*place, "properties"), "`hyperparameters` must be a `$ref` to a component: write one")
    fields = list(_fields(contract, place, schema))
    first, _, rest = schema.get("description", name).partition(". ")
    listed = "\n".join(paragraphs(f"{field}: {text}", 8, 4) for field, _, text in fields)
    attributes = f"Attributes:\n{indented(listed, 4)}"
    end = f"Source: `{component}` in the contract."
    lines = [
        "@attrs.frozen(kw_only=True)",
        f"class {name}(TrainingMethod):",
        docstring(first.rstrip(".") + ".", paragraphs(rest, 4), attributes, end, margin=4),
        f"    type: ClassVar[str] = {kind!r}",
        f"    schema: ClassVar[str] = {component!r}",
        f"    settings: ClassVar[str] = {settings!r}",
        *(f"    {field}: {annotation}" for field, annotation, _ in fields),
    ]
    return {name: "\n".join(lines)}


def _kind(contract: Document, component: str) -> str | None:
    """Return the field of `FineTuneMethod` that is a component; its name is the `type` of the method."""
    components = contract.mapping(contract.mapping(contract.data, "components"), "schemas")
    methods = contract.mapping(contract.mapping(components, "FineTuneMethod"), "properties")
    reference = f"#/components/schemas/{component}"
    return next((str(name) for name, value in methods.items() if _reference(value) == reference), None)


def _reference(schema: Any) -> Any:
    return schema.get("$ref") if isinstance(schema, dict) else None


def _fields(contract: Document, place: Place, schema: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the fields of a method: name, annotation with default, and description; required ones first."""
    others = {name: value for name, value in schema["properties"].items() if name != "hyperparameters"}
    hyperparameters = contract.keywords(schema["properties"]["hyperparameters"]).get("properties", {})
    required = schema.get("required", ())
    for name in (*others, *hyperparameters):
        if name in _RESERVED or (name in others and name in hyperparameters):
            raise Refusal(place, f"{name!r} would be two attributes of one class: rename one of the fields")
        if not is_argument(name):
            raise Refusal(place, f"{name!r} cannot be an argument in Python: rename the field")
    for name, value in sorted(others.items(), key=lambda item: item[0] not in required):
        yield name, "Any" if name in required else "Any = None", _description(contract, value)
    for name, value in hyperparameters.items():
        yield name, f"{_annotation(contract.keywords(value))} | None = None", _description(contract, value)


def _description(contract: Document, schema: Any) -> str:
    return " ".join(description(contract, schema).split())


def _annotation(schema: Mapping[str, Any]) -> str:
    members = schema.get("anyOf") or schema.get("oneOf") or [schema]
    found = [
        f"Literal[{m['const']!r}]" if "const" in m else _SCALARS.get(m.get("type"), "Any") for m in members
    ]
    return (
        "Any" if "Any" in found else " | ".join(sorted(set(found), key=lambda kind: kind.startswith("Lit")))
    )
