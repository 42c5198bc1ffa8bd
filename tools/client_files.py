"""Generated files of the client: methods and views from the contract, blocking code, public names.

`produce` makes all of them from the contract and the hand-written files of a repository, without writing
there.
"""

from __future__ import annotations

import difflib
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tools import client_methods, public_names, unasync

if TYPE_CHECKING:
    from tools.contract import Contract

__all__ = ["difference", "produce", "replace"]

_PACKAGE = Path("overlay") / "finetuning_client"
# Directories and files that are generated whole.
_PLACES = (
    _PACKAGE / "_async" / "methods",
    _PACKAGE / "_sync",
    _PACKAGE / "plans" / "operations.py",
    _PACKAGE / "methods.py",
    _PACKAGE / "statuses.py",
    _PACKAGE / "views.py",
    _PACKAGE / "__init__.pyi",
)


def produce(contract: Contract, root: Path) -> dict[str, str]:
    """Return the text of each generated file by its path relative to the repository `root`.

    Raises `ContractError` for an extension of the contract that cannot be honoured.
    """
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory)
        shutil.copytree(root / _PACKAGE, copy / _PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
        for place in _PLACES:
            _remove(copy / place)
        shutil.copy(root / "pyproject.toml", copy)
        _write(copy, client_methods.produce(contract, root))
        twins = unasync.produce(copy / _PACKAGE / "_async")
        _write(copy / _PACKAGE / "_sync", twins)
        _write(copy, {f"{_PACKAGE}/__init__.pyi": public_names.produce(copy / _PACKAGE)})
        _format(copy)
        return {
            path.relative_to(copy).as_posix(): path.read_text(encoding="utf-8")
            for place in _PLACES
            for path in _files(copy / place)
        }


def replace(files: Mapping[str, str], root: Path) -> None:
    """Put generated files into the repository; remove those that are no longer generated."""
    for stale in _present(root) - files.keys():
        (root / stale).unlink()
    _write(root, files)


def difference(files: Mapping[str, str], root: Path) -> str:
    """Return the difference between the generated files and the repository, empty if there is none."""
    lines: list[str] = []
    for name in sorted({*files, *_present(root)}):
        path = root / name
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        lines += difflib.unified_diff(
            old.splitlines(keepends=True),
            files.get(name, "").splitlines(keepends=True),
            name,
            f"{name} (from the contract)",
        )
    return "".join(lines)


def _present(root: Path) -> set[str]:
    return {p.relative_to(root).as_posix() for place in _PLACES for p in _files(root / place) if p.exists()}


def _files(place: Path) -> list[Path]:
    return [place] if place.suffix else sorted(place.rglob("*.py"))


def _remove(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _format(root: Path) -> None:
    """Format the generated files in the style of the hand-written ones."""
    places = [str(place) for place in _PLACES if (root / place).exists()]
    for command in (["check", "--fix-only"], ["format"]):
        subprocess.run(["ruff", *command, "--quiet", *places], cwd=root, check=True)
