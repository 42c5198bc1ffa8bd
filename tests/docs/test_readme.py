"""Every code block of the README, the guide and the pages about servers runs."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from finetuning_client import FineTuning
from finetuning_client.cli import main as finetuning
from finetuning_emulator import Emulator

ROOT = Path(__file__).resolve().parents[2]
PAGES = {
    name: (ROOT / name).read_text(encoding="utf-8")
    for name in (
        "README.md",
        "docs/archive.md",
        "docs/datasets.md",
        "docs/emulator.md",
        "docs/guide.md",
        "docs/other-servers.md",
        "docs/results.md",
    )
}
BLOCKS = [
    (f"{name}-{number}", language, code)
    for name, text in PAGES.items()
    for number, (language, code) in enumerate(
        re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL), start=1
    )
]
PYTHON = {place: code for place, language, code in BLOCKS if language == "python"}
COMMANDS = [
    line.removeprefix("$ ")
    for _, language, code in BLOCKS
    if language == "console"
    for line in code.splitlines()
    if line.startswith("$ ")
]


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A working directory with the README's dataset, and an emulator in the usual environment variables."""
    for role in ("train", "valid"):
        shutil.copy(ROOT / f"examples/data/support_triage_{role}.jsonl", tmp_path / f"{role}.jsonl")
    monkeypatch.chdir(tmp_path)
    with Emulator(speed=float("inf")) as emulator:
        monkeypatch.setenv("OPENAI_BASE_URL", emulator.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-readme")
        with FineTuning() as client:
            client.jobs.create(
                model="gpt-4o-mini-2024-07-18", training_file=Path("train.jsonl"), metadata={"team": "nlp"}
            )
        yield


def test_every_block_is_python_or_console() -> None:
    """No test would run a block in another language."""
    assert {language for _, language, _ in BLOCKS} == {"python", "console"}
    assert len(PYTHON) >= 13


@pytest.mark.parametrize("code", PYTHON.values(), ids=PYTHON)
@pytest.mark.usefixtures("service")
def test_python_block_runs(code: str) -> None:
    """Each block is a program that succeeds against the emulator, or a test that passes."""
    program = ["-c", code]
    if re.search("^def test_", code, re.MULTILINE):
        Path("test_block.py").write_text(code, encoding="utf-8")
        program = ["-m", "pytest", "-q", "test_block.py"]
    done = subprocess.run([sys.executable, *program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr or done.stdout
    assert done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_of_the_readme_works(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command of the README is run, or is only checked to exist if other tests run it."""
    program, *arguments = shlex.split(command)
    if program == "make":
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        assert re.search(rf"^{arguments[0]}:", makefile, re.MULTILINE)
    elif program == "pip":
        extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
        assert set(arguments[1].strip(".[]").split(",")) <= extras.keys()
    else:
        assert program == "finetuning"
        monkeypatch.chdir(ROOT)
        monkeypatch.delenv("OPENAI_API_KEY", raising=False)
        speed = ["--speed", "inf"] if "--emulate" in arguments else []
        assert finetuning([*arguments, *speed]) == 0


@pytest.mark.parametrize("name", PAGES)
def test_relative_links_name_existing_files(name: str) -> None:
    """Every relative link names a file in the repository."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", PAGES[name])
    assert links
    assert [link for link in links if not ((ROOT / name).parent / link).exists()] == []
