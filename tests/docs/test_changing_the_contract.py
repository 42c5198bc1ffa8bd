"""The guide to changing the contract works: followed from start to end, in a clone of the repository."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs/changing-the-contract.md"
BLOCK = re.compile(r"^```(diff|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# What the targets of the Makefile run; their environment is the one that runs this test.
TARGETS = {
    "make generate": [sys.executable, "-m", "tools.generate"],
    "make reference": [sys.executable, "-m", "tools.reference"],
    "make diff BASE=HEAD": [sys.executable, "-m", "tools.diff", "--base", "HEAD", "--format", "json"],
}

USE = """
from finetuning_api.api.fine_tuning import retrieve_fine_tuning_job_cost as cost
from finetuning_api.models import FineTuningJob, FineTuningJobStatus

assert FineTuningJobStatus.ARCHIVED.is_known
assert FineTuningJob.from_dict({"id": "ftjob-1", "region": "eu"}).region == "eu"
assert cost.build_request("ftjob-1")["url"] == "/fine_tuning/jobs/ftjob-1/cost"
assert callable(cost.sync) and callable(cost.asyncio_detailed)
"""


class Clone:
    """A clone of the repository, with the working state of the contract and what is made of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.printed = ""

    def run(self, command: list[str]) -> str:
        """Run a program there, on the packages there."""
        packages = [str(self.path / root) for root in ("generated", "overlay", "emulator", "")]
        done = subprocess.run(
            command,
            cwd=self.path,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(packages)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def edit(self, block: str) -> None:
        """Apply an edit of the guide to the contract; its place must be there exactly once."""
        lines = block.splitlines()
        old = "\n".join(line[1:] for line in lines if line[:1] in (" ", "-"))
        new = "\n".join(line[1:] for line in lines if line[:1] in (" ", "+"))
        contract = self.path / "openapi.yaml"
        text = contract.read_text(encoding="utf-8")
        assert text.count(old) == 1, old
        contract.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A clone after every edit and command of the guide."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("the guide is followed in a clone, and this is no git checkout")
    clone = Clone(tmp_path_factory.mktemp("clone") / "repository")
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone.path)], check=True)
    for name in ("openapi.yaml", "generated", "templates", "tools", "overlay", "emulator", "tests"):
        source, target = ROOT / name, clone.path / name
        if source.is_dir():
            shutil.rmtree(target)
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    identity = ["-c", "user.name=guide", "-c", "user.email=guide@localhost"]
    clone.run(["git", "add", "-A"])
    clone.run(["git", *identity, "commit", "-q", "--allow-empty", "-m", "the state before"])
    for kind, block in BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
        if kind == "diff":
            clone.edit(block)
            continue
        for line in block.splitlines():
            clone.printed = clone.run(TARGETS[line.removeprefix("$ ")])
    return clone


def test_the_changes_are_in_the_library(changed: Clone) -> None:
    """The status, the field and the endpoint can be used."""
    changed.run([sys.executable, "-c", USE])


def test_nothing_else_in_the_library_has_changed(changed: Clone) -> None:
    """An edit changes what it is about, and nothing more."""
    status = changed.run(["git", "status", "--porcelain", "--untracked-files=all", "generated"])
    assert sorted(line[3:].removeprefix("generated/finetuning_api/") for line in status.splitlines()) == [
        "api/fine_tuning/retrieve_fine_tuning_job_cost.py",
        "models/__init__.py",
        "models/fine_tuning_job.py",
        "models/fine_tuning_job_cost.py",
        "models/fine_tuning_job_status.py",
        "parameters.json",
        "schemas.json",
    ]


def test_the_overlay_still_passes_its_tests(changed: Clone) -> None:
    """All but the one that says that the overlay has no name for the new status yet."""
    only = ["tests/overlay/test_creation.py", "tests/overlay/test_follow_and_wait.py"]
    assert " passed" in changed.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *only])


def test_the_difference_is_named_and_breaks_nobody(changed: Clone) -> None:
    """Each of the three changes is in what `make diff` prints, none of them breaking."""
    told = json.loads(changed.printed)
    text = json.dumps(told)
    for name in ("archived", "region", "retrieveFineTuningJobCost"):
        assert name in text
    assert not any(change["breaking"] for change in told["changes"])


def test_the_reference_pages_have_the_new_endpoint(changed: Clone) -> None:
    """The pages follow the contract too."""
    page = (changed.path / "docs/reference/operations.md").read_text(encoding="utf-8")
    assert "### retrieveFineTuningJobCost" in page
