"""The examples of the reference pages work: each call is sent, and each value is read."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from finetuning_api import models
from finetuning_client import AsyncFineTuning, FineTuning
from tools import training_formats
from tools.examples import example
from tools.openapi import METHODS, Document, read

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = read(ROOT / "openapi.yaml")
SCHEMAS = training_formats.without(CONTRACT).data["components"]["schemas"]
DATA = b'{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}\n'
FILE = DATA * 10


def sections(page: str, level: str, kind: str) -> Iterator[tuple[str, str]]:
    """Return the headings of a page with the code below each."""
    text = (ROOT / "docs/reference" / page).read_text(encoding="utf-8")
    for part in re.split(rf"^{level} ", text, flags=re.MULTILINE)[1:]:
        code = re.search(rf"^```{kind}\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
        assert code is not None, part[:200]
        yield part.splitlines()[0], code[1]


CALLS = {
    f"{name} by {on}": (on, code)
    for name, block in sections("operations.md", "###", "python")
    for on, code in re.findall(r"^# (\w+)\n(.*?)(?=^# \w+\n|\Z)", block, re.MULTILINE | re.DOTALL)
}
VALUES = dict(sections("models.md", "##", "json"))


def operation_of(request: httpx.Request) -> tuple[str, dict[str, Any]]:
    """Return the operation of a request."""
    for path, item in CONTRACT.data["paths"].items():
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", path)
        if re.fullmatch(f"/v1{pattern}", request.url.raw_path.decode().partition("?")[0]):
            for method in METHODS:
                if method.upper() == request.method and method in item:
                    return path, item[method]
    raise AssertionError(f"{request.method} {request.url.path} is not in the contract")


def respond(request: httpx.Request) -> httpx.Response:
    """Return the documented response, with the identifiers and values of the request."""
    path, operation = operation_of(request)
    response = CONTRACT.resolved(operation["responses"]["200"])
    (kind, media), *_ = response["content"].items()
    if kind != "application/json":
        return httpx.Response(200, content=DATA)
    body = example(CONTRACT, media["schema"])
    asked = request.url.path.removeprefix("/v1").split("/")
    named = [part for part, known in zip(asked, path.split("/"), strict=True) if known.startswith("{")]
    if named and path.rpartition("/")[2].startswith("{"):
        body["id"] = named[-1]
    if "has_more" in body:
        body["has_more"] = False
    if operation["operationId"] == "createFile":
        # The clients accept only a response that describes the file that they sent.
        body.update(filename="train.jsonl", bytes=len(FILE), purpose="fine-tune")
    return httpx.Response(200, json=body)


@pytest.fixture
def arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The arguments of a client, in a directory that has the file of the examples."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.jsonl").write_bytes(FILE)
    return {"api_key": "sk-test", "admin_key": "sk-admin", "base_url": "https://api.test/v1"}


@pytest.mark.parametrize("name", CALLS)
def test_every_call_of_the_reference_works(name: str, arguments: dict[str, Any]) -> None:
    """Both clients and the generated function get the documented responses."""
    on, code = CALLS[name]
    scope: dict[str, Any] = {}
    transport = httpx.MockTransport(respond)
    if on == "AsyncFineTuning":
        body = "\n".join("    " + line for line in code.splitlines())
        exec(f"async def run(client):\n{body}\n    return result", scope)

        async def run() -> Any:
            async with AsyncFineTuning(
                **arguments, http_client=httpx.AsyncClient(transport=transport)
            ) as client:
                return await scope["run"](client)

        assert asyncio.run(run()) is not None
        return
    with FineTuning(**arguments, http_client=httpx.Client(transport=transport)) as client:
        scope["client"] = client
        exec(code, scope)
    assert scope["result"] is not None


def test_every_operation_has_its_calls() -> None:
    """The page has the generated function of each operation, and both clients' methods where they exist."""
    for item in CONTRACT.data["paths"].values():
        for operation in (item[method] for method in METHODS if method in item):
            name = operation["operationId"]
            assert f"{name} by finetuning_api" in CALLS
            if "x-client" in operation:
                assert {f"{name} by FineTuning", f"{name} by AsyncFineTuning"} <= {*CALLS}


@pytest.mark.parametrize("name", VALUES)
def test_every_example_value_is_valid_and_is_read(name: str) -> None:
    """The contract allows the value, and the Python class reads it and writes it unchanged."""
    value = json.loads(VALUES[name])
    root = {"$ref": f"#/components/schemas/{name}", "components": CONTRACT.data["components"]}
    problems = [error.message for error in Draft202012Validator(root).iter_errors(value)]
    assert problems == []
    model: Any = getattr(models, name, None)
    if hasattr(model, "from_dict") and isinstance(value, dict):
        assert model.from_dict(value).to_dict() == value


def test_every_model_has_its_value() -> None:
    """Each component has a value, with its required fields."""
    assert {*VALUES} == {*SCHEMAS}


def test_generated_examples_keep_the_limits_of_their_schema() -> None:
    """This includes limits that the contract does not use yet."""
    for schema in (
        {"type": "integer", "minimum": 5, "multipleOf": 4},
        {"type": "number", "exclusiveMinimum": 2, "maximum": 3},
        {"type": "string", "minLength": 12},
        {"type": "string", "maxLength": 2},
        {"type": "array", "items": {"type": "boolean"}, "minItems": 3},
        {"type": ["null", "integer"], "maximum": -4},
        {"anyOf": [{"type": "null"}, {"enum": ["b", "a"]}]},
        {"allOf": [{"type": "object", "properties": {"a": {"const": 1}}}, {"properties": {"b": {}}}]},
        {"type": "object", "additionalProperties": {"type": "number"}, "minProperties": 1},
        {"type": "string", "format": "uuid"},
    ):
        document = Document("small", {"paths": {}})
        assert not list(Draft202012Validator(schema).iter_errors(example(document, schema)))


def test_the_example_of_a_recursive_schema_ends() -> None:
    """Optional fields are left out at the second level."""
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}
    document = Document("small", {"paths": {}, "components": {"schemas": {"Node": node}}})
    assert example(document, {"$ref": "#/components/schemas/Node"}) == {"next": {}}
