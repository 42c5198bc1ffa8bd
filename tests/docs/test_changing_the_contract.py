"""The guide to changing the contract works when it is followed step by step in a clone of the repository."""

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

# The commands of the Makefile's targets, in the environment that runs this test.
TARGETS = {
    "make generate": [sys.executable, "-m", "tools.generate"],
    "make reference": [sys.executable, "-m", "tools.reference"],
    "make diff BASE=HEAD": [sys.executable, "-m", "tools.diff", "--base", "HEAD", "--format", "json"],
}

USE = """
import asyncio, json
import httpx
from finetuning_api.api.fine_tuning import retrieve_fine_tuning_job_cost as cost
from finetuning_api.models import CreateFineTuningJobRequest, FineTuningJob, FineTuningJobStatus
from finetuning_client import AsyncFineTuning, FineTuning, JobStatus

assert FineTuningJobStatus.ARCHIVED.is_known
assert JobStatus.ARCHIVED.is_terminal and JobStatus.ARCHIVED.outcome == JobStatus.SUCCEEDED.outcome
assert FineTuningJob.from_dict({"id": "ftjob-1", "region": "eu"}).region == "eu"
assert CreateFineTuningJobRequest.from_dict({"queue": "night"}).queue == "night"
assert cost.build_request("ftjob-1")["url"] == "/fine_tuning/jobs/ftjob-1/cost"
assert callable(cost.sync) and callable(cost.asyncio_detailed)

JOB = {"id": "ftjob-1", "object": "fine_tuning.job", "created_at": 1, "model": "m", "status": "archived"}

sent = []

def respond(request):
    sent.append(request)
    body = {"amount": 2.5, "currency": "usd"} if request.url.path.endswith("/cost") else JOB
    return httpx.Response(200, json=body)

options = {"api_key": "sk-test", "base_url": "https://api.test/v1"}
transport = httpx.MockTransport(respond)
with FineTuning(**options, http_client=httpx.Client(transport=transport)) as client:
    job = client.jobs.retrieve("ftjob-1")
    assert job.wait().status == "archived"
    assert job.region is None
    client.jobs.create(model="m", training_file="file-1", queue="night")
    assert json.loads(sent[-1].content)["queue"] == "night"
    assert client.jobs.retrieve_cost("ftjob-1").amount == job.retrieve_cost().amount == 2.5

async def run():
    async with AsyncFineTuning(**options, http_client=httpx.AsyncClient(transport=transport)) as client:
        job = await client.jobs.retrieve("ftjob-1")
        assert (await client.jobs.retrieve_cost("ftjob-1")).currency == "usd"
        assert (await job.retrieve_cost()).currency == "usd"

asyncio.run(run())
"""

# The files that the four changes may touch.
CHANGED = re.compile(
    r"generated/finetuning_api/(?:api/fine_tuning/)?(?:__init__|retrieve_fine_tuning_job_cost)\.py"
    r"|generated/finetuning_api/models/(?:__init__|fine_tuning_job(?:_cost|_status)?"
    r"|create_fine_tuning_job_request)\.py"
    r"|generated/finetuning_api/(?:schemas|parameters)\.json"
    r"|overlay/finetuning_client/(?:request_fields|statuses|views/objects|plans/operations)\.py"
    r"|overlay/finetuning_client/_a?sync/methods_of_(?:jobs|job_handle)\.py"
    r"|docs/reference/(?:operations|models)\.md|openapi\.yaml"
)


COPIED = (
    "openapi.yaml",
    "generated",
    "templates",
    "tools",
    "overlay",
    "emulator",
    "tests",
    "docs",
    "pyproject.toml",
)


class Clone:
    """A clone of the repository, with the working copies of the contract and of its generated files."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.printed = ""

    def run(self, command: list[str]) -> str:
        """Run a program in the clone, on the packages of the clone."""
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
        """Apply an edit of the guide to the contract; the text to replace must occur exactly once."""
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
    for name in COPIED:
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


def test_the_changes_can_be_used(changed: Clone) -> None:
    """The new status ends waiting, the new fields are read, and both clients have the new method."""
    changed.run([sys.executable, "-c", USE])


def test_nothing_else_has_changed(changed: Clone) -> None:
    """Only the expected files of the clone differ."""
    status = changed.run(["git", "status", "--porcelain", "--untracked-files=all"])
    paths = [line[3:] for line in status.splitlines()]
    assert [path for path in paths if not CHANGED.fullmatch(path)] == []
    assert "generated/finetuning_api/api/fine_tuning/retrieve_fine_tuning_job_cost.py" in paths
    assert "overlay/finetuning_client/_sync/methods_of_jobs.py" in paths


def test_the_tests_still_pass(changed: Clone) -> None:
    """The tests of the contract, the pages and the client pass without a change."""
    only = [
        "tests/contract",
        "tests/docs/test_reference.py",
        "tests/overlay/test_creation.py",
        "tests/overlay/test_follow_and_wait.py",
    ]
    assert " passed" in changed.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *only])


def test_the_difference_is_named_and_breaks_nobody(changed: Clone) -> None:
    """`make diff` lists each change, including those of the clients, and none is breaking."""
    report = json.loads(changed.printed)
    text = json.dumps(report)
    for name in ("archived", "region", "queue", "retrieveFineTuningJobCost", "Jobs.retrieve_cost"):
        assert name in text
    assert report["notes"] == []
    assert [change["text"] for change in report["changes"] if change["breaking"]] == []


def test_the_reference_pages_have_the_new_endpoint(changed: Clone) -> None:
    """The pages have its calls, and an example value of its model."""
    operations = (changed.path / "docs/reference/operations.md").read_text(encoding="utf-8")
    assert "### retrieveFineTuningJobCost" in operations
    assert 'result = await client.jobs.retrieve_cost("ftjob-abc123")' in operations
    models = (changed.path / "docs/reference/models.md").read_text(encoding="utf-8")
    assert "## FineTuningJobCost" in models
