"""`make drift` accepts other ways of writing, and lists or explains every other difference."""

from __future__ import annotations

import copy
import http.server
import json
import os
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.comparison.deliberate import Pattern, Reason, read_reasons
from tools.comparison.differences import Side
from tools.drift import Drift, main
from tools.openapi import Document, read

from .conftest import Run, RunTool
from .edits_of_vendors import VENDORS
from .small import SMALL, Edit, at

VENDOR = SMALL.with_name("vendor.yaml")
SOUND = read(VENDOR)


def vendor_with(edit: Edit) -> Document:
    """Return the vendor's contract with a change."""
    data = copy.deepcopy(SOUND.data)
    edit(data)
    return Document(VENDOR.name, data)


def drift(edit: Edit, *reasons: Reason) -> Drift:
    return Drift.of(vendor_with(edit), read(SMALL), reasons)


def test_another_way_of_writing_the_same_is_not_a_difference() -> None:
    """Nulls, constants, wrappers, bounds, inline objects, defaults and names have the same meaning."""
    found = drift(lambda _: None)
    assert [str(one) for one in found.unexplained] == []
    assert found.ok
    assert found.operations == 4


@pytest.mark.parametrize("name", VENDORS)
def test_a_difference_is_reported_with_both_values(name: str) -> None:
    """Only the planted difference is reported, at the place in our contract."""
    edit, expected = VENDORS[name]
    found = drift(edit).unexplained
    assert [(str(one.place), one.aspect, one.before, one.after) for one in found] == expected


# --- reasons ---


def a_reason(*patterns: Pattern) -> Reason:
    return Reason("It is meant.", patterns)


def require_loss(data: dict[str, Any]) -> None:
    at(data, "TrainingJob", "required").append("loss")


def require_epochs(data: dict[str, Any]) -> None:
    at(data, "TrainingMethod", "required").append("epochs")


@pytest.mark.parametrize(
    ("edit", "pattern", "explained"),
    [
        (require_loss, Pattern("Job.loss", "presence", "required", "optional", None), True),
        (require_loss, Pattern("Job.*", "*", "*", "*", None), True),
        (require_loss, Pattern("*", "presence", "required", "optional", Side.RESPONSE), True),
        (require_loss, Pattern("*", "presence", "required", "optional", Side.REQUEST), False),
        (require_loss, Pattern("Job.loss", "presence", None, "optional", None), False),
        (require_loss, Pattern("Job.los", "presence", "required", "optional", None), False),
        (require_epochs, Pattern("*", "presence", "required", "optional", Side.RESPONSE), False),
        (require_epochs, Pattern("*", "presence", "required", "optional", None), True),
    ],
)
def test_a_reason_explains_the_differences_that_its_patterns_match(
    edit: Edit, pattern: Pattern, explained: bool
) -> None:
    """It explains every difference that a pattern matches, on each side."""
    found = drift(edit, a_reason(pattern))
    assert bool(found.unexplained) is not explained
    assert bool(found.meant["It is meant."]) is explained


def test_a_reason_that_is_no_longer_needed_is_reported() -> None:
    """An entry whose difference no longer exists is to be removed."""
    needed = Pattern("Job.loss", "presence", "required", "optional", None)
    unneeded = Pattern("Job.status", "value", "paused", None, None)
    found = drift(require_loss, a_reason(needed, unneeded))
    assert (found.unexplained, found.stale, found.ok) == ([], [unneeded], False)


@pytest.mark.parametrize(
    "text",
    [
        "reason: no list",
        "- reason: x",
        "- {reason: x, differences: [{aspect: value}]}",
        "- {reason: x, differences: [{place: a, aspect: b, their: c}]}",
        "- {reason: x, differences: [{place: a, aspect: b, in: answer}]}",
        "- word",
        "- {reason: x, differences: 7}",
        "- [",
    ],
)
def test_a_malformed_file_of_reasons_is_refused(text: str, tmp_path: Path, run: Run) -> None:
    """One line names the file and the entry."""
    path = tmp_path / "reasons.yaml"
    path.write_text(text, encoding="utf-8")
    code, output, error = run(VENDOR, "--contract", SMALL, "--deliberate", path)
    assert (code, output) == (2, "")
    assert error.startswith(str(path))
    assert error.count("\n") == 1


