"""Comparison of any two documents: equal ones, reversed changes, and refused documents."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tools.comparison.verdicts import changes
from tools.comparison.walk import Comparison, compare
from tools.openapi import Document, DocumentError, parse, read

from .small import SMALL, at, planted

KINDS = st.sampled_from(["string", "integer", "number", "boolean", "object", "array", "null"])
REFERENCES = st.sampled_from(["Job", "Method", "Epochs", "Kind", "Metadata", "Grader"])
WORDS = st.sampled_from(["a", "b", "type", "auto"])
SIZES = st.integers(0, 3)
VALUES = WORDS | SIZES | st.none() | st.booleans()


def composed(members: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Strategy for schemas that contain others."""
    objects = st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(WORDS, members, max_size=3)},
        optional={
            "required": st.lists(WORDS, max_size=2),
            "additionalProperties": st.booleans() | members,
            "nullable": st.booleans(),
        },
    )
    arrays = st.fixed_dictionaries({"type": st.just("array"), "items": members, "maxItems": SIZES})
    keywords = st.sampled_from(["anyOf", "oneOf", "allOf"])
    unions = st.dictionaries(keywords, st.lists(members, min_size=1, max_size=3), max_size=1)
    return objects | arrays | unions


SCHEMAS = st.recursive(
    st.one_of(
        st.fixed_dictionaries(
            {"type": KINDS | st.lists(KINDS, min_size=1, max_size=2, unique=True)},
            optional={
                "minimum": SIZES,
                "exclusiveMinimum": SIZES | st.booleans(),
                "maxLength": SIZES,
                "pattern": WORDS,
                "format": st.sampled_from(["binary", "uri"]),
                "deprecated": st.booleans(),
                "default": VALUES,
            },
        ),
        st.builds(lambda values: {"enum": values}, st.lists(VALUES, max_size=3)),
        st.builds(lambda value: {"const": value}, VALUES),
        st.builds(lambda name: {"$ref": f"#/components/schemas/{name}"}, REFERENCES),
        st.just({}),
    ),
    composed,
    max_leaves=8,
)


def with_field(schema: Any) -> Document:
    """Return one operation of the small contract, with a field that it both sends and receives."""

    def edit(data: dict[str, Any]) -> None:
        at(data, "Method", "properties").update(x=schema)
        data["paths"] = {"/jobs": {"post": data["paths"]["/jobs"]["post"]}}

    return planted(edit)


@given(SCHEMAS)
def test_a_contract_does_not_differ_from_itself(schema: Any) -> None:
    """This holds for any way of writing a schema, and for any references."""
    assert compare(with_field(schema), with_field(schema)).differences == {}


@given(SCHEMAS, SCHEMAS)
def test_comparing_backwards_gives_the_reverse_changes(one: Any, other: Any) -> None:
    """An addition becomes a removal, and a widening becomes a narrowing."""

    def facts(comparison: Comparison, back: bool) -> set[tuple[str, ...]]:
        return {
            (difference.aspect, difference.effect.reverse, str(difference.after), str(difference.before))
            if back
            else (difference.aspect, difference.effect, str(difference.before), str(difference.after))
            for difference in comparison.differences
        }

    there, back = compare(with_field(one), with_field(other)), compare(with_field(other), with_field(one))
    assert facts(there, back=False) == facts(back, back=True)


@given(SCHEMAS, SCHEMAS)
def test_every_difference_has_a_verdict(one: Any, other: Any) -> None:
    """Each kind of difference has a rule and a text."""
    for change in changes(compare(with_field(one), with_field(other))):
        assert change.text
        assert all(change.breaks.values())
        assert set(change.breaks) <= set(change.sides)


def _plain(node: Any) -> Any:
    """Return an equivalent schema for a validator: OpenAPI 3.1, without exclusive unions."""
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _plain(value) for key, value in node.items() if key not in ("nullable", "exclusiveMinimum")}
    return {("anyOf" if key == "oneOf" else key): value for key, value in kept.items()}


def _takes_null(schema: Any) -> bool:
    schemas = planted().data["components"]["schemas"]
    root = {"components": {"schemas": schemas}, "allOf": [schema]}
    return not list(Draft202012Validator(root).iter_errors(None))


@given(SCHEMAS, SCHEMAS)
def test_added_and_removed_null_is_always_reported(one: Any, other: Any) -> None:
    """No other difference hides it, however a schema is written."""
    before, after = (_plain(schema) for schema in (one, other))
    found = compare(with_field(before), with_field(after)).differences
    named = any(str(place.place) == "Method.x" and place.aspect == "null" for place in found)
    assert named == (_takes_null(before) != _takes_null(after))


