"""Every construct of an operation is generated correctly, or refused with one line (operations.yaml)."""

import copy
import datetime
import importlib
import io
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any
from uuid import UUID

import httpx
import pytest

from tools.generation.contract import read_contract
from tools.openapi import DocumentError, parse
from tools.openapi.grammar import OBJECTS, REFUSED, parts

from .conftest import on_path
from .constructs.rows import Row, dump, rows
from .test_schema_constructs import SUPPORTED as SUPPORTED_SCHEMAS
from .test_schema_constructs import contract_of as contract_of_schemas

ROWS = rows("operations")
SUPPORTED = [row for row in ROWS if "refused" not in row.content]
BASE = "https://marina.example/v1"


def contract_of(chosen: list[Row]) -> dict[str, Any]:
    """Return a contract with the operation of each row."""
    contract: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "Rows", "version": "1"}, "paths": {}}
    for row in chosen:
        if "operation" in row.content:
            operation = {
                "operationId": row.name,
                "tags": ["rows"],
                "responses": {"200": {"description": "Done."}},
                **row.content["operation"],
            }
            item = {row.content.get("method", "get"): {k: v for k, v in operation.items() if v is not None}}
            contract["paths"][row.content.get("path", f"/{row.name}/")] = {
                **row.content.get("item", {}),
                **item,
            }
        merge(contract, row.content.get("document", {}))
    filled: dict[str, Any] = named(contract, chosen[0].name if len(chosen) == 1 else None)
    return filled


def merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        elif value is None:
            into.pop(key, None)
        else:
            into[key] = copy.deepcopy(value)