# --- training formats ---


def line_format(**more: Any) -> dict[str, Any]:
    """Return a training format of lines with a prompt."""
    return {
        "type": "object",
        "x-training-format": "prompts",
        "properties": {"prompt": {"type": "string"}},
        **more,
    }


def contract_with(schema: dict[str, Any], paths: dict[str, Any] | None = None) -> Document:
    return Document("any.yaml", {"paths": paths or {}, "components": {"schemas": {"Line": schema}}})


def test_a_document_of_training_formats_is_compared_only_by_formats() -> None:
    """Missing operations are not reported, nor are entries that explain differences in operations."""
    ours = contract_with(line_format(required=["prompt"]), {"/jobs": {"get": {"responses": {}}}})
    about_jobs = a_reason(Pattern("GET /jobs", "operation", None, "*", None))
    found = Drift.of(contract_with(line_format()), ours, [about_jobs])
    named = [(str(one.place), one.aspect, one.before, one.after) for one in found.unexplained]
    assert named == [("Line.prompt", "presence", "optional", "required")]
    assert (found.stale, found.operations, found.formats) == ([], 0, 1)
    assert "any.yaml , compared with any.yaml  in 1 training format" in next(found.lines(80))


def test_an_entry_about_training_formats_is_stale_only_if_the_vendor_has_them() -> None:
    """The vendor may describe them in another document."""
    pattern = Pattern("Line*", "presence", "optional", "required", None)
    reason = Reason("It is meant.", (pattern,), of_formats=True)
    ours = contract_with(line_format(required=["prompt"]))
    assert Drift.of(contract_with(line_format()), ours, [reason]).ok
    assert Drift.of(ours, ours, [reason]).stale == [pattern]
    assert Drift.of(vendor_with(lambda _: None), read(SMALL), [reason]).stale == []


# --- the command ---


@pytest.fixture
def run(run_tool: RunTool) -> Run:
    """`run(*arguments, width=80)` returns the exit code, the standard output and the standard error."""
    return partial(run_tool, main)


REPORT = """\
vendor.yaml 7.0.0, compared with small.yaml 0.4.1 in 4 operations

NOT EXPLAINED
           what            vendor   ours

Job
  .cost    optional field  number   -
  .status  value           paused   -

CreateJob
  .seed    null            allowed  refused

STALE: these entries no longer explain a difference
  Job.id, type: vendor integer, ours string, in response

DELIBERATE

Some servers leave it out.
  presence: vendor required, ours optional, in Job.loss

3 unexplained, 1 deliberate, 1 stale: not clean.
"""

REASONS = """\
- reason: >-
    Some servers
    leave it out.
  differences:
    - {place: '*', aspect: presence, vendor: required, ours: optional, in: response}
    - {place: Job.id, aspect: type, vendor: integer, ours: string, in: response}
"""


def several(data: dict[str, Any]) -> None:
    require_loss(data)
    at(data, "TrainingJob", "properties").update(cost={"type": "number"})
    at(data, "TrainingJob", "properties", "status", "enum").append("paused")
    at(data, "NewJob", "properties", "seed").update(nullable=True)


@pytest.fixture
def drifted(tmp_path: Path) -> list[str | Path]:
    """Arguments that give a report in which no part is empty."""
    upstream, reasons = tmp_path / "vendor.yaml", tmp_path / "reasons.yaml"
    upstream.write_text(yaml.safe_dump(vendor_with(several).data), encoding="utf-8")
    reasons.write_text(REASONS, encoding="utf-8")
    return [upstream, "--contract", SMALL, "--deliberate", reasons]


def test_the_text_report_is_as_recorded(run: Run, drifted: list[str | Path]) -> None:
    """Unexplained differences come first, deliberate ones come with their reasons."""
    assert run(*drifted) == (1, REPORT, "")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit_the_terminal(run: Run, drifted: list[str | Path], width: int) -> None:
    """Long lines are wrapped."""
    _, output, _ = run(*drifted, width=width)
    assert max(len(line) for line in output.splitlines()) <= width


