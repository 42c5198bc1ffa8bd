"""The house rules of the contract: each rule takes the document and yields its findings.

A finding names a place in the document, as a JSON pointer, and what is wrong there.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

__all__ = ["RULES", "Document", "Finding", "Rule", "operations", "schemas"]

Document = Mapping[str, Any]
Schema = Mapping[str, Any]

_METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
_COMPONENT = "#/components/schemas/"
_NULL = {"type": "null"}


class Finding(NamedTuple):
    """A place in the contract that breaks a rule, and how."""

    place: str
    problem: str


Rule = Callable[[Document], Iterator[Finding]]


def operations(document: Document) -> Iterator[tuple[str, str, str, Document]]:
    """Every operation as (place, method, path, operation)."""
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield _join("/paths", path, method), method, path, item[method]


def schemas(document: Document) -> Iterator[tuple[str, Schema]]:
    """Every schema of the document with its place, those inside other schemas included."""
    for name, schema in document["components"]["schemas"].items():
        yield from _nested(_join("/components/schemas", name), schema)
    for place, _, _, operation in operations(document):
        for number, parameter in enumerate(operation.get("parameters", [])):
            yield from _nested(_join(place, "parameters", number, "schema"), parameter["schema"])
        yield from _content(_join(place, "requestBody"), operation.get("requestBody", {}))
        for status, response in operation["responses"].items():
            yield from _content(_join(place, "responses", status), response)
    for name, response in document["components"].get("responses", {}).items():
        yield from _content(_join("/components/responses", name), response)


def objects_are_components(document: Document) -> Iterator[Finding]:
    """An object has a name of its own, so that its class has one too."""
    for place, schema in schemas(document):
        keywords = {"properties", "additionalProperties"} & schema.keys()
        if (keywords or "object" in _types(schema)) and not _is_component(place):
            yield Finding(place, "an inline object")


def enums_are_components(document: Document) -> Iterator[Finding]:
    """A choice of several values has a name of its own; a single value is a `const`."""
    for place, schema in schemas(document):
        if "enum" not in schema:
            continue
        if len(schema["enum"]) == 1:
            yield Finding(place, "an enum of one value: write `const`")
        elif not _is_component(place):
            yield Finding(place, "an inline enum")


def maps_have_only_values(document: Document) -> Iterator[Finding]:
    """An object has either named properties or values of one type, never both."""
    for place, schema in schemas(document):
        if schema.get("additionalProperties", False) is not False and "properties" in schema:
            yield Finding(place, "both properties and additionalProperties")


def nothing_has_a_default(document: Document) -> Iterator[Finding]:
    """A default in a keyword would be sent with every call."""
    for place, schema in schemas(document):
        if "default" in schema:
            yield Finding(place, "a default: say it in the description")


def nothing_has_a_title(document: Document) -> Iterator[Finding]:
    """A title would take the place of the schema's name."""
    for place, schema in schemas(document):
        if "title" in schema:
            yield Finding(place, "a title")


def keywords_are_of_3_1(document: Document) -> Iterator[Finding]:
    """Null is a type, and exclusive limits are numbers, as in JSON Schema 2020-12."""
    for place, schema in schemas(document):
        if "nullable" in schema:
            yield Finding(place, "`nullable` is of 3.0: write a null type")
        if None in schema.get("enum", []) or schema.get("const", "") is None:
            yield Finding(place, "null as a value: write a null type")
        for keyword in ("exclusiveMinimum", "exclusiveMaximum"):
            if isinstance(schema.get(keyword), bool):
                yield Finding(place, f"a boolean `{keyword}` is of 3.0: write the number")
        yield from _misplaced_null(place, schema)


def unions_are_any_of(document: Document) -> Iterator[Finding]:
    """One spelling for unions; no merged schemas."""
    for place, schema in schemas(document):
        for keyword in ("oneOf", "allOf"):
            if keyword in schema:
                yield Finding(place, f"`{keyword}`: write `anyOf` or one component")
        types = [name for name in _types(schema) if name != "null"]
        if len(types) > 1:
            yield Finding(place, "several types in one schema: write `anyOf`")


def objects_in_unions_are_tagged(document: Document) -> Iterator[Finding]:
    """Objects in a union differ in the `const` of their required `type`; one map may join them."""
    for place, schema in schemas(document):
        objects = [member for _, member in _members(document, schema) if "object" in _types(member)]
        if len(objects) < 2:
            continue
        tagged = [member for member in objects if "properties" in member]
        if len(objects) > len(tagged) + 1:
            yield Finding(place, "more than one map")
        for tag, count in Counter(map(_tag, tagged)).items():
            if tag is None:
                yield Finding(place, f"members without a required `type` that is a const: {count}")
            elif count > 1:
                yield Finding(place, f"`{tag}` is the type of {count} members")


