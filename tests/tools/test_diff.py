"""`make diff` compares a contract with a base; it gives a report, a version verdict and an exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from finetuning_client.version import __version__
from tools.diff import Report, main
from tools.openapi import Document, parse, read

from .conftest import Run, RunTool
from .small import SMALL, Edit, at, breaking, compatible, rewrite, text_with

Git = Callable[..., str]


@pytest.fixture
def run(run_tool: RunTool) -> Run:
    """`run(*arguments, width=80)` returns the exit code, the standard output and the standard error."""
    return partial(run_tool, main)


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """`git(*arguments)` runs in a new repository, without the user's settings."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    who = ("-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")

    def git(*arguments: str, cwd: Path = tmp_path) -> str:
        command = ["git", *who, *arguments]
        return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout

    git("init", "--quiet", "--initial-branch=main")
    return git


def release(git: Git, tag: str) -> None:
    git("add", ".")
    git("commit", "--quiet", "--allow-empty", "--message", tag)
    git("tag", tag)


# --- the base ---


def test_without_a_release_the_base_is_the_first_commit_of_the_contract(
    git: Git, working: Path, run: Run
) -> None:
    """A breaking change is found before the first tag, however long ago the contract was added."""
    named = "openapi.yaml: not committed yet, so there is nothing to compare with\n"
    assert run("--contract", working) == (0, named, "")
    git("commit", "--quiet", "--allow-empty", "--message", "before the contract")
    git("add", ".")
    git("commit", "--quiet", "--message", "start")
    start = git("rev-parse", "--short", "HEAD").strip()
    code, output, _ = run("--contract", working, "--format", "json")
    assert (code, json.loads(output)["base"]["name"]) == (0, start)
    rewrite(working, breaking)
    git("commit", "--quiet", "--all", "--message", "later")
    code, output, _ = run("--contract", working, "--format", "json")
    assert (code, json.loads(output)["base"]["name"], json.loads(output)["breaking"]) == (1, start, 1)


def test_outside_a_checkout_there_is_nothing_to_compare_with(working: Path, run: Run) -> None:
    """A check in an unpacked source distribution passes too."""
    code, output, _ = run("--contract", working)
    assert code == 0
    assert "not a git checkout" in output


def test_a_shallow_clone_is_not_a_project_without_releases(
    git: Git, working: Path, tmp_path: Path, run: Run
) -> None:
    """If continuous integration did not fetch the tags, one line says what to fetch."""
    release(git, "v0.4.1")
    git("clone", "--quiet", "--depth=1", "--no-tags", tmp_path.as_uri(), str(tmp_path / "clone"))
    code, output, _ = run("--contract", tmp_path / "clone" / working.name)
    assert (code, output.count("\n")) == (0, 1)
    assert "git fetch --unshallow --tags" in output
    code, output, _ = run("--contract", tmp_path / "clone" / working.name, "--format", "json")
    assert (code, json.loads(output)["base"]) == (0, None)


def test_the_base_is_the_highest_release_that_head_contains(git: Git, working: Path, run: Run) -> None:
    """Versions are ordered by number, candidates are before their release, other branches are ignored."""
    for tag in ("v0.9.0", "v0.10.0", "v0.10.0-rc.1", "v0.2.0", "vague"):
        release(git, tag)
    git("checkout", "--quiet", "-b", "other")
    release(git, "v1.0.0")
    git("checkout", "--quiet", "main")
    code, output, _ = run("--contract", working, "--format", "json")
    assert (code, json.loads(output)["base"]["name"]) == (0, "v0.10.0")


def test_the_base_can_be_any_revision_or_file(git: Git, working: Path, tmp_path: Path, run: Run) -> None:
    """It is a branch, a commit, HEAD~1, or the path of a contract."""
    release(git, "first")
    rewrite(working, breaking)
    release(git, "second")
    for base in ("first", "HEAD~1", git("rev-parse", "first").strip(), SMALL):
        code, output, _ = run("--contract", working, "--base", base, "--format", "json")
        assert code == 1
        assert [change["text"] for change in json.loads(output)["changes"]] == [
            "optional field removed: number"
        ]
    assert run("--contract", working, "--base", "second")[0] == 0


