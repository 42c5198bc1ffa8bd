"""A server made from a contract: it checks each request, and sends the documented response."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx
from jsonschema import Draft202012Validator

__all__ = ["MockServer", "example"]

_TEXTS = {
    "date-time": "2024-05-01T10:00:00Z",
    "date": "2024-02-29",
    "uuid": "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "binary": "",
}


def example(document: dict[str, Any], schema: dict[str, Any], depth: int = 3) -> Any:
    """Return a value that the schema allows, with all its fields down to a depth."""
    schema = flat(document, schema)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][-1]
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            return example(document, schema[keyword][0], depth)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        required = schema.get("required", ())
        fields = {
            name: example(document, inner, depth - 1)
            for name, inner in schema.get("properties", {}).items()
            if depth > 0 or name in required
        }
        more = schema.get("additionalProperties")
        return fields | (
            {"more": example(document, more, depth - 1)} if isinstance(more, dict) and depth > 0 else {}
        )
    if kind == "array":
        return [example(document, schema.get("items", {}), depth - 1)] if depth > 0 else []
    if kind == "string":
        return _TEXTS.get(schema.get("format", ""), "text")
    numbers = {"integer": int(schema.get("minimum", 3)), "number": 1.5, "boolean": True, "null": None}
    return numbers[kind]


def flat(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with its reference and its `allOf` merged into it."""
    merged: dict[str, Any] = {}
    for part in [*([at(document, schema["$ref"])] if "$ref" in schema else []), *schema.get("allOf", ())]:
        inner = flat(document, part)
        merged["properties"] = {**merged.get("properties", {}), **inner.get("properties", {})}
        merged["required"] = [*merged.get("required", ()), *inner.get("required", ())]
        merged |= {key: value for key, value in inner.items() if key not in ("properties", "required")}
    if not merged.get("properties"):
        merged.pop("properties", None)
        merged.pop("required", None)
    return merged | {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}


def at(document: dict[str, Any], reference: str) -> Any:
    node: Any = document
    for step in reference.removeprefix("#/").split("/"):
        node = node[step]
    return node


class MockServer:
    """The server, as a handler for `httpx.MockTransport`; `sent` is the body of its last response."""

    def __init__(self, document: dict[str, Any], prefix: str) -> None:
        self.document = document
        self.prefix = prefix
        self.status = ""
        self.media_type = ""
        self.sent: Any = None
        self.received: Any = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        operation, values = self._operation(request)
        for parameter in self._parameters(operation):
            self._check_parameter(parameter, request, values)
        if "requestBody" in operation:
            self._check_body(operation["requestBody"], request)
        status = self.status or next(iter(operation["responses"]))
        response = operation["responses"][status]
        response = at(self.document, response["$ref"]) if "$ref" in response else response
        code = int(status.replace("XX", "00").replace("default", "503"))
        if "content" not in response:
            self.sent = None
            return httpx.Response(code)
        media_type = self.media_type or next(iter(response["content"]))
        schema = response["content"][media_type]["schema"]
        self.sent = example(self.document, schema)
        content = json.dumps(self.sent) if "json" in media_type else str(self.sent)
        return httpx.Response(code, headers={"content-type": media_type}, content=content)

    def _operation(self, request: httpx.Request) -> tuple[dict[str, Any], dict[str, str]]:
        path = request.url.raw_path.decode().partition("?")[0].removeprefix(self.prefix)
        for template, item in self.document["paths"].items():
            pattern = re.sub(r"{([^}]*)}", "([^/]+)", template)
            found = re.fullmatch(pattern, path)
            if found and request.method.lower() in item:
                names = re.findall(r"{([^}]*)}", template)
                shared = {"shared": item.get("parameters", [])}
                return {**item[request.method.lower()], **shared}, dict(
                    zip(names, found.groups(), strict=True)
                )
        raise AssertionError(f"no operation for {request.method} {path}")

    def _parameters(self, operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for parameter in [*operation.get("parameters", ()), *operation["shared"]]:
            yield at(self.document, parameter["$ref"]) if "$ref" in parameter else parameter

    def _check_parameter(
        self, parameter: dict[str, Any], request: httpx.Request, values: dict[str, str]
    ) -> None:
        name, where = parameter["name"], parameter["in"]
        if "content" in parameter:
            schema = parameter["content"]["application/json"]["schema"]
            value = json.loads(dict(parse_qsl(request.url.query.decode()))[name])
        else:
            schema = parameter["schema"]
            value = self._decoded(parameter, schema, request, values)
        self._validate(schema, value)
        if self.status == "":
            assert value == example(self.document, schema), (name, where)

    def _decoded(
        self,
        parameter: dict[str, Any],
        schema: dict[str, Any],
        request: httpx.Request,
        values: dict[str, str],
    ) -> Any:
        name, style = parameter["name"], parameter.get("style")
        pairs = parse_qsl(request.url.query.decode())
        kind = flat(self.document, schema).get("type")
        if style == "deepObject":
            found = {key[len(name) + 1 : -1]: value for key, value in pairs if key.startswith(f"{name}[")}
            fields = flat(self.document, schema)["properties"]
            return {key: self._plain(fields[key], value) for key, value in found.items()}
        if parameter["in"] == "query":
            texts = [value for key, value in pairs if key == name]
            if style == "pipeDelimited":
                texts = texts[0].split("|")
        elif parameter["in"] == "path":
            text = values[name].removeprefix(f";{name}=") if style == "matrix" else values[name]
            texts = [unquote(part) for part in text.split(",")] if kind == "array" else [unquote(text)]
        elif parameter["in"] == "header":
            texts = request.headers[name].split(",")
        else:
            texts = [unquote(request.headers["cookie"].partition(f"{name}=")[2])]
        if kind == "array":
            return [self._plain(schema["items"], text) for text in texts]
        return self._plain(schema, texts[0])

    def _plain(self, schema: dict[str, Any], text: str) -> Any:
        kind = flat(self.document, schema).get("type")
        return {"integer": int, "number": float}.get(str(kind), str)(text)

    def _check_body(self, body: dict[str, Any], request: httpx.Request) -> None:
        given = request.headers.get("content-type", "")
        media_type = next(name for name in body["content"] if given.startswith(name))
        schema = body["content"][media_type]["schema"]
        self.received = request.content
        if "json" in media_type:
            self.received = json.loads(request.content)
            self._validate(schema, self.received)
        elif "urlencoded" in media_type:
            fields = flat(self.document, schema)["properties"]
            pairs = parse_qsl(request.content.decode())
            lists = {name for name, inner in fields.items() if inner.get("type") == "array"}
            self.received = {name: [v for k, v in pairs if k == name] for name in lists} | {
                name: self._plain(fields[name], value) for name, value in pairs if name not in lists
            }
            self._validate(schema, self.received)

    def _validate(self, schema: dict[str, Any], value: Any) -> None:
        Draft202012Validator({**schema, "components": self.document["components"]}).validate(value)
