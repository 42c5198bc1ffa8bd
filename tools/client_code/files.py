"""All generated files of the client: modules from the contract, blocking code, and public names.

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

from tools import public_names, unasync

from . import contract_modules
from .locations import LAZY, PACKAGE, PLACES

if TYPE_CHECKING:
    from tools.openapi import Document

__all__ = ["produce"]


def produce(contract: Document, root: Path) -> dict[str, str]:
    """Return the text of each generated file by its path relative to the repository `root`.

    Raises `DocumentError` for an extension of the contract that cannot be honoured.
    """
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory)
        # What is written by hand and translated, and what the formatter goes by.
        _write(copy, {name: (root / name).read_text(encoding="utf-8") for name in _sources(root)})
        _write(copy, contract_modules.produce(contract, root))
        twins = unasync.produce(copy / PACKAGE / "_async")
        _write(copy / PACKAGE / "_sync", twins)
        _write(copy, {f"{place}/__init__.pyi": public_names.produce(root / place) for place in LAZY})
        _format(copy)
        return {
            path.relative_to(copy).as_posix(): path.read_text(encoding="utf-8")
            for place in PLACES
            for path in _files(copy / place)
        }


def _files(place: Path) -> list[Path]:
    return [place] if place.suffix else sorted(place.rglob("*.py"))


def _sources(root: Path) -> list[str]:
    written = (root / PACKAGE / "_async").glob("*.py")
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