# --- the client ---


def test_the_client_of_the_base_is_compared_too(git: Git, working: Path, run: Run) -> None:
    """A method that is renamed by hand breaks callers as much as a change of the contract."""
    client = working.parent / "overlay" / "finetuning_client"
    client.mkdir(parents=True)
    source = "class Client:\n    def retrieve(self, job_id: str) -> str: ...\n"
    (client / "__init__.py").write_text(source, encoding="utf-8")
    release(git, "v0.4.1")
    (client / "__init__.py").write_text(source.replace("retrieve", "fetch"), encoding="utf-8")
    code, output, _ = run("--contract", working, "--format", "json")
    found = {change["place"]: change["breaking"] for change in json.loads(output)["changes"]}
    assert code == 1
    assert found == {
        "finetuning_client.Client.retrieve": True,
        "finetuning_client.Client.fetch": False,
    }


def test_a_contract_that_the_generator_refuses_is_compared_without_its_code(working: Path, run: Run) -> None:
    """A note says why, and where."""
    rewrite(working, lambda data: at(data, "paths", "/jobs", "get").update(callbacks={}))
    code, output, _ = run("--contract", working, "--base", SMALL, "--format", "json")
    report = json.loads(output)
    assert code == 0
    assert len(report["notes"]) == 1
    assert report["notes"][0].startswith(
        "finetuning_api is not compared, since the generator refuses openapi.yaml:"
    )
    assert report["changes"] == []
    _, output, _ = run("--contract", working, "--base", SMALL)
    assert "finetuning_api is not compared" in output


