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
from .locations import LAZY, PACKAGE, generated

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
        return {path.as_posix(): (copy / path).read_text(encoding="utf-8") for path in generated(copy)}


def _sources(root: Path) -> list[str]:
    every = {path.relative_to(root) for path in (root / PACKAGE / "_async").glob("*.py")}
    return ["pyproject.toml", *sorted(path.as_posix() for path in every.difference(generated(root)))]


def _write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _format(root: Path) -> None:
    """Format the generated files in the style of the hand-written ones."""
    files = [str(path) for path in generated(root)]
    # The one of this environment, which may not be on the PATH.
    ruff = str(Path(sysconfig.get_path("scripts")) / "ruff")
    for command in (["check", "--fix-only"], ["format"]):
        subprocess.run([ruff, *command, "--quiet", *files], cwd=root, check=True)
