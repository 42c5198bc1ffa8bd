"""Generate the library and the client's methods from openapi.yaml, or check that they are up to date.

The new package is made in a temporary directory and takes the old one's place only when it is
complete: on any failure, named with its place in the contract, the old one stays as it was.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tools import client_files
from tools.contract import Contract, ContractError

__all__ = ["main"]

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = ROOT / "generated" / "finetuning_api"

# Neither templates nor formatting are stable interfaces: an upgrade is a reviewed change.
PINNED = {"openapi-python-client": "0.29.1", "ruff": "0.17.5"}


def _stripped(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_stripped(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties":
            # A field may be called description.
            kept[key] = {name: _stripped(inner) for name, inner in value.items()}
        elif key not in ("description", "example", "examples") and not key.startswith("x-"):
            kept[key] = _stripped(value)
    return kept


def _wire_schemas(contract: Contract) -> bytes:
    """The component schemas without their descriptions, for checking data at run time."""
    schemas = (contract.data.get("components") or {}).get("schemas") or {}
    document = {name: _stripped(schema) for name, schema in schemas.items()}
    # A line a schema, so that a change shows as what it is.
    lines = (
        f"{json.dumps(name)}:{json.dumps(schema, sort_keys=True, separators=(',', ':'), default=str)}"
        for name, schema in sorted(document.items())
    )
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _wire_parameters(contract: Contract) -> bytes:
    """The schemas of parameters by operation and name, for checking arguments at run time."""
    found = {
        operation["operationId"]: {
            parameter["name"]: {
                "in": parameter["in"],
                "required": bool(parameter.get("required")),
                "schema": _stripped(parameter.get("schema", {})),
            }
            for _, parameter in contract.parameters(place)
        }
        for place, operation in contract.operations()
    }
    lines = (
        f"{json.dumps(name)}:{json.dumps(parameters, sort_keys=True, separators=(',', ':'), default=str)}"
        for name, parameters in sorted(found.items())
        if parameters
    )
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _check_pins() -> None:
    # The hooks are looked up in PATH, where the environment's own programs need not be.
    programs, path = sysconfig.get_path("scripts"), os.environ.get("PATH", "")
    if not path.startswith(programs):
        os.environ["PATH"] = f"{programs}{os.pathsep}{path}"
    found = {"openapi-python-client": version("openapi-python-client")}
    try:
        answer = subprocess.run(["ruff", "--version"], capture_output=True, text=True, check=True)
        found["ruff"] = answer.stdout.split()[-1]
    except (OSError, subprocess.CalledProcessError, IndexError):
        found["ruff"] = "missing"
    wrong = [
        f"templates and output are made for {name} {pinned}, which is {found[name]} here"
        for name, pinned in PINNED.items()
        if found[name] != pinned
    ]
    if wrong:
        raise ContractError("\n".join(wrong))


def build(contract: Contract, destination: Path) -> None:
    """Make the whole package in a directory that does not exist yet."""
    contract.check()
    _check_pins()
    # Not before the pins are checked: another version may have other modules.
    from tools.generation import make_package

    make_package(contract, destination, ROOT / "generator-config.yaml", ROOT / "templates")
    (destination / "py.typed").touch()
    (destination / "schemas.json").write_bytes(_wire_schemas(contract))
    (destination / "parameters.json").write_bytes(_wire_parameters(contract))
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
    parser.add_argument("--output", type=Path, default=LIBRARY)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as directory:
        made = Path(directory) / "finetuning_api"
        try:
            contract = Contract.read(options.contract)
            build(contract, made)
            # The client's files belong to the library in its usual place.
            client = client_files.produce(contract, ROOT) if options.output == LIBRARY else None
        except ContractError as failure:
            print(failure, file=sys.stderr)
            return 1
        if not options.check:
            _replace(options.output, made)
            if client is not None:
                client_files.replace(client, ROOT)
            return 0
        difference = _difference(options.output, made)
        if client is not None:
            difference += client_files.difference(client, ROOT)
    if difference:
        print(difference, end="")
        print("the generated files are not what the contract gives: run `make generate`", file=sys.stderr)
    return 1 if difference else 0


if __name__ == "__main__":
    raise SystemExit(main())