def discriminators_are_right(document: Document) -> Iterator[Finding]:
    """A union of nothing but objects maps the `type` of each to it; nothing else has a mapping."""
    for place, schema in schemas(document):
        members = list(_members(document, schema))
        plain = [member for _, member in members if "properties" not in member]
        alternatives = [member for member in schema.get("anyOf", []) if member != _NULL]
        discriminator = schema.get("discriminator")
        if len(alternatives) < 2 or plain:
            if discriminator is not None:
                yield Finding(place, "a discriminator on something else than a union of objects")
            continue
        mapping = {_tag(member): ref for ref, member in members}
        if discriminator != {"propertyName": "type", "mapping": mapping}:
            yield Finding(place, f"no discriminator that maps {mapping}")


def references_resolve(document: Document) -> Iterator[Finding]:
    """Every reference leads to a component of this document."""
    for place, ref in _references(document):
        target: Any = document
        for step in ref.removeprefix("#/").split("/"):
            target = target.get(step) if isinstance(target, Mapping) else None
        if not ref.startswith("#/") or target is None:
            yield Finding(place, f"{ref} leads nowhere")


def components_are_used(document: Document) -> Iterator[Finding]:
    """No component is left over: each is reached from an operation."""
    parts = {
        f"#/components/{kind}/{name}": component
        for kind in ("schemas", "responses", "parameters", "requestBodies", "headers")
        for name, component in document["components"].get(kind, {}).items()
    }
    reached: set[str] = set()
    new = {ref for _, ref in _references(document["paths"])}
    while new:
        reached |= new
        found = (_references(parts[ref]) for ref in new if ref in parts)
        new = {ref for references in found for _, ref in references} - reached
    for ref in parts.keys() - reached:
        yield Finding(ref.removeprefix("#"), "never used")
    schemes = {name for _, _, _, op in operations(document) for name in _schemes(op)}
    for name in document["components"]["securitySchemes"].keys() - schemes:
        yield Finding(f"/components/securitySchemes/{name}", "never used")


def operations_have_unique_ids(document: Document) -> Iterator[Finding]:
    """Each operation has an id of its own, which names its module."""
    ids = Counter(operation.get("operationId") for _, _, _, operation in operations(document))
    for place, _, _, operation in operations(document):
        if "operationId" not in operation:
            yield Finding(place, "no operationId")
        elif ids[operation["operationId"]] > 1:
            yield Finding(place, f"{operation['operationId']} is used {ids[operation['operationId']]} times")


def operations_have_one_tag(document: Document) -> Iterator[Finding]:
    """Each operation has one declared tag, which names its package."""
    declared = {tag["name"] for tag in document["tags"]}
    for place, _, _, operation in operations(document):
        tags = operation.get("tags", [])
        if len(tags) != 1:
            yield Finding(place, f"{len(tags)} tags")
        for tag in tags:
            if tag not in declared:
                yield Finding(place, f"the tag {tag} is not declared")


def operations_have_their_own_security(document: Document) -> Iterator[Finding]:
    """Each operation names the key that it takes; nothing is inherited."""
    if "security" in document:
        yield Finding("/security", "security for the whole document")
    declared = document["components"]["securitySchemes"]
    for place, _, _, operation in operations(document):
        if len(_schemes(operation)) != 1:
            yield Finding(place, "not exactly one security scheme")
        for name in _schemes(operation):
            if name not in declared:
                yield Finding(place, f"the security scheme {name} is not declared")


def answers_are_documented(document: Document) -> Iterator[Finding]:
    """Each operation documents its success and, as the error envelope, every error."""
    envelope = {"application/json": {"schema": {"$ref": f"{_COMPONENT}ErrorResponse"}}}
    for place, _, _, operation in operations(document):
        responses = operation["responses"]
        if set(responses) != {"200", "4XX", "5XX"}:
            yield Finding(_join(place, "responses"), "not exactly 200, 4XX and 5XX")
        for status, response in responses.items():
            contents = _resolve(document, response).get("content", {})
            if len(contents) != 1:
                yield Finding(_join(place, "responses", status), "not exactly one media type")
            elif status != "200" and contents != envelope:
                yield Finding(_join(place, "responses", status), "an error without its envelope")


def required_properties_exist(document: Document) -> Iterator[Finding]:
    """What is required is also described."""
    for place, schema in schemas(document):
        for name in schema.get("required", []):
            if name not in schema.get("properties", {}):
                yield Finding(place, f"{name} is required and not a property")


def operations_are_described(document: Document) -> Iterator[Finding]:
    """Operations, their parameters and their answers say in sentences what they are."""
    for place, _, _, operation in operations(document):
        yield from _description(_join(place, "summary"), operation.get("summary"))
        yield from _description(place, operation.get("description"))
        for number, parameter in enumerate(operation.get("parameters", [])):
            yield from _description(_join(place, "parameters", number), parameter.get("description"))
        for status, response in operation["responses"].items():
            answer = _resolve(document, response)
            yield from _description(_join(place, "responses", status), answer.get("description"))


