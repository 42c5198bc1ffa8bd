"""The packages to compare: the library and the client of each contract, and the client of a revision.

The library of a contract is built by the current generator, so that only the contract makes a difference.
It is kept in an ignored directory of the project, by a hash of everything that it is made from.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.comparison.revisions import directory_at
from tools.comparison.signatures import read_client, read_generated
from tools.comparison.surface import Surface
from tools.openapi import parse

__all__ = ["CLIENT", "Code", "client_at", "client_from", "generated_from"]

_ROOT = Path(__file__).resolve().parents[2]
_CACHE = _ROOT / ".comparison_cache"
_KEPT = 12
_SOURCES = ("templates", "tools", "generator-config.yaml")
CLIENT = Path("overlay/finetuning_client")
# Modules that people import from, besides the package itself.
_PUBLIC = ("archive", "data", "results", "webhooks")


@dataclass(frozen=True)
class Code:
    """The surfaces of a library or a client at two points; `name` is its package."""

    name: str
    old: Surface
    new: Surface


def generated_from(text: bytes, name: str) -> Surface:
    """The surface of the library that a contract gives.

    Args:
        text: The contract.
        name: What to call it in an error.

    Raises:
        DocumentError: The generator refuses it.
    """
    key = hashlib.sha256(text)
    for source in _sources():
        key.update(source.relative_to(_ROOT).as_posix().encode() + source.read_bytes())
    package = _CACHE / key.hexdigest()[:24] / "finetuning_api"
    if package.exists():
        os.utime(package.parent)
    else:
        _build(text, name, package)
    return read_generated(package)


def client_at(revision: str, contract: Path) -> Surface | None:
    """The client of a git revision; None where it has none. `contract` is in the root of the project."""
    with tempfile.TemporaryDirectory() as directory:
        if not directory_at(revision, contract.parent, CLIENT, Path(directory)):
            return None
        return read_client(Path(directory) / CLIENT, _PUBLIC)


def client_from(text: bytes, name: str, root: Path) -> Surface | None:
    """The client that a contract gives with the hand-written code of a project; None where it has none.

    Raises:
        DocumentError: The generator refuses the contract.
    """
    if not (root / CLIENT).is_dir():
        return None
    if not (root / CLIENT / "_async").is_dir():
        return read_client(root / CLIENT, _PUBLIC)  # nothing of it is generated
    from tools import training_formats
    from tools.client_code import files
    from tools.client_code.locations import generated

    made = files.produce(training_formats.without(parse(text, name)), root)
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory)
        shutil.copytree(root / CLIENT, copy / CLIENT, ignore=shutil.ignore_patterns("__pycache__"))
        for old in generated(copy):
            (copy / old).unlink()
        for path, content in made.items():
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            (copy / path).write_text(content, encoding="utf-8")
        return read_client(copy / CLIENT, _PUBLIC)


def _sources() -> Iterator[Path]:
    """The files that the generated library depends on, besides the contract."""
    for name in _SOURCES:
        path = _ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts and "comparison" not in file.parts:
                yield file


def _build(text: bytes, name: str, package: Path) -> None:
    # The generator takes a second to import, which cached comparisons save.
    from tools.generate import make_package
    from tools.generation.contract import read_contract

    document = parse(text, name)
    _CACHE.mkdir(exist_ok=True)
    (_CACHE / ".gitignore").write_text("*\n", encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=_CACHE) as directory:
        made = Path(directory) / "made"
        made.mkdir()
        make_package(read_contract(document), made / package.name)
        if not package.parent.exists():
            made.rename(package.parent)
    entries = sorted(
        (path for path in _CACHE.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime
    )
    for path in entries[:-_KEPT]:
        shutil.rmtree(path, ignore_errors=True)
