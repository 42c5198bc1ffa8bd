"""Generate everything from openapi.yaml, or check that the generated files are up to date.

Everything is generated first and then put in place together, so a failure leaves everything as it was. The
failure is reported in one line, with its place in the contract.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import sysconfig
import traceback
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from tools import training_formats
from tools.build import Build, BuildError
from tools.openapi import DocumentError, read

if TYPE_CHECKING:
    from tools.generation.contract import Contract

__all__ = ["PRODUCERS", "main", "make_package"]

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = ROOT / "openapi.yaml"
PACKAGE = "generated/finetuning_api"

# Neither templates nor formatting are stable interfaces: an upgrade is a reviewed change.
PINNED = {"openapi-python-client": "0.29.1", "ruff": "0.17.5"}


def _make_client(contract: Contract, build: Build) -> None:
    """Make the client's generated files."""
    from tools.client_code import files
    from tools.client_code.imported_names import check_imports
    from tools.client_code.locations import generated

    made = files.produce(contract.document, ROOT)
    check_imports(contract, ROOT)
    for name, text in made.items():
        build.path(name).write_text(text, encoding="utf-8", newline="\n")
    for old in generated(ROOT):
        build.path(old.as_posix())  # removed if it was not made again


def _make_training_formats(contract: Contract, build: Build) -> None:
    """Write a copy of the training formats for the client, and another for the emulator."""
    for place in training_formats.COPIES:
        build.path(place).write_text(contract.training_formats, encoding="utf-8", newline="\n")


# Producers of all but the package, from the project's own contract. Each makes its trees and files at
# `build.path("overlay/...")`, a path below the project's directory; all are put in place together.
PRODUCERS: list[Callable[[Contract, Build], None]] = [_make_client, _make_training_formats]


def make_package(contract: Contract, destination: Path) -> None:
    """Make the generated package in a directory that does not exist yet."""
    _check_pins()
    # Imported once the pins are checked: another version may have other modules.
    from tools.generation import limits
    from tools.generation.package import write_package

    # In a directory that `Build` ignores.
    cache = CONTRACT.parent / ".build" / "templates"
    cache.mkdir(parents=True, exist_ok=True)
    write_package(contract, destination, ROOT / "generator-config.yaml", ROOT / "templates", cache)
    (destination / "py.typed").touch()
    (destination / "schemas.json").write_bytes(limits.schemas_text(contract).encode())
    (destination / "parameters.json").write_bytes(limits.parameters_text(contract).encode())
    for source in destination.rglob("*.py"):
        content = source.read_bytes()
        if b"\r\n" in content:
            source.write_bytes(content.replace(b"\r\n", b"\n"))


def _check_pins() -> None:
    # The hooks are looked up on the PATH, which may lack the environment's own programs.
    programs, path = sysconfig.get_path("scripts"), os.environ.get("PATH", "")
    if not path.startswith(programs):
        os.environ["PATH"] = f"{programs}{os.pathsep}{path}"
    for name, pinned in PINNED.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "missing"
        if found != pinned:
            raise DocumentError(
                f"the templates need {name} {pinned}, but the installed version is {found}: run `make`"
            )


def _make(path: Path, output: Path | None, build: Build) -> list[str]:
    """Generate everything from a contract; return the findings of the house rules in the project's own."""
    from tools.generation.contract import read_contract

    document = read(path)
    contract = read_contract(document)
    own = path.resolve() == CONTRACT
    make_package(contract, build.path(output.name if output else PACKAGE))
    for producer in PRODUCERS if own and not output else ():
        producer(contract, build)
    if not own:
        return []
    from tools.house import findings

    return findings(document)


def _run(options: argparse.Namespace) -> int:
    root = options.output.parent if options.output else ROOT
    with Build(root).open() as build:
        if not options.check:
            build.recover()
        elif build.interrupted:
            print(
                "a build was stopped halfway and left a mix of old and new files: run `make generate`",
                file=sys.stderr,
            )
            return 1
        broken = _make(options.contract, options.output, build)
        for finding in broken:
            print(finding, file=sys.stderr)
        if not options.check:
            build.commit()
            return 0
        difference = build.difference()
    if difference:
        print(difference, end="")
        print("the generated files are out of date: run `make generate`", file=sys.stderr)
    return 1 if difference or broken else 0


def _unexpected(contract: Path, failure: Exception) -> str:
    """Return the line for an unexpected failure, whose traceback is kept next to the build."""
    kept = ROOT / ".build" / "failure.txt"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("".join(traceback.format_exception(failure)), encoding="utf-8")
    reason = " ".join(str(failure).split())[:200]
    return (
        f"{contract.name}:1: no code can be generated from the last change "
        f"({type(failure).__name__}: {reason}): "
        f"write it in another way, and report what is in {kept.relative_to(ROOT)}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        The exit code: 1 when it failed or found a difference, 130 when it was interrupted.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing; fail, showing the difference")
    parser.add_argument("--contract", type=Path, default=CONTRACT)
    parser.add_argument("--output", type=Path, help="write only the package, to this directory")
    options = parser.parse_args(arguments)
    # A run is short, and needs its objects until it ends.
    gc.disable()
    try:
        return _run(options)
    except (DocumentError, BuildError) as failure:
        print(failure, file=sys.stderr)
        return 1
    except OSError as failure:
        print(f"{failure.filename}: {failure.strerror}", file=sys.stderr)
        return 1
    except Exception as failure:  # noqa: BLE001
        print(_unexpected(options.contract, failure), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "interrupted: the files are complete, or the next `make generate` completes them", file=sys.stderr
        )
        return 130
    finally:
        gc.enable()


if __name__ == "__main__":
    # The generator imports httpx, which would load these; a build does not need them.
    sys.modules.update(dict.fromkeys(("trio", "httpx._main")))  # type: ignore[arg-type]
    raise SystemExit(main())
