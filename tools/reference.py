"""Write docs/reference/ from openapi.yaml, a page of operations and a page of models, or check them.

Every operation has the calls in Python, by both clients and by the generated function. Every model has an
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

from tools.comparison.document import Document, DocumentError, read
from tools.comparison.operations import METHODS
from tools.comparison.signatures import read_client
from tools.comparison.surface import Surface
from tools.examples import example, example_calls, snake

__all__ = ["main", "pages"]

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
CLIENT = ROOT / "overlay" / "finetuning_client"
NOTICE = "<!-- Written from openapi.yaml by `make reference`; edit the descriptions there. -->\n"

Schema = dict[str, Any]


def pages(document: Document, client: Surface) -> dict[str, str]:
    """The text of each page, by its file name.

    Args:
        document: The contract.
        client: The public names of the client.
    """
    return {
        "operations.md": "\n".join([NOTICE, *_operations(document, client)]),
        "models.md": "\n".join([NOTICE, *_models(document)]),
    }


def _operations(contract: Document, client: Surface) -> Iterator[str]:
    document = contract.data
    yield "# Operations\n"
    info, server = document["info"], document["servers"][0]
    yield f"{info['title']} {info['version']}, at `{server['url']}`.\n"
    yield (
        "Each example has the call by a `FineTuning` client, by an `AsyncFineTuning` client, and by the\n"
        "generated function. `client` is the client, and `client.api` is what generated functions take.\n"
        "Where a client has no method for an operation, only the function is shown.\n"
    )
    for tag in document["tags"]:
        yield f"## {tag['name']}\n"
        yield f"{_flowing(tag['description'])}\n"
        for path, item in document["paths"].items():
            for method in METHODS:
                operation = item.get(method)
                if operation is not None and tag["name"] in operation["tags"]:
                    yield from _operation(document, path, method, operation)
                    yield from _calls(contract, method, item, client)


def _calls(contract: Document, method: str, item: Schema, client: Surface) -> Iterator[str]:
    yield "```python"
    for number, call in enumerate(example_calls(contract, method, item, client)):
        yield ("\n" if number else "") + f"# {call.on}"
        yield from call.lines
    yield "```\n"


def _operation(document: Schema, path: str, method: str, operation: Schema) -> Iterator[str]:
    module = f"finetuning_api.api.{operation['tags'][0]}.{snake(operation['operationId'])}"
    yield f"### {operation['operationId']}\n"
    yield f"`{method.upper()} {path}` · `{module}`\n"
    yield f"{_flowing(operation['summary'])} {_flowing(operation.get('description', ''))}".strip() + "\n"
    if operation.get("parameters"):
        rows = [
            (p["name"], p["in"], _type(p["schema"]), _yes(p.get("required")), _flowing(p["description"]))
            for p in operation["parameters"]
        ]
        yield from _table(("Parameter", "In", "Type", "Required", "Meaning"), rows)
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        yield f"Request body: {_type(media['schema'])} as `{kind}`.\n"
    answers = []
    for status, response in operation["responses"].items():
        found = _resolved(document, response)
        kinds = [f"{_type(m['schema'])} as `{kind}`" for kind, m in found.get("content", {}).items()]
        answers.append((f"`{status}`", "; ".join(kinds) or "no body", _flowing(found["description"])))
    yield from _table(("Status", "Body", "Meaning"), answers)


def _models(contract: Document) -> Iterator[str]:
    document = contract.data
    yield "# Models\n"
    yield "The generated class of each object is in `finetuning_api.models`; `from_dict` reads the example.\n"
    for name, schema in sorted(document["components"]["schemas"].items(), key=lambda pair: pair[0].lower()):
        yield f"## {name}\n"
        yield f"{_flowing(schema.get('description', ''))}\n"
        if "properties" in schema:
            required = schema.get("required", ())
            rows = [
                (
                    f"`{field}`",
                    _type(inner),
                    _yes(field in required),
                    _yes(_is_nullable(inner)),
                    _flowing(inner.get("description") or _resolved(document, inner).get("description", "")),
                )
                for field, inner in schema["properties"].items()
            ]
            yield from _table(("Field", "Type", "Required", "Nullable", "Meaning"), rows)
        elif "enum" in schema:
            yield "One of " + ", ".join(f"`{value}`" for value in schema["enum"]) + ".\n"
        else:
            yield f"{_type(schema, own=name)}.\n"
        value = example(contract, {"$ref": f"#/components/schemas/{name}"})
        yield f"```json\n{json.dumps(value, indent=2, ensure_ascii=False)}\n```\n"


def _type(schema: Schema, own: str | None = None) -> str:
    """The type of a schema in a few words, with its limits and without null."""
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
    ("minLength", "at least {} long"),
    ("maxLength", "at most {} long"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
    ("maxProperties", "at most {} pairs"),
)


def _limits(schema: Schema) -> str:
    return "".join(f", {text.format(schema[key])}" for key, text in _LIMITS if key in schema)


def _is_nullable(schema: Schema) -> bool:
    members = schema.get("anyOf") or schema.get("oneOf") or ()
    return "null" in (schema.get("type") or ()) or any(m.get("type") == "null" for m in members)


def _resolved(document: Schema, node: Schema) -> Schema:
    for member in (node, *(node.get("anyOf") or ())):
        if "$ref" in member:
            found: Schema = document
            for part in member["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            return found
    return node


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
    yield ""


def _flowing(text: str) -> str:
    return " ".join(text.split())


def _yes(value: object) -> str:
    return "yes" if value else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages; with `--check`, only say whether they are current, and fail if not."""
    parser = argparse.ArgumentParser(prog="tools.reference", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a page is old")
    check = parser.parse_args(arguments).check
    try:
        wanted = pages(read(ROOT / "openapi.yaml"), read_client(CLIENT, ()))
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
        print("docs/reference/ is not what openapi.yaml gives: run `make reference`", file=sys.stderr)
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
