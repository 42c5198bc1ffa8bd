"""Time to generate everything from the current contract, and from one with 300 more schemas."""

from __future__ import annotations

import copy
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import yaml

from benchmarks.comparison import Aim, Comparison
from tools import training_formats
from tools.openapi import parse

__all__ = ["comparisons"]

_ROUNDS = 3
_MORE = 300
_ROOT = Path(__file__).resolve().parent.parent
# Files that a build reads or writes.
_PARTS = ("tools", "templates", "generated", "overlay", "emulator", "generator-config.yaml", "pyproject.toml")


def comparisons() -> Iterator[Comparison]:
    """Measure the CPU time of builds in copies of the project."""
    contract = (_ROOT / "openapi.yaml").read_text(encoding="utf-8")
    today, larger = "the contract of today", f"{_MORE} more schemas"
    with tempfile.TemporaryDirectory() as folder:
        yield Comparison(
            title="make generate",
            rivals={
                today: _build(Path(folder) / "today", contract),
                larger: _build(Path(folder) / "larger", _enlarged(contract)),
            },
            rounds=_ROUNDS,
            aims=(
                # CPU time can double on a busy machine.
                Aim(f"{today}: at most 4 s", lambda took: took[today] <= 4),
                Aim(f"{larger}: at most 2 x {today}", lambda took: took[larger] <= 2 * took[today]),
            ),
        )


def _build(directory: Path, contract: str) -> Callable[[], object]:
    """Copy the project, build once so that templates are compiled, and return a call that builds again."""
    for name in _PARTS:
        source = _ROOT / name
        copied = shutil.copytree if source.is_dir() else shutil.copy
        directory.mkdir(exist_ok=True)
        copied(source, directory / name)
    (directory / "openapi.yaml").write_text(contract, encoding="utf-8")
    command = [sys.executable, "-m", "tools.generate"]
    run = partial(subprocess.run, command, cwd=directory, check=True, capture_output=True)
    run()
    return run


def _enlarged(contract: str) -> str:
    """Return the contract with copies of its schemas, under other names."""
    document: dict[str, Any] = yaml.safe_load(contract)
    schemas = document["components"]["schemas"]
    # No code is generated for the schemas of training formats.
    copied = list(training_formats.without(parse(contract, "openapi.yaml")).data["components"]["schemas"])
    for number, name in enumerate(islice(cycle(copied), _MORE)):
        schemas[f"{name}Copy{number}"] = _bare(copy.deepcopy(schemas[name]))
    return yaml.safe_dump(document, sort_keys=False)


def _bare(node: Any) -> Any:
    """Return a part of the contract without extensions, whose names on the client must be unique."""
    if isinstance(node, dict):
        return {key: _bare(value) for key, value in node.items() if not str(key).startswith("x-")}
    return [_bare(item) for item in node] if isinstance(node, list) else node
