"""Fixtures for the tests of several tools: a client of a small contract, and runs of commands."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools import generate, unasync
from tools.client_code import contract_modules
from tools.openapi import read

from .small import text_with
from .stand_in import KITCHEN, PACKAGE, WRITTEN, formatted, written

Run = Callable[..., tuple[int, str, str]]
RunTool = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run_tool(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> RunTool:
    """`run_tool(main, *arguments, width=80)` returns the exit code, standard output and standard error."""

    def run(
        main: Callable[[list[str]], int], *arguments: str | Path, width: int = 80
    ) -> tuple[int, str, str]:
        monkeypatch.setenv("COLUMNS", str(width))
        code = main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def working(tmp_path: Path) -> Path:
    """The path of the small contract in a temporary directory."""
    path = tmp_path / "openapi.yaml"
    path.write_text(text_with(lambda _: None), encoding="utf-8")
    return path


def make(root: Path, contract: Path, files: dict[str, str]) -> list[str]:
    """Write a client: its hand-written files, those generated from the contract, and the blocking form."""
    written(root / PACKAGE, files)
    made = contract_modules.produce(read(contract), root)
    written(root, made)
    formatted(root, list(made))
    blocking = unasync.produce(root / PACKAGE / "_async")
    names = [f"{PACKAGE}_sync/{name}" for name in blocking]
    written(root, dict(zip(names, blocking.values(), strict=True)))
    formatted(root, names)
    return [*made, *names]


@pytest.fixture(scope="session")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The client of the small contract and its generated library, under different package names."""
    root = tmp_path_factory.mktemp("kitchen")
    make(root, KITCHEN, WRITTEN)
    assert (
        generate.main(["--contract", str(KITCHEN), "--output", str(root / "generated/finetuning_api")]) == 0
    )
    (root / "generated/finetuning_api").rename(root / "kitchen_api")
    (root / PACKAGE).rename(root / "kitchen_client")
    for path in root.rglob("*.py"):
        path.write_text(path.read_text().replace("finetuning_api", "kitchen_api"))
    sys.path.insert(0, str(root))
    yield root
    sys.path.remove(str(root))
