"""The pytest plugin, partly tested in a separate pytest process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from finetuning_client import FineTuning, PermissionDenied
from finetuning_emulator import Emulator

HEAVY = {
    "asyncio",
    "attrs",
    "finetuning_api",
    "finetuning_client",
    "finetuning_emulator",
    "httpx",
    "msgspec",
    "sqlite3",
    "starlette",
    "uvicorn",
}


def run_pytest(folder: Path, *arguments: str, **files: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on these files in a separate process, with only this plugin."""
    for name, content in files.items():
        (folder / f"{name}.py").write_text(content, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "finetuning_pytest", *arguments]
    environment = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PATH": ""}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The path of a training file."""
    line = '{"messages": [{"role": "user", "content": "%d"}, {"role": "assistant", "content": "x"}]}\n'
    path = tmp_path / "train.jsonl"
    path.write_text("".join(line % number for number in range(12)), encoding="utf-8")
    return path


@pytest.mark.parametrize("_round", [1, 2])
def test_each_test_has_its_own_emulator(fine_tuning: FineTuning, data: Path, _round: int) -> None:
    """No object is left from an earlier test; jobs have ended when they are first read."""
    assert list(fine_tuning.jobs.list()) == []
    job = fine_tuning.jobs.create(model="gpt-4o-mini-2024-07-18", training_file=data)
    assert job.wait().fine_tuned_model
    assert len(list(fine_tuning.jobs.list())) == 1


def test_the_client_uses_the_emulator(
    fine_tuning_emulator: Emulator, fine_tuning: FineTuning, data: Path
) -> None:
    """A scenario of the emulator applies to the client's job."""
    fine_tuning_emulator.scenario(training_closed=True)
    with pytest.raises(PermissionDenied):
        fine_tuning.jobs.create(model="gpt-4o-mini-2024-07-18", training_file=data)


def test_a_lost_response_creates_one_job(
    fine_tuning_emulator: Emulator, fine_tuning: FineTuning, data: Path
) -> None:
    """The client retries without long pauses, and finds the job again."""
    fault = fine_tuning_emulator.fault("reset_after", operation="createFineTuningJob")
    job = fine_tuning.jobs.create(model="gpt-4o-mini-2024-07-18", training_file=data)
    assert fault.hits == 1
    assert [found.id for found in fine_tuning.jobs.list()] == [job.id]


@pytest.mark.fine_tuning_emulator(speed=0)
def test_a_marker_passes_arguments_to_the_emulator(
    fine_tuning_emulator: Emulator, fine_tuning: FineTuning, data: Path
) -> None:
    """One example is a clock that only the test moves."""
    job = fine_tuning.jobs.create(model="gpt-4o-mini-2024-07-18", training_file=data)
    assert job.retrieve().status == "validating_files"
    fine_tuning_emulator.advance(hours=2)
    assert job.retrieve().status == "succeeded"


def test_a_users_pytest_finds_the_fixtures(tmp_path: Path) -> None:
    """`pytest --fixtures` shows their descriptions, and `--markers` the marker."""
    done = run_pytest(tmp_path, "--fixtures", "--markers", test_a="")
    assert "@pytest.mark.fine_tuning_emulator(speed=inf, ...)" in done.stdout
    done = run_pytest(tmp_path, "--fixtures", test_a="")
    assert "An emulator of the fine-tuning API, served on this machine, new for each test." in done.stdout


def test_the_plugin_imports_nothing_unless_it_is_used(tmp_path: Path) -> None:
    """It imports nothing that pytest does not import itself."""
    listing = "import sys\n\ndef test_a():\n    print(*sorted(sys.modules), sep='\\n')\n"
    done = run_pytest(tmp_path, "-s", "-p", "no:anyio", test_a=listing)
    loaded = set(done.stdout.split())
    assert "finetuning_pytest" in loaded
    assert HEAVY.isdisjoint(loaded)


def test_without_the_extra_the_fixture_says_what_to_install(tmp_path: Path) -> None:
    """The message replaces an ImportError."""
    hidden = "import sys\nsys.modules['uvicorn'] = None\n"
    done = run_pytest(tmp_path, conftest=hidden, test_a="def test_a(fine_tuning): pass\n")
    assert done.returncode == 1
    assert "install finetuning-client[emulator]" in done.stdout
