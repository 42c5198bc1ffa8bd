"""The README does what it says: every block of code in it runs here."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from finetuning_client import FineTuning
from finetuning_emulator import Emulator

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PYTHON = [code for language, code in BLOCKS if language == "python"]
COMMANDS = [
    line.removeprefix("$ ")
    for language, code in BLOCKS
    if language == "console"
    for line in code.splitlines()
]


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder with the file that the README speaks of, and a service at the usual variables."""
    shutil.copy(ROOT / "examples/data/support_triage_train.jsonl", tmp_path / "train.jsonl")
    monkeypatch.chdir(tmp_path)
    with Emulator(speed=float("inf")) as emulator:
        monkeypatch.setenv("OPENAI_BASE_URL", emulator.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-readme")
        with FineTuning() as client:
            client.jobs.create(
                model="gpt-4o-mini-2024-07-18", training_file=Path("train.jsonl"), metadata={"team": "nlp"}
            )
        yield


def test_every_block_is_of_a_kind_that_is_run() -> None:
    """A block in another language would escape these tests."""
    assert {language for language, _ in BLOCKS} == {"python", "console"}
    assert len(PYTHON) >= 6


@pytest.mark.parametrize("code", PYTHON, ids=range(1, len(PYTHON) + 1))
@pytest.mark.usefixtures("service")
def test_python_block_runs(code: str) -> None:
    """Each block is a program that ends well against the emulator."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_command_is_a_target_of_the_makefile(command: str) -> None:
    """A command that the README tells to type exists; what each does has its own tests."""
    program, target = command.split()
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert program == "make"
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_links_lead_somewhere() -> None:
    """Every relative link of the README names a file that is there."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