def named(node: Any, name: str | None, path: str = "") -> Any:
    """Return the contract with `{row}` in its values replaced by the name of the row around it."""
    if isinstance(node, dict):
        return {
            key: named(value, name or (match[1] if (match := re.match(r"/(Row\d+)/$", str(key))) else None))
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [named(item, name) for item in node]
    return node.replace("{row}", name) if isinstance(node, str) and name else node


@pytest.fixture(scope="module")
def api(generator: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The package of a contract with all supported rows."""
    folder = tmp_path_factory.mktemp("operations")
    path = folder / "openapi.yaml"
    path.write_text(dump(contract_of(SUPPORTED)), encoding="utf-8")
    assert generator.main(["--contract", str(path), "--output", str(folder / "operation_rows")]) == 0
    with on_path(folder):
        yield importlib.import_module("operation_rows")


def part(api: ModuleType, name: str) -> Any:
    return importlib.import_module(f"{api.__name__}.{name}")


def endpoint(api: ModuleType, row: Row) -> Any:
    module = row.content.get("module", row.name.replace("Row", "row_"))
    return part(api, f"api.{row.content.get('package', 'rows')}.{module}")


def evaluated(api: ModuleType, row: Row, expression: str) -> Any:
    names = {
        "datetime": datetime,
        "UUID": UUID,
        "io": io,
        "models": part(api, "models"),
        "File": part(api, "types").File,
        "call": lambda *arguments, **named: (arguments, named),
    }
    return eval(expression.replace("{row}", row.name), names)


def client_for(api: ModuleType, row: Row, handler: Any) -> Any:
    """Return a client of the class that the operation needs."""
    wanted = row.content.get("client", "Client")
    settings = row.content.get("settings", {})
    arguments = {"transport": httpx.MockTransport(handler)}
    if wanted == "AuthenticatedClient":
        settings = {"token": "secret", **settings}
    return getattr(part(api, "client"), wanted)(base_url=BASE, httpx_args=arguments, **settings)


@pytest.mark.parametrize("row", [row for row in SUPPORTED if "sends" in row.content], ids=str)
async def test_request_is_the_documented_one(row: Row, api: ModuleType) -> None:
    """The request is the expected one, in blocking and async calls."""
    module, expected = endpoint(api, row), row.content["sends"]
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        request.read()
        seen.append(request)
        return httpx.Response(200)

    async def handle_async(request: httpx.Request) -> httpx.Response:
        await request.aread()
        return handle(request)

    for form, handler in (("sync", handle), ("asyncio", handle_async)):
        arguments, named = evaluated(api, row, f"call({row.content['call']})")
        client = client_for(api, row, handler)
        if "warns" in row.content:
            with pytest.warns(DeprecationWarning, match=row.content["warns"]) as caught:
                module.sync(*arguments, client=client_for(api, row, handle), **named)
            assert caught[0].filename == __file__
            continue
        result = getattr(module, form)(*arguments, client=client, **named)
        if form == "asyncio":
            await result
        assert row.content.get("client", "Client") in module.sync.__annotations__["client"]
        check(seen[-1], expected, row)
    if "says" in row.content:
        assert row.content["says"] in str(module.sync.__doc__)
        assert "Deprecated. Deprecated" not in str(module.sync.__doc__)


def check(request: httpx.Request, expected: dict[str, Any], row: Row) -> None:
    url = expected["url"]
    if "path" not in row.content and "module" not in row.content:
        url = f"/{row.name}{url}"
    # httpx writes a space in a query as forms do.
    assert request.url.raw_path.decode().replace("+", "%20") == f"/v1{url}"
    assert request.method == expected.get("method", request.method)
    for name, value in expected.get("headers", {}).items():
        assert request.headers.get(name) == value
    if "content" in expected:
        assert request.content.decode().replace(" ", "") == expected["content"].replace(" ", "")
    text = request.content.decode("latin-1")
    for name, value in expected.get("parts", {}).items():
        assert re.search(rf'name="{re.escape(name)}"[^\0]*?\r\n\r\n{re.escape(value)}\r\n', text), name
    for words in expected.get("holds", ()):
        assert words in text


@pytest.mark.parametrize("row", [row for row in SUPPORTED if "raises" in row.content], ids=str)
def test_argument_that_cannot_be_written_is_refused(row: Row, api: ModuleType) -> None:
    """A value that the request cannot represent raises an error that names the parameter."""
    arguments, named = evaluated(api, row, f"call({row.content['call']})")
    with pytest.raises(ValueError, match=re.escape(row.content["raises"])):
        endpoint(api, row).build_request(*arguments, **named)


@pytest.mark.parametrize("row", [row for row in SUPPORTED if "answers" in row.content], ids=str)
def test_documented_responses_are_read(row: Row, api: ModuleType) -> None:
    """Each documented response is read, and any other is refused."""
    module = endpoint(api, row)
    assert module.sync.__annotations__["return"] == row.content["returns"].replace("{row}", row.name)
    for (status, media_type, body), expected in row.content["answers"]:
        headers = {"content-type": media_type} if media_type else {}
        response = httpx.Response(status, headers=headers, content=body)
        client = client_for(api, row, lambda _, response=response: response)
        if expected in ("InvalidBody", "UnexpectedStatus"):
            with pytest.raises(getattr(part(api, "errors"), expected)):
                module.sync(client=client)
        elif str(expected).startswith("file "):
            assert module.sync(client=client).payload.read().decode() == expected.removeprefix("file ")
        else:
            read = module.sync(client=client)
            assert read == evaluated(api, row, expected)
            assert type(read).__name__.lstrip("_") != "str" or '"' in body or "text" in media_type


@pytest.mark.parametrize("row", [row for row in ROWS if "refused" in row.content], ids=str)
def test_unsupported_operation_is_refused(row: Row) -> None:
    """The reason is one line with the place."""
    text = row.content.get("text")
    if text is None:
        text = dump(contract_of([row]))
    assert_refused_with_one_line(text, row.content["refused"])


def assert_refused_with_one_line(text: str, reason: str) -> None:
    with pytest.raises(DocumentError) as raised:
        read_contract(parse(text, "openapi.yaml"))
    message = str(raised.value)
    assert reason in message
    assert re.match(r"openapi\.yaml:\d+: [^\n]+$", message)


@pytest.mark.parametrize(
    ("kind", "key"), [(kind, key) for kind, keys in REFUSED.items() for key in keys], ids=str
)
def test_unsupported_keyword_is_refused(kind: str, key: str) -> None:
    """Each OpenAPI keyword that the generator does not support is refused, with the alternative."""
    row = next(row for row in SUPPORTED if str(row) == "headers and links")
    chosen = {
        **contract_of([row, *(it for it in SUPPORTED if str(it) in ("a multipart form", "a string"))]),
    }
    document = parse(dump(chosen), "openapi.yaml")
    _, _, node = next(found for found in parts(document) if found[1] == kind)
    node[key] = {"type": "string"}
    assert_refused_with_one_line(dump(document.data), REFUSED[kind][key])


def test_every_keyword_has_a_row() -> None:
    """Each keyword of the grammar is in a supported row, or in one that is refused for another part."""
    missing = {f"{kind}.{key}" for kind, keys in OBJECTS.items() for key in keys}
    documents = [contract_of(SUPPORTED), contract_of_schemas(SUPPORTED_SCHEMAS)]
    documents += [
        contract_of([row]) for row in ROWS if "refused" in row.content and "text" not in row.content
    ]
    for document in documents:
        for _, kind, node in parts(parse(dump(document), "openapi.yaml")):
            missing -= {f"{kind}.{key}" for key in node}
    assert missing == set()
