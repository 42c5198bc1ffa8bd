"""The report of `make diff`, as text of any width and as JSON."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tools.diff import main

from .conftest import Run, RunTool
from .small import SMALL, at, breaking, compatible, rewrite


@pytest.fixture
def run(run_tool: RunTool) -> Run:
    """`run(*arguments, width=80)` returns the exit code, the standard output and the standard error."""
    return partial(run_tool, main)


REPORT = """\
openapi.yaml 0.4.1, compared with small.yaml, 0.4.1

BREAKING

Job  (listJobs, createJob, retrieveJob)
  .loss      response  optional field removed: number
                       code that reads it fails

Method  (listJobs, createJob, retrieveJob)
  .epochs    both      presence: optional -> required
                       request: requests without it are refused

POST /files  (sendFile)
  request    request   presence: optional -> required
                       requests without it are refused

COMPATIBLE

JobStatus  (listJobs, createJob, retrieveJob)
             response  value added: paused

Epochs  (listJobs, createJob, retrieveJob)
  (integer)  both      maximum: 50 -> 100

3 breaking changes, 2 compatible: from 0.4.1 this needs a minor version bump.
Set info.version to 0.5.0 or higher, or undo the breaking changes.
"""


def several(data: dict[str, Any]) -> None:
    breaking(data)
    compatible(data)
    at(data, "Method", "required").append("epochs")
    at(data, "Epochs", "anyOf", 1).update(maximum=100)
    at(data, "paths", "/files", "post", "requestBody").update(required=True)


def test_the_text_report_is_as_recorded(working: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes are grouped by place, breaking ones first with their reasons; the next step comes last."""
    monkeypatch.chdir(SMALL.parent)
    rewrite(working, several)
    assert run("--contract", working, "--base", SMALL.name) == (1, REPORT, "")


def test_a_report_without_changes_is_one_line(working: Path, run: Run) -> None:
    """There is no empty table."""
    _, output, _ = run("--contract", working, "--base", SMALL)
    title, _, rest = output.partition(", 0.4.1\n")
    assert title
    assert rest == "Nothing changes for users.\n"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit_the_terminal(working: Path, run: Run, width: int) -> None:
    """Long names of places, values and operations are wrapped, and none is lost."""

    def edit(data: dict[str, Any]) -> None:
        several(data)
        at(data, "Job", "properties").update({"a_very_long_name_of_a_field" * 4: {"type": "string"}})
        at(data, "JobStatus", "enum").append("a_value_without_any_space" * 6)

    rewrite(working, edit)
    _, output, _ = run("--contract", working, "--base", SMALL, width=width)
    assert max(len(line) for line in output.splitlines()) <= width
    assert not any(line != line.rstrip() for line in output.splitlines())


def test_the_json_report_has_all_facts(working: Path, run: Run) -> None:
    """A program can comment on each change, with a verdict for each side."""
    rewrite(working, lambda data: at(data, "Method", "required").append("epochs"))
    _, output, _ = run("--contract", working, "--base", SMALL, "--format", "json")
    assert json.loads(output) == {
        "base": {"name": str(SMALL), "version": "0.4.1"},
        "contract": {"name": "openapi.yaml", "version": "0.4.1"},
        "changes": [
            {
                "place": "Method.epochs",
                "subject": "Method",
                "aspect": "presence",
                "effect": "narrowed",
                "before": "optional",
                "after": "required",
                "text": "presence: optional -> required",
                "breaking": True,
                "sides": {
                    "request": {"breaking": True, "because": "requests without it are refused"},
                    "response": {"breaking": False, "because": None},
                },
                "operations": ["listJobs", "createJob", "retrieveJob"],
            }
        ],
        "breaking": 1,
        "step": {"asked": "minor", "taken": "none"},
        "notes": [],
        "ok": False,
    }