def test_a_reader_that_stops_early_is_not_an_error(working: Path) -> None:
    """`head` does so; there is no traceback."""
    rewrite(working, breaking)
    command = [sys.executable, "-m", "tools.diff", "--contract", str(working), "--base", str(SMALL)]
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        root = Path(__file__).resolve().parents[2]
        done = subprocess.run(command, cwd=root, stdout=closed, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (1, b"")


# --- the version ---


@pytest.mark.parametrize(
    ("edit", "version", "code", "step"),
    [
        (lambda _: None, "0.4.1", 0, "none"),
        (lambda _: None, "0.4.2", 0, "none"),
        (compatible, "0.4.1", 0, "patch"),
        (compatible, "0.4.2", 0, "patch"),
        (breaking, "0.4.1", 1, "minor"),
        (breaking, "0.4.2", 1, "minor"),
        (breaking, "0.3.0", 1, "minor"),
        (breaking, "0.5.0", 0, "minor"),
        (breaking, "1.0.0", 0, "minor"),
    ],
)
def test_a_breaking_change_needs_its_step(
    working: Path, run: Run, edit: Edit, version: str, code: int, step: str
) -> None:
    """The check fails only for a breaking change without the required step."""
    rewrite(working, edit, version)
    found, output, _ = run("--contract", working, "--base", SMALL, "--format", "json")
    report = json.loads(output)
    assert (found, report["step"]["asked"], report["ok"]) == (code, step, code == 0)


def test_from_1_0_0_on_a_breaking_change_needs_a_major_step(working: Path, tmp_path: Path, run: Run) -> None:
    """A released interface is kept until the next major version."""
    base = tmp_path / "base.yaml"
    rewrite(base, lambda _: None, "1.4.1")
    rewrite(working, breaking, "1.5.0")
    assert run("--contract", working, "--base", base)[0] == 1
    rewrite(working, breaking, "2.0.0")
    assert run("--contract", working, "--base", base)[0] == 0


def test_the_contract_has_the_version_of_the_distribution(repository: Path) -> None:
    """The contract alone therefore shows the step from one release to the next."""
    assert read(repository / "openapi.yaml").version == __version__


# --- unreadable input ---


def test_unreadable_input_is_one_line(git: Git, working: Path, tmp_path: Path, run: Run) -> None:
    """The line names the input and the problem, and the exit code is not that of a breaking change."""
    release(git, "with")
    git("rm", "--quiet", working.name)
    release(git, "without")
    git("checkout", "--quiet", "with")
    broken, unnumbered = tmp_path / "broken.yaml", tmp_path / "unnumbered.yaml"
    broken.write_text("paths: {}\ninfo: [", encoding="utf-8")
    unnumbered.write_text(text_with(lambda data: data["info"].pop("version")), encoding="utf-8")
    circle = tmp_path / "circle.yaml"
    itself = {"$ref": "#/components/schemas/Kind"}
    circle.write_text(text_with(lambda data: at(data, "Kind").update(allOf=[itself])), encoding="utf-8")
    for arguments, complaint in [
        ([f"--contract={tmp_path}/none.yaml"], f"{tmp_path}/none.yaml: cannot be read: No such file"),
        ([f"--contract={tmp_path}"], f"{tmp_path}: cannot be read: Is a directory"),
        ([f"--contract={broken}"], f"{broken}:2: not YAML: "),
        ([f"--contract={working}", "--base=nowhere"], "nowhere: no such file or git revision"),
        ([f"--contract={working}", "--base=--all"], "--all: no such file or git revision"),
        ([f"--contract={working}", "--base=without"], "without: it has no openapi.yaml"),
        ([f"--contract={working}", f"--base={broken}"], f"{broken}:2: not YAML: "),
        ([f"--contract={unnumbered}", f"--base={SMALL}"], "unnumbered.yaml:2: `info.version` must be"),
        ([f"--contract={circle}", f"--base={SMALL}"], "circle.yaml:171: the schema Kind refers to itself"),
    ]:
        code, output, error = run(*arguments)
        assert (code, output) == (2, "")
        assert error.startswith(complaint)
        assert error.count("\n") == 1


# --- the contract of this project ---


def test_changes_of_the_real_contract_are_reported(repository: Path) -> None:
    """Ten changes planted at once are reported as ten, each with its verdict."""
    text = (repository / "openapi.yaml").read_text(encoding="utf-8")
    base, data = parse(text, "base"), yaml.safe_load(text)

    def plant(*steps: str) -> Any:
        return at(data, *steps)

    plant("FineTuningJobStatus", "enum").append("archived")
    plant("FileStatus", "enum").remove("error")
    plant("FineTuningJob", "properties").update(cost={"type": "number"})
    plant("FineTuningJob", "properties").pop("seed")
    plant("CreateFineTuningJobRequest", "properties").update(note={"type": "string"})
    plant("CreateFineTuningJobRequest", "required").append("suffix")
    plant("CreateUploadRequest", "properties", "bytes").update(maximum=1000)
    plant("EpochCount", "anyOf", 1).update(maximum=100)  # type: ignore[arg-type]
    plant("UploadPart", "properties", "created_at").update(type="string", format="date-time")
    plant("paths", "/models").pop("get")
    report = Report.of(base, Document("now", data))
    named = {f"{one.difference.place} {one.text}": bool(one.breaks) for one in report.changes}
    assert named == {
        "FineTuningJobStatus value added: archived": False,
        "FileStatus value removed: error": True,
        "FineTuningJob.cost optional field added: number": False,
        "FineTuningJob.seed optional field removed: integer or null": True,
        "CreateFineTuningJobRequest.note optional field added: string": False,
        "CreateFineTuningJobRequest.suffix presence: optional -> required": True,
        "CreateUploadRequest.bytes maximum: 8589934592 -> 1000": True,
        "EpochCount (integer) maximum: 50 -> 100": False,
        "UploadPart.created_at type: integer -> string": True,
        "GET /models operation removed: listModels": True,
    }


def test_make_passes_its_variables_on(repository: Path) -> None:
    """`make diff BASE=... FORMAT=json` passes both on, and `make check` includes the comparison."""

    def planned(*arguments: str) -> str:
        command = ["make", "--dry-run", *arguments]
        return subprocess.run(command, cwd=repository, check=True, capture_output=True, text=True).stdout

    assert '-m tools.diff --base "v1.0.0" --format "json"' in planned("diff", "BASE=v1.0.0", "FORMAT=json")
    assert "-m tools.diff" in planned("check")
    assert "-m tools.constructs --check" in planned("check")
    assert "-m tools.constructs\n" in planned("constructs")
    assert '-m tools.drift "a.yaml"' in planned("drift", "UPSTREAM=a.yaml")
