"""Write docs/reference/ from openapi.yaml, a page of operations and a page of models, or check them.

Every operation has the calls in Python, with both clients and with the generated function. Every model has an
example value, and for each field its name, type, whether it is required and nullable, and its meaning.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tools import training_formats
from tools.comparison.signatures import read_client
from tools.comparison.surface import Surface
from tools.examples import example, example_calls, snake
from tools.openapi import METHODS, Document, DocumentError, Place, read
from tools.openapi.grammar import check_structure

__all__ = ["main", "pages"]

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
CLIENT = ROOT / "overlay" / "finetuning_client"
NOTICE = "<!-- Written from openapi.yaml by `make reference`; edit the descriptions there. -->\n"

Schema = dict[str, Any]


def pages(document: Document, client: Surface) -> dict[str, str]:
    """Return the text of each page, by its file name.

    Args:
        document: The contract.
        client: The public names of the client.
    """
    return {
        "operations.md": "\n".join([NOTICE, *_operations(document, client)]),
        "models.md": "\n".join([NOTICE, *_models(training_formats.without(document))]),
    }


def _operations(document: Document, client: Surface) -> Iterator[str]:
    data = document.data
    yield "# Operations\n"
    info, server = data["info"], data["servers"][0]
    yield f"{info['title']} {info['version']}, at `{server['url']}`.\n"
    yield (
        "Each example shows the call with a `FineTuning` client, an `AsyncFineTuning` client, and the\n"
        "generated function. `client` is the client, and `client.api` is what generated functions take.\n"
        "Where a client has no method for an operation, only the function is shown.\n"
    )
    for tag in data["tags"]:
        yield f"## {tag['name']}\n"
        yield f"{_unwrapped(tag['description'])}\n"
        for path in data["paths"]:
            place, item = document.resolve(("paths", path))
            for method in METHODS:
                if method in item and tag["name"] in item[method]["tags"]:
                    yield from _operation(document, path, (*place, method))
                    yield from _calls(document, (*place, method), client)


def _calls(document: Document, place: Place, client: Surface) -> Iterator[str]:
    yield "```python"
    for number, call in enumerate(example_calls(document, place, client)):
        yield ("\n" if number else "") + f"# {call.on}"
        yield from call.lines
    yield "```\n"


def _operation(document: Document, path: str, place: Place) -> Iterator[str]:
    operation = document.at(place)
    module = f"finetuning_api.api.{operation['tags'][0]}.{snake(operation['operationId'])}"
    yield f"### {operation['operationId']}\n"
    yield f"`{str(place[-1]).upper()} {path}` · `{module}`\n"
    yield f"{_unwrapped(operation['summary'])} {_unwrapped(operation.get('description', ''))}".strip() + "\n"
    rows = [
        (
            p["name"],
            p["in"],
            _type(p["schema"]),
            _yes_or_empty(p.get("required")),
            _unwrapped(p["description"]),
        )
        for _, p in document.parameters(place)
    ]
    if rows:
        yield from _table(("Parameter", "In", "Type", "Required", "Meaning"), rows)
    body = document.mapping(operation, "requestBody", follow=True)
    for kind, media in body.get("content", {}).items():
        yield f"Request body: {_type(media['schema'])} as `{kind}`.\n"
    statuses = []
    for status, response in operation["responses"].items():
        found = document.resolved(response)
        kinds = [f"{_type(m['schema'])} as `{kind}`" for kind, m in found.get("content", {}).items()]
        statuses.append((f"`{status}`", "; ".join(kinds) or "no body", _unwrapped(found["description"])))
    yield from _table(("Status", "Body", "Meaning"), statuses)


def _models(document: Document) -> Iterator[str]:
    schemas = document.data["components"]["schemas"]
    yield "# Models\n"
    yield "The generated class of each object is in `finetuning_api.models`; `from_dict` reads the example.\n"
    for name, schema in sorted(schemas.items(), key=lambda pair: pair[0].lower()):
        yield f"## {name}\n"
        yield f"{_unwrapped(schema.get('description', ''))}\n"
        if "properties" in schema:
            required = schema.get("required", ())
            rows = [
                (
                    f"`{field}`",
                    _type(inner),
                    _yes_or_empty(field in required),
                    _yes_or_empty(_is_nullable(inner)),
                    _unwrapped(_description(document, inner)),
                )
                for field, inner in schema["properties"].items()
            ]
            yield from _table(("Field", "Type", "Required", "Nullable", "Meaning"), rows)
        elif "enum" in schema:
            yield "One of " + ", ".join(f"`{value}`" for value in schema["enum"]) + ".\n"
        else:
            yield f"{_type(schema, own=name)}.\n"
        value = example(document, {"$ref": f"#/components/schemas/{name}"})
        yield f"```json\n{json.dumps(value, indent=2, ensure_ascii=False)}\n```\n"


def _type(schema: Schema, own: str | None = None) -> str:
    """Return the type of a schema in a few words, with its limits and without null."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](models.md#{name.lower()})"
    members = schema.get("anyOf") or schema.get("oneOf")
    if members:
        return " or ".join(_type(member) for member in members if member.get("type") != "null")
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}{_limits(schema)}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"map of string to {_type(schema['additionalProperties'])}{_limits(schema)}"
    types = schema.get("type", "anything" if own else "any")
    words = [types] if isinstance(types, str) else [word for word in types if word != "null"]
    shape = schema.get("format")
    return " or ".join(words) + (f" ({shape})" if shape else "") + _limits(schema)


_LIMITS = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "over {}"),
    ("maximum", "at most {}"),
    ("exclusiveMaximum", "under {}"),
    ("minLength", "length at least {}"),
    ("maxLength", "length at most {}"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
    ("maxProperties", "at most {} pairs"),
)


def _limits(schema: Schema) -> str:
    return "".join(f", {text.format(schema[key])}" for key, text in _LIMITS if key in schema)


def _is_nullable(schema: Schema) -> bool:
    members = schema.get("anyOf") or schema.get("oneOf") or ()
    return "null" in (schema.get("type") or ()) or any(m.get("type") == "null" for m in members)


def _description(document: Document, schema: Schema) -> str:
    """Return the description of a schema, or of the component that it is, alone or beside null."""
    members = (schema, *(schema.get("anyOf") or ()))
    reference = next((member for member in members if "$ref" in member), schema)
    found: str = schema.get("description") or document.resolved(reference).get("description", "")
    return found


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    yield ""


def _unwrapped(text: str) -> str:
    return " ".join(text.split())


def _yes_or_empty(value: object) -> str:
    return "yes" if value else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages; with `--check`, only report whether they are up to date, and fail if not."""
    parser = argparse.ArgumentParser(prog="tools.reference", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a page is out of date")
    check = parser.parse_args(arguments).check
    try:
        document = read(ROOT / "openapi.yaml")
        check_structure(document)
        wanted = pages(document, read_client(CLIENT, ()))
    except DocumentError as error:
        print(error, file=sys.stderr)
        return 2
    stale = False
    for name, text in wanted.items():
        path = FOLDER / name
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        if check and old != text:
            stale = True
            before, after = old.splitlines(), text.splitlines()
            shown = difflib.unified_diff(before, after, f"docs/reference/{name}", "openapi.yaml", lineterm="")
            print("\n".join(shown))
        elif not check:
            FOLDER.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    if stale:
        print("docs/reference/ is out of date: run `make reference`", file=sys.stderr)
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
