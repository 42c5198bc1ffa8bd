"""Generated files of the client: methods and views from the contract, blocking code, public names.

`produce` makes all of them from the contract and the hand-written files of a repository, without writing
there.
"""

from __future__ import annotations

import subprocess
import sysconfig
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tools import client_methods, public_names, unasync

if TYPE_CHECKING:
    from tools.openapi import Document

__all__ = ["PLACES", "produce"]

_PACKAGE = Path("overlay") / "finetuning_client"
# Packages whose names are loaded when they are first used.
_LAZY = (_PACKAGE, _PACKAGE / "data", _PACKAGE / "results")
# Directories and files that are generated whole.
PLACES = (
    _PACKAGE / "_async" / "methods",
    _PACKAGE / "_sync",
    _PACKAGE / "plans" / "operations.py",
    _PACKAGE / "methods" / "kinds.py",
    _PACKAGE / "request_fields.py",
    _PACKAGE / "statuses.py",
    _PACKAGE / "views" / "objects.py",
    *(package / "__init__.pyi" for package in _LAZY),
)


def produce(contract: Document, root: Path) -> dict[str, str]:
    """Return the text of each generated file by its path relative to the repository `root`.

    Raises `DocumentError` for an extension of the contract that cannot be honoured.
    """
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory)
        # What is written by hand and translated, and what the formatter goes by.
        _write(copy, {name: (root / name).read_text(encoding="utf-8") for name in _sources(root)})
        _write(copy, client_methods.produce(contract, root))
        twins = unasync.produce(copy / _PACKAGE / "_async")
        _write(copy / _PACKAGE / "_sync", twins)
        _write(copy, {f"{place}/__init__.pyi": public_names.produce(root / place) for place in _LAZY})
        _format(copy)
        return {
            path.relative_to(copy).as_posix(): path.read_text(encoding="utf-8")
            for place in PLACES
            for path in _files(copy / place)
        }


def _files(place: Path) -> list[Path]:
    return [place] if place.suffix else sorted(place.rglob("*.py"))


def _sources(root: Path) -> list[str]:
    written = (root / _PACKAGE / "_async").glob("*.py")
    return ["pyproject.toml", *sorted(path.relative_to(root).as_posix() for path in written)]


def _write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _format(root: Path) -> None:
    """Format the generated files in the style of the hand-written ones."""
    places = [str(place) for place in PLACES if (root / place).exists()]
    # The one of this environment, which may not be on the PATH.
    ruff = str(Path(sysconfig.get_path("scripts")) / "ruff")
    for command in (["check", "--fix-only"], ["format"]):
        subprocess.run([ruff, *command, "--quiet", *places], cwd=root, check=True)
