"""Fixtures for the tests of the command: an emulator for each module, the command, a terminal."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from finetuning_client import FineTuning
from finetuning_client.cli import main
from finetuning_emulator import Emulator
from tools.terminal import Terminal

DATA = Path(__file__).resolve().parents[2] / "examples" / "data"
MODEL = "gpt-4o-mini-2024-07-18"


class Result(NamedTuple):
    """Result of running the command."""

    code: int
    out: str
    err: str


class CommandLine:
    """The command `finetuning`, run in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def run(self, *arguments: str, stdin: str = "") -> Result:
        """Run the command; return its exit code and output."""
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        self._capsys.readouterr()
        code = main(list(arguments))
        captured = self._capsys.readouterr()
        return Result(code, captured.out, captured.err)

    def ok(self, *arguments: str, stdin: str = "") -> str:
        """Run a command that must succeed; return its standard output."""
        result = self.run(*arguments, stdin=stdin)
        assert result.code == 0, result.err
        return result.out

    def fails(self, code: int, *arguments: str, stdin: str = "") -> str:
        """Run a command that must fail with a message of one line; return that line."""
        result = self.run(*arguments, stdin=stdin)
        assert result.code == code, (result.code, result.err)
        assert result.out == ""
        assert result.err.startswith("finetuning: ")
        assert result.err.count("\n") == 1, result.err
        return result.err.removeprefix("finetuning: ").rstrip("\n")


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """An emulator at infinite speed, for all tests of a module."""
    with Emulator(speed=float("inf")) as serving:
        yield serving


@pytest.fixture
def cli(
    emulator: Emulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    """The command in a folder with `train.jsonl` and `valid.jsonl`, using the emulator as its server."""
    shutil.copy(DATA / "support_triage_train.jsonl", tmp_path / "train.jsonl")
    shutil.copy(DATA / "support_triage_valid.jsonl", tmp_path / "valid.jsonl")
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "FINETUNING_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    values = {
        "OPENAI_BASE_URL": emulator.base_url,
        "OPENAI_API_KEY": "sk-cli",
        "OPENAI_ADMIN_KEY": "sk-admin-cli",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "COLUMNS": "100",
        "TZ": "UTC",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return CommandLine(capsys, monkeypatch)


@pytest.fixture(scope="module")
def client(emulator: Emulator) -> Iterator[FineTuning]:
    """A client of the module's emulator."""
    with FineTuning(base_url=emulator.base_url, api_key="sk-cli") as made:
        yield made


@pytest.fixture(scope="module")
def job(client: FineTuning) -> str:
    """The id of a job that has succeeded, with training and validation data."""
    made = client.jobs.create(
        model=MODEL,
        training_file=DATA / "support_triage_train.jsonl",
        validation_file=DATA / "support_triage_valid.jsonl",
        method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 1}}},
        suffix="cli",
        seed=7,
        metadata={"team": "nlp"},
    )
    return made.wait().id


@pytest.fixture
def terminal(cli: CommandLine, tmp_path: Path) -> Iterator[Terminal]:
    """A pseudo-terminal whose screen can be read, with the working directory and environment of `cli`."""
    with Terminal(tmp_path) as opened:
        yield opened
