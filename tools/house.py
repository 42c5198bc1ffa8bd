"""The house rules of this project's own contract, beyond what can be generated: each yields its findings.

A rule takes the document; a finding names a place in it and what is wrong there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from tools import training_formats
from tools.openapi import Document, Place
from tools.openapi.grammar import every_schema

__all__ = ["RULES", "Finding", "Rule", "findings"]

Schema = Mapping[str, Any]

_COMPONENT = "#/components/schemas/"
_NULL = {"type": "null"}


class Finding(NamedTuple):
    """A violation of a rule: its place in the contract, and the problem."""

    place: Place
    problem: str


Rule = Callable[[Document], Iterator[Finding]]


def findings(document: Document) -> list[str]:
    """Return every finding as a line, in the order of the document."""
    found = [finding for rule in RULES for finding in rule(document)]
    found.sort(key=lambda finding: document.line(finding.place))
    return [str(document.error(finding.place, f"house rule: {finding.problem}")) for finding in found]


def objects_are_components(document: Document) -> Iterator[Finding]:
    """Find inline objects: the class of an object is named after its component."""
    for place, schema in every_schema(document):
        keywords = {"properties", "additionalProperties"} & schema.keys()
        if (keywords or "object" in _types(schema)) and not _is_component(place):
            yield Finding(place, "an inline object: make it a component")


def enums_are_components(document: Document) -> Iterator[Finding]:
    """Find inline choices of several values, and enums of a single value, which should be a `const`."""
    for place, schema in every_schema(document):
        if "enum" not in schema:
            continue
        if len(schema["enum"]) == 1:
            yield Finding(place, "an enum of one value: write `const`")
        elif not _is_component(place):
            yield Finding(place, "an inline enum: make it a component")


def maps_have_only_values(document: Document) -> Iterator[Finding]:
    """Find objects with both named properties and values of one type."""
    for place, schema in every_schema(document):
        if schema.get("additionalProperties", False) is not False and "properties" in schema:
            yield Finding(place, "both `properties` and `additionalProperties`: write one of them")


def nothing_has_a_default(document: Document) -> Iterator[Finding]:
    """Find defaults: they belong in the description, since a later release of the service may change them."""
    for place, schema in every_schema(document):
        if "default" in schema:
            yield Finding(place, "a default: state it in the description instead")


def null_is_a_type(document: Document) -> Iterator[Finding]:
    """Find null as a value of `enum` or `const`; null is a type."""
    for place, schema in every_schema(document):
        if None in schema.get("enum", []) or schema.get("const", "") is None:
            yield Finding(place, "null as a value: write it as a type")
        yield from _misplaced_null(place, schema)


def unions_are_any_of(document: Document) -> Iterator[Finding]:
    """Find unions that are not written as `anyOf`, and merged schemas."""
    for place, schema in every_schema(document):
        for keyword in ("oneOf", "allOf"):
            if keyword in schema:
                yield Finding(place, f"`{keyword}`: write `anyOf` or one component")
        types = [name for name in _types(schema) if name != "null"]
        if len(types) > 1:
            yield Finding(place, "several types in one schema: write `anyOf`")


def objects_in_unions_are_tagged(document: Document) -> Iterator[Finding]:
    """Find unions whose objects do not differ in the `const` of a required field; one map may join them.

    The field is `type`, or `role` of messages.
    """
    for place, schema in every_schema(document):
        objects = [member for _, member in _members(document, schema) if "object" in _types(member)]
        if len(objects) < 2:
            continue
        tagged = [member for member in objects if "properties" in member]
        if len(objects) > len(tagged) + 1:
            yield Finding(place, "more than one map in a union: keep one")
        for tag, count in Counter(map(_tag, tagged)).items():
            if tag is None:
                yield Finding(place, f"members without a required `type` that is a const: {count}")
            elif count > 1:
                yield Finding(place, f"{count} members have the {tag[0]} `{tag[1]}`: make them differ")


def discriminators_are_right(document: Document) -> Iterator[Finding]:
    """Find unions of objects without a mapping of each tag, and other schemas with a mapping."""
    for place, schema in every_schema(document):
        members = list(_members(document, schema))
        plain = [member for _, member in members if "properties" not in member]
        alternatives = [member for member in schema.get("anyOf", []) if member != _NULL]
        discriminator = schema.get("discriminator")
        if len(alternatives) < 2 or plain:
            if discriminator is not None:
                yield Finding(
                    place, "a discriminator on something other than a union of objects: leave it out"
                )
            continue
        tags = {_tag(member): ref for ref, member in members}
        fields = {tag[0] for tag in tags if tag} or {"type"}
        mapping = {tag[1] if tag else None: ref for tag, ref in tags.items()}
        if len(fields) > 1 or discriminator != {"propertyName": fields.pop(), "mapping": mapping}:
            yield Finding(place, f"no discriminator that maps {mapping}: write one")


def components_are_used(document: Document) -> Iterator[Finding]:
    """Find components that no operation and no training format needs."""
    known = {
        f"#/components/{kind}/{name}": component
        for kind in ("schemas", "responses", "parameters", "requestBodies", "headers")
        for name, component in document.data.get("components", {}).get(kind, {}).items()
    }
    reached: set[str] = set()
    new = set(_references(document.data["paths"]))
    new.update(f"{_COMPONENT}{name}" for name in training_formats.roots(document).values())
    while new:
        reached |= new
        found = (_references(known[ref]) for ref in new if ref in known)
        new = {ref for references in found for ref in references} - reached
    for ref in known.keys() - reached:
        yield Finding(document.place(ref) or (), "never used: leave it out")
    schemes = {name for _, op in document.operations() for name in _schemes(op)}
    for name in document.data.get("components", {}).get("securitySchemes", {}).keys() - schemes:
        yield Finding(("components", "securitySchemes", name), "never used: leave it out")


def operations_have_unique_ids(document: Document) -> Iterator[Finding]:
    """Find operations without an id, or with the id of another one; the id names the module."""
    ids = Counter(operation.get("operationId") for _, operation in document.operations())
    for place, operation in document.operations():
        if "operationId" not in operation:
            yield Finding(place, "no operationId: add one")
        elif ids[operation["operationId"]] > 1:
            yield Finding(place, f"the operationId {operation['operationId']!r} is not unique: write another")


def operations_have_one_tag(document: Document) -> Iterator[Finding]:
    """Find operations without exactly one declared tag, which names the package."""
    declared = {tag["name"] for tag in document.data.get("tags", [])}
    for place, operation in document.operations():
        tags = operation.get("tags", [])
        if len(tags) != 1:
            yield Finding(place, f"{len(tags)} tags: write exactly one")
        for tag in tags:
            if tag not in declared:
                yield Finding(place, f"the tag {tag!r} is not declared: add it to `tags`")


def operations_have_their_own_security(document: Document) -> Iterator[Finding]:
    """Find operations that do not name the key that they take; nothing is inherited."""
    if "security" in document.data:
        yield Finding(("security",), "security for the whole document: write it in each operation")
    declared = document.data.get("components", {}).get("securitySchemes", {})
    for place, operation in document.operations():
        if len(_schemes(operation)) != 1:
            yield Finding(place, "not exactly one security scheme: write one")
        for name in _schemes(operation):
            if name not in declared:
                yield Finding(place, f"the security scheme {name!r} is not declared: add it to `components`")


def responses_are_documented(document: Document) -> Iterator[Finding]:
    """Find operations that do not document their success and, as the error envelope, every error."""
    envelope = {"application/json": {"schema": {"$ref": f"{_COMPONENT}ErrorResponse"}}}
    for place, operation in document.operations():
        responses = operation["responses"]
        if set(responses) != {"200", "4XX", "5XX"}:
            yield Finding(
                (*place, "responses"), "the responses are not exactly 200, 4XX and 5XX: write these"
            )
        for status, response in responses.items():
            contents = _resolve(document, response).get("content", {})
            if len(contents) != 1:
                yield Finding((*place, "responses", status), "not exactly one media type: write one")
            elif status != "200" and contents != envelope:
                yield Finding(
                    (*place, "responses", status),
                    "the error is not JSON of `ErrorResponse`: write a `$ref` to it",
                )


def operations_are_described(document: Document) -> Iterator[Finding]:
    """Find operations, parameters and responses that are not described in sentences."""
    for place, operation in document.operations():
        yield from _description((*place, "summary"), operation.get("summary"))
        yield from _description(place, operation.get("description"))
        for number, parameter in enumerate(operation.get("parameters", [])):
            described = _resolve(document, parameter)
            yield from _description((*place, "parameters", number), described.get("description"))
        for status, response in operation["responses"].items():
            described = _resolve(document, response)
            yield from _description((*place, "responses", status), described.get("description"))


def components_are_described(document: Document) -> Iterator[Finding]:
    """Find components, properties, tags, or the document itself, without a description in sentences."""
    yield from _description(("info",), document.data["info"].get("description"))
    for number, tag in enumerate(document.data.get("tags", [])):
        yield from _description(("tags", number), tag.get("description"))
    for kind in ("securitySchemes", "schemas"):
        for name, component in document.data.get("components", {}).get(kind, {}).items():
            yield from _description(("components", kind, name), _mapping(component).get("description"))
    for place, schema in every_schema(document):
        for name, value in schema.get("properties", {}).items():
            yield from _description((*place, "properties", name), _mapping(value).get("description"))


RULES: tuple[Rule, ...] = (
    objects_are_components,
    enums_are_components,
    maps_have_only_values,
    nothing_has_a_default,
    null_is_a_type,
    unions_are_any_of,
    objects_in_unions_are_tagged,
    discriminators_are_right,
    components_are_used,
    operations_have_unique_ids,
    operations_have_one_tag,
    operations_have_their_own_security,
    responses_are_documented,
    operations_are_described,
    components_are_described,
)


def _is_component(place: Place) -> bool:
    return place[:2] == ("components", "schemas") and len(place) == 3


def _mapping(part: Any) -> Mapping[str, Any]:
    """Return a part of the document if it is a mapping; an empty one for the schemas `true` and `false`."""
    return part if isinstance(part, Mapping) else {}


def _types(schema: Schema) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else list(types)


def _resolve(document: Document, node: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part that a schema or response refers to, through any number of references, or `{}`."""
    passed: list[Any] = []
    node = _mapping(node)
    while "$ref" in node and node["$ref"] not in passed:
        passed.append(node["$ref"])
        place = document.place(node["$ref"])
        node = {} if place is None else _mapping(document.at(place))
    return node


