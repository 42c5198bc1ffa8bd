"""Every construct of a schema is generated correctly, or refused with one line (schemas.yaml)."""

import datetime
import importlib
import json
import re
import typing
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from tools.generation.contract import read_contract
from tools.openapi import DocumentError, parse

from .conftest import on_path
from .constructs.rows import Row, dump, rows

ROWS = rows("schemas")
SUPPORTED = [row for row in ROWS if "refused" not in row.content]
REFUSED = [row for row in ROWS if "refused" in row.content]


def contract_of(chosen: list[Row]) -> dict[str, Any]:
    """Return a contract with an object for each row, whose field `value` has the row's schema."""
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for row in chosen:
        schemas[row.name] = {"type": "object", "properties": {"value": row.content["schema"]}}
        schemas |= row.content.get("components", {})
        if "used" in row.content:
            content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{row.name}"}}}
            paths["/used"] = {"get": {"responses": {"200": {"description": "Used.", "content": content}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Rows", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


@pytest.fixture(scope="module")
def api(generator: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The package of a contract with all supported rows."""
    folder = tmp_path_factory.mktemp("schemas")
    path = folder / "openapi.yaml"
    path.write_text(dump(contract_of(SUPPORTED)), encoding="utf-8")
    assert generator.main(["--contract", str(path), "--output", str(folder / "schema_rows")]) == 0
    with on_path(folder):
        yield importlib.import_module("schema_rows")


def model(api: ModuleType, name: str) -> Any:
    return getattr(importlib.import_module(f"{api.__name__}.models"), name)


def value_of(api: ModuleType, row: Row, expression: Any) -> Any:
    """Return the Python value that a row expects."""
    names = {
        "datetime": datetime,
        "UUID": UUID,
        "models": importlib.import_module(f"{api.__name__}.models"),
    }
    return eval(str(expression).replace("{row}", row.name), names)


@pytest.mark.parametrize("row", SUPPORTED, ids=str)
def test_supported_schema_reads_and_writes_values(row: Row, api: ModuleType) -> None:
    """The field has the expected type, and reads and writes its values."""
    content, made = row.content, model(api, row.name)
    declared = row.content["type"].replace("{row}", row.name)
    assert made.__annotations__["value"] == f"{declared} | Unset"
    assert "value" in typing.get_type_hints(made)
    for source, expression in content.get("reads", ()):
        read = made.from_dict({"value": source})
        expected = value_of(api, row, expression)
        assert read.value == expected
        assert isinstance(read.value, type(expected)) or type(expected) in (str, int)
        assert json.dumps(read.to_dict(), sort_keys=True) == json.dumps({"value": source}, sort_keys=True)
    if "extra" in content:
        source, key, expression = content["extra"]
        read = made.from_dict({"value": source})
        assert read.value[key] == value_of(api, row, expression)
        assert read.to_dict() == {"value": source}
    if "says" in content:
        assert f"value: {content['says']}" in " ".join(str(made.__doc__).split())


@pytest.mark.parametrize(
    "row", [row for row in SUPPORTED if row.content.keys() & {"limits", "matches"}], ids=str
)
def test_limits_of_a_schema_are_in_schemas_json(row: Row, api: ModuleType) -> None:
    """schemas.json has the limits that a request must keep, in a flat form."""
    written = json.loads((Path(api.__path__[0]) / "schemas.json").read_text(encoding="utf-8"))
    schema = written[row.name]["properties"]["value"]
    if "$ref" in schema:
        schema = written[schema["$ref"].rpartition("/")[2]]
    limits = row.content.get("limits", {})
    assert {key: schema.get(key) for key in limits} == limits
    for text in row.content.get("matches", {}).get("good", ()):
        assert re.search(schema["pattern"], text), text
    for text in row.content.get("matches", {}).get("bad", ()):
        assert not re.search(schema["pattern"], text), text


def test_passing_a_deprecated_field_warns(api: ModuleType) -> None:
    """Passing the field to the constructor warns; omitting or reading it does not."""
    row = next(row for row in SUPPORTED if "warns" in row.content)
    made = model(api, row.name)
    made()
    made.from_dict({"value": "a"})
    with pytest.warns(DeprecationWarning, match=row.content["warns"]) as caught:
        made(value="a")
    assert caught[0].filename == __file__
    with pytest.warns(DeprecationWarning, match="Relic is deprecated") as caught:
        model(api, "Relic")()
    assert caught[0].filename == __file__


@pytest.mark.parametrize("row", REFUSED, ids=str)
def test_unsupported_schema_is_refused(row: Row) -> None:
    """The reason is one line with the place."""
    text = dump(contract_of([row]))
    with pytest.raises(DocumentError) as raised:
        read_contract(parse(text, "openapi.yaml"))
    message = str(raised.value)
    assert row.content["refused"] in message
    assert "\n" not in message
    number = int(message.split(":")[1])
    assert message.startswith("openapi.yaml:")
    assert number > text.splitlines().index("components:"), "the line is not in a schema"


def test_the_page_of_constructs_is_current() -> None:
    """docs/contract-constructs.md has each row of the tables."""
    from tools import constructs

    assert constructs.main(["--check"]) == 0