def test_the_json_report_has_all_facts(run: Run, drifted: list[str | Path]) -> None:
    """A program can open an issue from it."""
    code, output, _ = run(*drifted, "--format", "json")
    report = json.loads(output)
    assert (code, report["ok"], report["operations"]) == (1, False, 4)
    assert report["unexplained"][0] == {
        "place": "Job.cost",
        "aspect": "optional field",
        "vendor": "number",
        "ours": None,
    }
    assert report["deliberate"][0]["reason"] == "Some servers leave it out."
    assert [one["place"] for one in report["deliberate"][0]["differences"]] == ["Job.loss"]
    assert report["stale"] == ["Job.id, type: vendor integer, ours string, in response"]


def test_a_contract_without_differences_is_clean(run: Run, tmp_path: Path) -> None:
    """Without differences and reasons, the report ends with one line."""
    reasons = tmp_path / "none.yaml"
    reasons.touch()
    code, output, _ = run(VENDOR, "--contract", SMALL, "--deliberate", reasons)
    assert (code, output.splitlines()[1:]) == (0, ["", "0 unexplained, 0 deliberate: clean."])


@pytest.fixture
def address() -> Iterator[str]:
    """The URL of a loopback server with the vendor's contract and an HTML page."""
    pages = {"/openapi.yaml": VENDOR.read_bytes(), "/page": b"<html><p>It: moved</html>"}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path in pages else 404)
            self.end_headers()
            self.wfile.write(pages.get(self.path, b""))

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_vendors_contract_can_be_at_a_url(run: Run, tmp_path: Path, address: str) -> None:
    """Vendors publish their contracts at a URL."""
    reasons = tmp_path / "none.yaml"
    reasons.touch()
    code, output, _ = run(f"{address}/openapi.yaml", "--contract", SMALL, "--deliberate", reasons)
    assert code == 0
    assert output.startswith(f"{address}/openapi.yaml 7.0.0, compared with")


def test_unreadable_input_is_one_line(run: Run, tmp_path: Path, address: str) -> None:
    """The line names the input and the problem, and the exit code is not that of a difference."""
    for upstream, complaint in [
        ("", "no specification given: use UPSTREAM=path-or-url"),
        (f"{tmp_path}/none.yaml", f"{tmp_path}/none.yaml: cannot be read: No such file"),
        (f"{address}/none", f"{address}/none: cannot be read: status 404"),
        (f"{address}/page", f"{address}/page:1: not an OpenAPI document"),
        ("http://127.0.0.1:1/x", "http://127.0.0.1:1/x: cannot be reached: "),
        ("http://[", "http://[: cannot be reached: "),
    ]:
        code, output, error = run(upstream, "--contract", SMALL)
        assert (code, output) == (2, "")
        assert error.startswith(complaint)
        assert error.count("\n") == 1
    code, _, error = run(VENDOR, "--deliberate", tmp_path / "none.yaml")
    assert (code, error) == (2, f"{tmp_path}/none.yaml: cannot be read: No such file or directory\n")


# --- the vendor of this project ---


def test_every_deliberate_difference_has_a_reason_and_a_place(repository: Path) -> None:
    """The file in this project can be read, and gives each reason as a sentence."""
    reasons = read_reasons(repository / "tools" / "deliberate-differences.yaml")
    assert len({reason.text for reason in reasons}) == len(reasons)
    assert all(reason.text.endswith(".") and reason.patterns for reason in reasons)


def test_the_real_vendor_has_only_deliberate_differences(repository: Path, run: Run) -> None:
    """Every difference is explained, and every explanation is needed."""
    known = repository.parent / "shared" / "upstream" / "openai-fine-tuning.yaml"
    upstream = Path(os.environ.get("UPSTREAM_CONTRACT", known))
    if not upstream.is_file():
        pytest.skip("the vendor's text is not part of this project; UPSTREAM_CONTRACT says where it is")
    code, output, error = run(upstream)
    assert (code, error) == (0, ""), output
    assert output.splitlines()[-1].startswith("0 unexplained")
