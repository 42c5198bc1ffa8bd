"""The JSON schema of job files, from openapi.yaml: editors complete and check `job.yaml` with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tools.openapi import Document
from tools.training_formats import references

__all__ = ["schema_text"]

Schema = dict[str, Any]

_REQUEST, _JOB, _METHOD = "CreateFineTuningJobRequest", "FineTuningJob", "FineTuneMethod"
_PREFIX, _DEFS = "#/components/schemas/", "#/$defs/"
# Keywords of OpenAPI that JSON Schema does not have.
_FOREIGN = frozenset({"discriminator", "example", "xml", "externalDocs"})


def schema_text(document: Document) -> str:
    """Return the schema as text."""
    components = document.data["components"]["schemas"]
    schema = _job_file(components)
    schema["$defs"] = {
        name: _self_contained(components[name]) for name in sorted(_reached(schema, components))
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _job_file(components: Mapping[str, Any]) -> Schema:
    request = components[_REQUEST]["properties"]
    properties = {name: _self_contained(field) for name, field in request.items()}
    for name in ("training_file", "validation_file"):
        properties[name]["description"] = (
            f"{properties[name].get('description', '')} Or a path to a file to upload, relative to this one."
        ).strip()
    properties["extra"] = {"type": "object", "description": "Fields that only this server has."}
    properties["method"] = _method(components, request["method"])
    for name, field in components[_JOB]["properties"].items():
        if name not in properties:
            text = " ".join(field.get("description", "").split())
            properties[name] = {"description": f"Ignored. {text}".strip(), "readOnly": True}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Job file for finetuning",
        "description": "A fine-tuning job, as `finetuning jobs create -f` reads it.",
        "type": "object",
        "required": list(components[_REQUEST]["required"]),
        "properties": properties,
        "additionalProperties": False,
    }


def _method(components: Mapping[str, Any], field: Schema) -> Schema:
    """Return the forms of a method: its name, its settings next to the type, and the API's own form."""
    kinds = {
        name: _target(inner) for name, inner in components[_METHOD]["properties"].items() if name != "type"
    }
    flat = [_flat_form(name, components[kind], components) for name, kind in kinds.items()]
    return {
        "description": field.get("description", "Training method."),
        "anyOf": [{"enum": list(kinds)}, *flat, *(_api_form(name, kind) for name, kind in kinds.items())],
    }


def _api_form(name: str, kind: str) -> Schema:
    return {
        "type": "object",
        "required": ["type", name],
        "properties": {"type": {"const": name}, name: {"$ref": f"{_DEFS}{kind}"}},
        "additionalProperties": False,
    }


def _flat_form(name: str, method: Schema, components: Mapping[str, Any]) -> Schema:
    properties = method["properties"]
    settings = components[_target(properties["hyperparameters"])]["properties"]
    own = {key: field for key, field in properties.items() if key != "hyperparameters"}
    return {
        "type": "object",
        # Supervised is the default method.
        "required": [
            *([] if name == "supervised" else ["type"]),
            *(key for key in method.get("required", ()) if key in own),
        ],
        "properties": {
            "type": {"const": name},
            **{key: _self_contained(field) for key, field in {**settings, **own}.items()},
        },
        "additionalProperties": False,
    }


def _target(field: Schema) -> str:
    """Return the name of the component that a field refers to, alone or beside null."""
    reference: str = next(part["$ref"] for part in (field, *field.get("anyOf", ())) if "$ref" in part)
    return reference.removeprefix(_PREFIX)


def _self_contained(schema: Any) -> Any:
    """Return a schema of the contract with references that point into this one."""
    if isinstance(schema, list):
        return [_self_contained(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {
        key: _self_contained(value)
        for key, value in schema.items()
        if key not in _FOREIGN and not str(key).startswith("x-")
    }
    if isinstance(reference := found.get("$ref"), str):
        found["$ref"] = reference.replace(_PREFIX, _DEFS)
    if isinstance(text := found.get("description"), str):
        found["description"] = " ".join(text.split())
    return found


def _reached(schema: Schema, components: Mapping[str, Any]) -> set[str]:
    reached: set[str] = set()
    new = set(references(schema, _DEFS))
    while new:
        reached |= new
        new = {
            found for name in new for found in references(_self_contained(components[name]), _DEFS)
        } - reached
    return reached