def _members(document: Document, schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Yield the members of a union as (reference or "", schema): unions inside it flattened, without null."""
    for alternative in schema.get("anyOf", []):
        member = _resolve(document, alternative)
        if "anyOf" in member:
            yield from _members(document, member)
        elif member != _NULL:
            yield _mapping(alternative).get("$ref", ""), member


def _tag(schema: Schema) -> tuple[str, str] | None:
    """Return the required field by which a union recognises this object, and its `const`."""
    for name in ("type", "role"):
        tag = _mapping(schema["properties"].get(name)).get("const")
        if tag is not None and name in schema.get("required", []):
            return name, tag
    return None


def _description(place: Place, text: str | None) -> Iterator[Finding]:
    if text is None or not text.strip():
        yield Finding(place, "no description: add one")
    elif not text.rstrip().endswith("."):
        yield Finding(place, "the description does not end in a full stop: add it")


def _misplaced_null(place: Place, schema: Schema) -> Iterator[Finding]:
    """Find null anywhere but once in the types of a plain schema, or beside a reference in `anyOf`."""
    types = _types(schema)
    if isinstance(schema.get("type"), list) and (len(types) != 2 or types[-1] != "null"):
        yield Finding(place, "a list of types other than [type, null]: write that or `anyOf`")
    alternatives = schema.get("anyOf", [])
    if _NULL in alternatives:
        others = [member for member in alternatives if member != _NULL]
        if alternatives[-1] != _NULL or len(others) != 1 or "$ref" not in _mapping(others[0]):
            yield Finding(place, "null in a union other than [reference, null]: make the rest a component")


def _references(part: Any) -> Iterator[str]:
    """Yield every `$ref` and every target of a mapping under a part of the document."""
    if isinstance(part, Mapping):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        if "propertyName" in part and isinstance(part.get("mapping"), Mapping):
            yield from part["mapping"].values()
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def _schemes(operation: Mapping[str, Any]) -> list[str]:
    return [name for requirement in operation.get("security", []) for name in requirement]
