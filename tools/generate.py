"""Write generated/finetuning_api from openapi.yaml, or check that it is what openapi.yaml gives.

The new package is made in a temporary directory and takes the old one's place only when it is
complete: on any failure, named with its place in the contract, the old one stays as it was.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.schema import OpenAPI, UntrustedString
from openapi_python_client.strings import PythonIdentifier
from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

__all__ = ["main"]

ROOT = Path(__file__).resolve().parent.parent

# Neither templates nor formatting are stable interfaces: an upgrade is a reviewed change.
PINNED = {"openapi-python-client": "0.29.1", "ruff": "0.17.5"}

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# What a schema may say. A keyword that is not here would be passed over in silence.
SCHEMA_KEYWORDS = frozenset(
    "$ref type const enum format properties required additionalProperties items anyOf oneOf allOf"
    " discriminator description deprecated readOnly writeOnly default example examples"
    " minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern"
    " minItems maxItems uniqueItems minProperties maxProperties propertyNames".split()
)
# The generator knows types for these, which the templates do not read.
UNREADABLE_FORMATS = frozenset({"date-time", "uuid"})

Place = tuple[str | int, ...]


class GenerationFailed(Exception):
    """The package could not be made; the message has a line for each reason."""


@dataclass(frozen=True)
class Contract:
    """The contract as plain data, which remembers the line of every part."""

    path: Path
    data: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> Contract:
        try:
            data = YAML(typ="rt").load(path.read_bytes())
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            raise GenerationFailed(f"{path.name}:{line}: {error.problem or error}") from None
        except (YAMLError, UnicodeDecodeError) as error:
            raise GenerationFailed(f"{path.name}:1: {error}") from None
        except OSError as error:
            raise GenerationFailed(f"{path}: {error.strerror}") from None
        if not isinstance(data, CommentedMap):
            raise GenerationFailed(f"{path.name}:1: the contract is not a mapping")
        return cls(path, data)

    def say(self, place: Place, problem: str) -> str:
        return f"{self.path.name}:{self._line(place)}: {problem}"

    def _line(self, place: Place) -> int:
        node: Any = self.data
        line = 0
        for step in place:
            # Steps that the contract does not have are a validator's own, as for a union's member.
            if isinstance(node, CommentedMap) and step in node:
                line = node.lc.key(step)[0]
            elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
                line = node.lc.item(step)[0]
            else:
                continue
            node = node[step]
        return line + 1

    def target(self, reference: object) -> Any:
        """What a `$ref` points to, or None."""
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return None
        node: Any = self.data
        for step in reference[2:].split("/"):
            node = node.get(step) if isinstance(node, dict) else None
        return node

    def resolved(self, node: Any) -> Any:
        seen: list[Any] = []
        while isinstance(node, dict) and "$ref" in node and node not in seen:
            seen.append(node)
            node = self.target(node["$ref"])
        return node

    def operations(self) -> Iterator[tuple[Place, dict[str, Any]]]:
        for path, item in (self.data.get("paths") or {}).items():
            for method in METHODS:
                if isinstance(item, dict) and isinstance(item.get(method), dict):
                    yield ("paths", path, method), item[method]

    def schemas(self) -> Iterator[tuple[Place, dict[str, Any]]]:
        """Every schema, at any depth."""
        components = self.data.get("components") or {}
        for name, schema in (components.get("schemas") or {}).items():
            yield from _schemas_within(("components", "schemas", name), schema)
        for section in ("paths", "components"):
            for place, node in _nodes((section,), self.data.get(section)):
                if place[-1] == "schema" and "schemas" not in place[:2]:
                    yield from _schemas_within(place, node)


def _nodes(place: Place, node: Any) -> Iterator[tuple[Place, Any]]:
    yield place, node
    children: Iterable[tuple[str | int, Any]] = ()
    if isinstance(node, dict):
        children = node.items()
    elif isinstance(node, list):
        children = enumerate(node)
    for step, child in children:
        yield from _nodes((*place, step), child)


def _schemas_within(place: Place, schema: Any) -> Iterator[tuple[Place, dict[str, Any]]]:
    if not isinstance(schema, dict):
        return
    yield place, schema
    for keyword in ("items", "additionalProperties"):
        yield from _schemas_within((*place, keyword), schema.get(keyword))
    for name, inner in (schema.get("properties") or {}).items():
        yield from _schemas_within((*place, "properties", name), inner)
    for keyword in ("anyOf", "oneOf", "allOf"):
        for index, inner in enumerate(schema.get(keyword) or ()):
            yield from _schemas_within((*place, keyword, index), inner)


def _problems(contract: Contract) -> Iterator[tuple[Place, str]]:
    """What the generator would pass over, get wrong, or report without its place."""
    for place, node in _nodes((), contract.data):
        if place and place[-1] == "$ref" and contract.target(node) is None:
            yield place, f"$ref to {node!r}, which does not exist"
    for place, schema in contract.schemas():
        yield from _schema_problems(contract, place, schema)
    yield from _operation_problems(contract)


def _schema_problems(
    contract: Contract, place: Place, schema: dict[str, Any]
) -> Iterator[tuple[Place, str]]:
    for keyword in schema:
        if keyword not in SCHEMA_KEYWORDS and not str(keyword).startswith("x-"):
            yield (*place, keyword), f"keyword {keyword!r} is not supported in a schema"
    if schema.get("format") in UNREADABLE_FORMATS:
        yield (*place, "format"), f"format {schema['format']!r} is not supported"
    if not all(isinstance(value, str) for value in schema.get("enum") or ()):
        yield (*place, "enum"), "only enums of strings are supported"
    for keyword in ("anyOf", "oneOf"):
        tags: list[Any] = []
        for member in _members(contract, schema.get(keyword) or ()):
            if member.get("properties"):
                tag = contract.resolved(member["properties"].get("type")) or {}
                tags.append(tag.get("const"))
        if len(tags) > 1 and (len(set(tags)) < len(tags) or None in tags):
            yield (
                (*place, keyword),
                "objects of a union must be told apart by the const of their `type`",
            )


def _members(contract: Contract, members: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """The members of a union, those of the unions among them included."""
    for member in members:
        schema = contract.resolved(member)
        if isinstance(schema, dict):
            nested = [*(schema.get("anyOf") or ()), *(schema.get("oneOf") or ())]
            yield from _members(contract, nested) if nested else [schema]


def _operation_problems(contract: Contract) -> Iterator[tuple[Place, str]]:
    seen: dict[str, Place] = {}
    for place, operation in contract.operations():
        name = operation.get("operationId")
        if not name:
            yield place, "operation without operationId"
        elif name in seen:
            line = contract.say(seen[name], "").split(":")[1]
            yield (*place, "operationId"), f"duplicate operationId {name!r}, first on line {line}"
        else:
            seen[name] = (*place, "operationId")
        if len(operation.get("tags") or ()) != 1:
            yield place, f"operation {name!r} must have exactly one tag"
        for index, parameter in enumerate(operation.get("parameters") or ()):
            location = (contract.resolved(parameter) or {}).get("in")
            if location not in ("path", "query"):
                yield (
                    (*place, "parameters", index),
                    f"parameters in {location!r} are not supported",
                )
        yield from _content_problems(contract, place, operation)


def _content_problems(
    contract: Contract, place: Place, operation: dict[str, Any]
) -> Iterator[tuple[Place, str]]:
    body = contract.resolved(operation.get("requestBody")) or {}
    types = list(body.get("content") or ())
    if len(types) > 1 or not set(types) <= {"application/json", "multipart/form-data"}:
        yield (*place, "requestBody"), f"request body of {', '.join(types)} is not supported"
    for status, answer in (operation.get("responses") or {}).items():
        types = list((contract.resolved(answer) or {}).get("content") or ())
        if len(types) != 1 or not set(types) <= {"application/json", "application/octet-stream"}:
            what = ", ".join(types) or "nothing"
            yield (*place, "responses", status), f"a response of {what} is not supported"


def _generator_data(contract: Contract, config: Config) -> GeneratorData:
    document: dict[str, Any] = json.loads(json.dumps(contract.data, default=str))
    try:
        OpenAPI.model_validate(document)
    except ValidationError as error:
        lines = [contract.say(problem["loc"], problem["msg"]) for problem in error.errors()]
        raise GenerationFailed("\n".join(lines)) from None
    parsed = GeneratorData.from_dict(document, config=config)
    if isinstance(parsed, GeneratorError):
        raise GenerationFailed(_explain(contract, parsed))
    _describe_parameters(contract, parsed, config)
    return parsed


def _describe_parameters(contract: Contract, parsed: GeneratorData, config: Config) -> None:
    """Give parameters their own descriptions: the generator takes those of their schemas."""
    told: dict[tuple[str, str], str] = {}
    for _, operation in contract.operations():
        module = PythonIdentifier(operation["operationId"], config.field_prefix)
        for listed in operation.get("parameters") or ():
            parameter = contract.resolved(listed)
            if "description" in parameter:
                told[module, parameter["name"]] = parameter["description"]
    for collection in parsed.endpoint_collections_by_tag.values():
        for endpoint in collection.endpoints:
            for prop in endpoint.path_parameters + endpoint.query_parameters:
                text = told.get((endpoint.name, prop.name.get_untrusted_value()))
                if text is not None:
                    prop.description = UntrustedString(text)


def _explain(contract: Contract, error: GeneratorError) -> str:
    """An error of the generator, with the line of the part of the contract that it names."""
    text = " ".join(part.strip() for part in (error.header, error.detail) if part)
    place: Place = ()
    if component := re.search(r"/components/(\w+)/([\w.-]+)", text):
        place = ("components", component[1], component[2])
    if operation := re.search(r"\b([A-Z]+) (/\S*) within", text):
        place = ("paths", operation[2], operation[1].lower())
    return contract.say(place, text)


def _wire_schemas(contract: Contract) -> bytes:
    """The component schemas without their descriptions, for checking data at run time."""

    def stripped(schema: Any) -> Any:
        if isinstance(schema, list):
            return [stripped(item) for item in schema]
        if not isinstance(schema, dict):
            return schema
        return {
            key: {name: stripped(inner) for name, inner in value.items()}
            if key == "properties"
            else stripped(value)
            for key, value in schema.items()
            if key not in ("description", "example", "examples")
        }

    schemas = (contract.data.get("components") or {}).get("schemas") or {}
    document = {name: stripped(schema) for name, schema in schemas.items()}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), default=str)
    return text.encode() + b"\n"


def _check_pins() -> None:
    # The hooks are looked up in PATH, where the environment's own programs need not be.
    os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    found = {"openapi-python-client": version("openapi-python-client")}
    try:
        answer = subprocess.run(["ruff", "--version"], capture_output=True, text=True, check=True)
        found["ruff"] = answer.stdout.split()[-1]
    except (OSError, subprocess.CalledProcessError, IndexError):
        found["ruff"] = "missing"
    wrong = [
        f"{name} is {found[name]}, and templates and output are made for {pinned}"
        for name, pinned in PINNED.items()
        if found[name] != pinned
    ]
    if wrong:
        raise GenerationFailed("\n".join(wrong))


def build(contract: Contract, destination: Path) -> None:
    """Make the whole package in a directory that does not exist yet."""
    problems = [contract.say(place, problem) for place, problem in _problems(contract)]
    if problems:
        raise GenerationFailed("\n".join(problems))
    _check_pins()
    config = Config.from_sources(
        ConfigFile.load_from_path(ROOT / "generator-config.yaml"),
        MetaType.NONE,
        contract.path,
        "utf-8",
        overwrite=False,
        output_path=destination,
    )
    parsed = _generator_data(contract, config)
    project = Project(openapi=parsed, config=config, custom_template_path=ROOT / "templates")
    # Properties hold copies of models, some made before these were complete.
    project.env.globals["models"] = {model.class_info.name: model for model in parsed.models}
    # Maps get no class: where they are used, the templates write dict[str, ...].
    parsed.models = [model for model in parsed.models if model.data.properties or model.data.allOf]
    with redirect_stdout(sys.stderr):
        errors = project.build()
    if errors:
        raise GenerationFailed("\n".join(_explain(contract, error) for error in errors))
    (destination / "py.typed").touch()
    (destination / "schemas.json").write_bytes(_wire_schemas(contract))
    for source in destination.rglob("*.py"):
        source.write_bytes(source.read_bytes().replace(b"\r\n", b"\n"))


def _files(package: Path) -> dict[str, str]:
    return {
        path.relative_to(package).as_posix(): path.read_bytes().decode()
        for path in sorted(package.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def _difference(old: Path, new: Path) -> str:
    before, after = _files(old), _files(new)
    lines: list[str] = []
    for name in sorted({*before, *after}):
        lines += difflib.unified_diff(
            before.get(name, "").splitlines(keepends=True),
            after.get(name, "").splitlines(keepends=True),
            f"{old.name}/{name}" if name in before else "/dev/null",
            f"{old.name}/{name} (from the contract)" if name in after else "/dev/null",
        )
    return "".join(lines)


def _replace(old: Path, new: Path) -> None:
    """Put the new package where the old one is; two renames, so that there is never half of one."""
    old.parent.mkdir(parents=True, exist_ok=True)
    arrived, retired = old.with_name(f".{old.name}.new"), old.with_name(f".{old.name}.old")
    shutil.rmtree(arrived, ignore_errors=True)
    shutil.rmtree(retired, ignore_errors=True)
    shutil.copytree(new, arrived)
    if old.exists():
        old.rename(retired)
    try:
        arrived.rename(old)
    except OSError:
        if retired.exists():
            retired.rename(old)
        raise
    shutil.rmtree(retired, ignore_errors=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit code is 1 when it failed or found a difference."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="only compare, and show the difference")
    parser.add_argument("--contract", type=Path, default=ROOT / "openapi.yaml")
    parser.add_argument("--output", type=Path, default=ROOT / "generated" / "finetuning_api")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as directory:
        made = Path(directory) / "finetuning_api"
        try:
            build(Contract.read(options.contract), made)
        except GenerationFailed as failure:
            print(failure, file=sys.stderr)
            return 1
        if not options.check:
            _replace(options.output, made)
            return 0
        difference = _difference(options.output, made)
    if difference:
        print(difference, end="")
        print("generated/ is not what the contract gives: run `make generate`", file=sys.stderr)
    return 1 if difference else 0


if __name__ == "__main__":
    raise SystemExit(main())