@given(st.data())
def test_an_invalid_contract_is_compared_or_refused(data: st.DataObject) -> None:
    """If any part is replaced, there is a result or one clear line."""
    junk: st.SearchStrategy[Any] = st.one_of(
        VALUES, st.just([]), st.just({}), st.just(["x"]), st.just({"$ref": "#/no"})
    )
    document = planted()
    node: Any = document.data
    while True:
        steps = list(node) if isinstance(node, dict) else list(range(len(node)))
        step = data.draw(st.sampled_from(steps))
        inner = node[step]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
            break
        node = inner
    node[step] = data.draw(junk)
    named = ""
    try:
        changes(compare(planted(), parse(json.dumps(document.data), "spoiled")))
    except DocumentError as error:
        named = str(error)
    assert not named or (re.match(r"spoiled(:1)?: ", named) and "\n" not in named)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: ]\n", "x.yaml:2: not YAML: "),
        ("paths: {}\n  info: {", "x.yaml:2: not YAML: "),
        ("{[1]: 2}", "x.yaml:1: a key that is a mapping or a list: write text"),
        ("a: 1\nb: 2\na: 3", "x.yaml:3: duplicate key 'a', first on line 1"),
        ("", "x.yaml:1: the contract is not a mapping"),
        ("just words", "x.yaml:1: the contract is not a mapping"),
        (b"\xff\xfe\xfa", "x.yaml:1: not YAML: "),
        ("openapi: 3.1.0", "x.yaml:1: not an OpenAPI document: it has no `paths` mapping"),
        ("openapi: 3.1.0\npaths: [a]", "x.yaml:2: not an OpenAPI document"),
    ],
)
def test_a_document_that_is_not_a_contract_is_refused(text: str | bytes, problem: str) -> None:
    """One line names the document, the place and the problem."""
    with pytest.raises(DocumentError) as caught:
        compare(parse(text, "x.yaml"), planted())
    assert str(caught.value).startswith(problem)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("schema", "line", "problem"),
    [
        ({"$ref": "#/gone"}, "$ref: ", "$ref to '#/gone', which does not exist here"),
        ({"$ref": "other#/Job"}, "$ref: ", "$ref to 'other#/Job', which does not exist here"),
        ({"$ref": "#/openapi"}, "openapi: ", "`openapi` must be a mapping, not the text '3.1.0'"),
        ({"minimum": "one"}, "minimum: ", "`minimum` must be a number, not the text 'one'"),
        ({"maxLength": True}, "maxLength: ", "`maxLength` must be a number, not the boolean true"),
        ({"type": 7}, "type: 7", "`type` must be a list, not the number 7"),
        ({"properties": ["a"]}, "properties:", "`properties` must be a mapping, not a list"),
        ({"properties": {"x": 5}}, "x: 5", "`x` must be a mapping, not the number 5"),
        ({"anyOf": {"a": 1}}, "anyOf:", "`anyOf` must be a list, not a mapping"),
        ({"allOf": [{}, 7]}, "- 7", "item 2 must be a mapping, not the number 7"),
        ({"discriminator": 1}, "discriminator: ", "`discriminator` must be a mapping, not the number 1"),
        (7, "x: 7", "`x` must be a mapping, not the number 7"),
    ],
)  # fmt: skip
def test_an_invalid_schema_is_refused(schema: Any, line: str, problem: str) -> None:
    """One line names the place and the problem."""
    text = yaml.safe_dump(with_field(schema).data, sort_keys=False)
    with pytest.raises(DocumentError) as caught:
        compare(parse(text, SMALL.name), parse(text, SMALL.name))
    name, number, actual = str(caught.value).split(":", 2)
    assert (name, actual.strip()) == (SMALL.name, problem)
    assert line in text.splitlines()[int(number) - 1]


def test_a_schema_that_only_refers_to_itself_is_refused() -> None:
    """A circle of references has no type."""

    def edit(data: dict[str, Any]) -> None:
        at(data, "Kind").clear()
        at(data, "Kind").update(anyOf=[{"$ref": "#/components/schemas/Kind"}, {"type": "string"}])

    with pytest.raises(DocumentError, match="the schema Kind refers to itself"):
        compare(planted(), planted(edit))


def test_schemas_nested_too_deeply_are_refused() -> None:
    """Schemas nested deeper than any real ones are refused with one line."""
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(3000):
        schema = {"type": "array", "items": schema}
    with pytest.raises(DocumentError, match="nested too deeply"):
        compare(with_field(schema), with_field(schema))


def test_plain_words_are_strings() -> None:
    """As in the generator, `on`, `no` and dates are strings, and `1e-05` is a number."""
    document = parse("{paths: {}, x: [on, No, 2026-11-21, 1e-05, 0.5, 7, true, null, 12:30]}", "x")
    assert document.data["x"] == ["on", "No", "2026-11-21", 1e-05, 0.5, 7, True, None, "12:30"]


def test_json_is_read(tmp_path: Path) -> None:
    """A vendor can publish JSON or YAML."""
    path = tmp_path / "contract.json"
    path.write_text(json.dumps(planted().data), encoding="utf-8")
    assert compare(read(path), read(SMALL)).differences == {}


def test_merged_mappings_are_read() -> None:
    """`<<` of YAML copies the fields of another mapping."""
    text = yaml.safe_dump(planted().data) + "x: &x {a: 1}\ny: {<<: *x, b: 2}\n"
    assert parse(text, "x").data["y"] == {"a": 1, "b": 2}
