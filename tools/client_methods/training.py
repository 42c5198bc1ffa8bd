"""The generated module `methods`: a class with flat hyperparameters for each training method.

A component is a training method by `x-client: {method: NAME}`. Its settings are the fields of its
`hyperparameters`, and its other fields, such as a grader.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from tools.contract import Contract, ContractError, Place

from .extension import Refusal
from .source import docstring, exported, header, indented, paragraphs

__all__ = ["methods_module"]

_SCALARS = {"integer": "int", "number": "float", "string": "str", "boolean": "bool"}


def methods_module(contract: Contract) -> str:
    """Write the module. Raises `ContractError` with a line for each extension that makes no sense."""
    made: dict[str, str] = {}
    refusals: list[Refusal] = []
    for place, schema in contract.schemas():
        if isinstance(schema.get("x-client"), dict) and "method" in schema["x-client"]:
            try:
                made.update(_class(contract, place, schema, made))
            except Refusal as refusal:
                refusals.append(refusal)
    if refusals:
        raise ContractError("\n".join(contract.say(refusal.place, refusal.problem) for refusal in refusals))
    text = (
        "`None` leaves a hyperparameter out of the request, and the service decides; `auto` asks for that "
        "explicitly. Limits are the contract's, and are checked when the object is made."
    )
    return "\n".join(
        [
            header("Training methods, each with flat keyword hyperparameters", paragraphs(text, 0)),
            "from __future__ import annotations",
            "from typing import Any, ClassVar, Literal, TypeAlias",
            "import attrs",
            "from .training_method import TrainingMethod",
            exported(["Method", *made]),
            *made.values(),
            f"Method: TypeAlias = {' | '.join(made) or 'TrainingMethod'}",
            '"""Any of the training methods."""',
        ]
    )


def _class(
    contract: Contract, place: Place, schema: Mapping[str, Any], taken: Collection[str]
) -> dict[str, str]:
    """Write the class of one method; return its text by its name."""
    name, component = schema["x-client"]["method"], str(place[-1])
    is_name = isinstance(name, str) and name.isidentifier() and name[0].isupper()
    if len(schema["x-client"]) > 1 or not is_name or name in taken:
        problem = "x-client of a training method must be {method: NameOfTheClass}, with a name of its own"
        raise Refusal((*place, "x-client"), problem)
    kinds = [
        field
        for field, value in contract.target("#/components/schemas/FineTuneMethod")["properties"].items()
        if value.get("$ref", "").endswith(f"/{component}")
    ]
    if not kinds:
        raise Refusal((*place, "x-client"), f"{component} is no field of FineTuneMethod: add it there")
    properties = schema.get("properties", {})
    settings = properties.get("hyperparameters", {}).get("$ref", "")
    hyperparameters = contract.resolved(properties.get("hyperparameters", {})).get("properties", {})
    fields = list(_fields(contract, place, schema, hyperparameters))
    first, _, rest = schema.get("description", name).partition(". ")
    listed = "\n".join(paragraphs(f"{field}: {text}", 8, 4) for field, _, text in fields)
    attributes = f"Attributes:\n{indented(listed, 4)}"
    end = f"Source: `{component}` in the contract."
    lines = [
        "@attrs.frozen(kw_only=True)",
        f"class {name}(TrainingMethod):",
        docstring(first.rstrip(".") + ".", paragraphs(rest, 4), attributes, end, margin=4),
        f"    type: ClassVar[str] = {kinds[0]!r}",
        f"    schema: ClassVar[str] = {component!r}",
        f"    settings: ClassVar[str] = {settings.rpartition('/')[2]!r}",
        *(f"    {field}: {kind}" for field, kind, _ in fields),
    ]
    return {name: "\n".join(lines)}


def _fields(
    contract: Contract, place: Place, schema: Mapping[str, Any], hyperparameters: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    """Yield the fields of a method: name, annotation with default, and description; required ones first."""
    others = {
        name: value for name, value in schema.get("properties", {}).items() if name != "hyperparameters"
    }
    required = schema.get("required", ())
    for name, value in sorted(others.items(), key=lambda item: item[0] not in required):
        yield name, "Any" if name in required else "Any = None", _description(contract, value)
    for name, value in hyperparameters.items():
        if name in others or name in ("type", "schema", "settings", "to_dict", "hyperparameters"):
            raise Refusal(place, f"{name!r} would be two attributes of one class: rename the hyperparameter")
        yield name, f"{_annotation(contract.resolved(value))} | None = None", _description(contract, value)


def _description(contract: Contract, value: Mapping[str, Any]) -> str:
    return " ".join(str(value.get("description") or contract.resolved(value).get("description", "")).split())


def _annotation(schema: Mapping[str, Any]) -> str:
    members = schema.get("anyOf") or schema.get("oneOf") or [schema]
    found = [
        f"Literal[{m['const']!r}]" if "const" in m else _SCALARS.get(m.get("type"), "Any") for m in members
    ]
    return (
        "Any" if "Any" in found else " | ".join(sorted(set(found), key=lambda kind: kind.startswith("Lit")))
    )