def components_are_described(document: Document) -> Iterator[Finding]:
    """Components and properties say in sentences what they are, as do the tags and the whole."""
    yield from _description("/info", document["info"].get("description"))
    for number, tag in enumerate(document["tags"]):
        yield from _description(_join("/tags", number), tag.get("description"))
    for kind in ("securitySchemes", "schemas"):
        for name, component in document["components"][kind].items():
            yield from _description(_join("/components", kind, name), component.get("description"))
    for place, schema in schemas(document):
        for name, value in schema.get("properties", {}).items():
            yield from _description(_join(place, "properties", name), value.get("description"))


RULES: tuple[Rule, ...] = (
    objects_are_components,
    enums_are_components,
    maps_have_only_values,
    nothing_has_a_default,
    nothing_has_a_title,
    keywords_are_of_3_1,
    unions_are_any_of,
    objects_in_unions_are_tagged,
    discriminators_are_right,
    references_resolve,
    components_are_used,
    operations_have_unique_ids,
    operations_have_one_tag,
    operations_have_their_own_security,
    answers_are_documented,
    required_properties_exist,
    operations_are_described,
    components_are_described,
)


def _join(place: str, *steps: str | int) -> str:
    """The place reached from another by these steps, escaped as JSON pointers are."""
    escaped = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return "/".join((place, *escaped))


def _nested(place: str, schema: Schema) -> Iterator[tuple[str, Schema]]:
    """A schema, then every schema inside it; references are not followed."""
    yield place, schema
    for keyword in ("items", "additionalProperties", "propertyNames", "not"):
        if isinstance(schema.get(keyword), Mapping):
            yield from _nested(_join(place, keyword), schema[keyword])
    for keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for number, member in enumerate(schema.get(keyword, [])):
            yield from _nested(_join(place, keyword, number), member)
    for name, value in schema.get("properties", {}).items():
        yield from _nested(_join(place, "properties", name), value)


def _content(place: str, holder: Document) -> Iterator[tuple[str, Schema]]:
    """The schemas of a request body's or a response's media types."""
    for media_type, value in holder.get("content", {}).items():
        yield from _nested(_join(place, "content", media_type, "schema"), value["schema"])


def _is_component(place: str) -> bool:
    return place.startswith("/components/schemas/") and place.count("/") == 3


def _types(schema: Schema) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else list(types)


def _resolve(document: Document, schema: Schema) -> Schema:
    """What a schema or response refers to, through any number of references; `{}` when nothing."""
    seen: set[str] = set()
    while "$ref" in schema and schema["$ref"] not in seen:
        seen.add(schema["$ref"])
        kind, _, name = schema["$ref"].removeprefix("#/components/").partition("/")
        schema = document["components"].get(kind, {}).get(name, {})
    return schema


def _members(document: Document, schema: Schema) -> Iterator[tuple[str, Schema]]:
    """The members of a union as (reference or "", schema): unions inside it laid flat, no null."""
    for alternative in schema.get("anyOf", []):
        member = _resolve(document, alternative)
        if "anyOf" in member:
            yield from _members(document, member)
        elif member != _NULL:
            yield alternative.get("$ref", ""), member


def _tag(schema: Schema) -> str | None:
    """The `const` of the required property `type`, by which a union tells this object."""
    tag = schema["properties"].get("type", {}).get("const")
    return tag if tag is not None and "type" in schema.get("required", []) else None


def _description(place: str, text: str | None) -> Iterator[Finding]:
    if text is None or not text.strip():
        yield Finding(place, "no description")
    elif not text.rstrip().endswith("."):
        yield Finding(place, "a description that does not end in a full stop")


def _misplaced_null(place: str, schema: Schema) -> Iterator[Finding]:
    """Null stands in the type list of a plain schema, or beside a reference in `anyOf`; once."""
    types = _types(schema)
    if isinstance(schema.get("type"), list) and (len(types) != 2 or types[-1] != "null"):
        yield Finding(place, "a list of types that is not [type, null]")
    alternatives = schema.get("anyOf", [])
    if _NULL in alternatives:
        others = [member for member in alternatives if member != _NULL]
        if alternatives[-1] != _NULL or len(others) != 1 or "$ref" not in others[0]:
            yield Finding(place, "null in a union other than [reference, null]")


def _references(part: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every `$ref` and every target of a mapping under a part of the document, with its place."""
    if isinstance(part, Mapping):
        if isinstance(part.get("$ref"), str):
            yield place, part["$ref"]
        if "propertyName" in part and isinstance(part.get("mapping"), Mapping):
            for tag, ref in part["mapping"].items():
                yield _join(place, "mapping", tag), ref
        for key, value in part.items():
            yield from _references(value, _join(place, key))
    elif isinstance(part, list):
        for number, value in enumerate(part):
            yield from _references(value, _join(place, number))


def _schemes(operation: Document) -> list[str]:
    return [name for requirement in operation.get("security", []) for name in requirement]
