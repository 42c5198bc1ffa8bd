"""`make drift`: a vendor's way of writing raises no false alarm, and what differs is named or explained."""

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
    """The vendor's contract with a change in it."""
    data = copy.deepcopy(SOUND.data)
    edit(data)
    return Document(VENDOR.name, data)


def drift(edit: Edit, *reasons: Reason) -> Drift:
    return Drift.of(vendor_with(edit), read(SMALL), reasons)


def test_another_way_of_writing_the_same_is_no_difference() -> None:
    """Nulls, constants, wrappers, bounds, objects in place, defaults and names: all say the same."""
    found = drift(lambda _: None)
    assert [str(one) for one in found.unexplained] == []
    assert found.ok
    assert found.operations == 4


@pytest.mark.parametrize("name", VENDORS)
def test_a_difference_is_named_with_what_each_side_has(name: str) -> None:
    """Just what was planted, placed by the names of our contract."""
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
def test_a_reason_explains_what_its_patterns_fit(edit: Edit, pattern: Pattern, explained: bool) -> None:
    """In every part, and on every side on which the difference is met."""
    found = drift(edit, a_reason(pattern))
    assert bool(found.unexplained) is not explained
    assert bool(found.meant["It is meant."]) is explained


def test_a_reason_that_is_needed_no_longer_is_named() -> None:
    """Once the vendor has come round, its entry is to be taken out."""
    needed = Pattern("Job.loss", "presence", "required", "optional", None)
    needless = Pattern("Job.status", "value", "paused", None, None)
    found = drift(require_loss, a_reason(needed, needless))
    assert (found.unexplained, found.stale, found.ok) == ([], [needless], False)


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
def test_a_file_of_reasons_that_is_not_one_is_refused(text: str, tmp_path: Path, run: Run) -> None:
    """One line names the file and the entry."""
    path = tmp_path / "reasons.yaml"
    path.write_text(text, encoding="utf-8")
    code, output, error = run(VENDOR, "--contract", SMALL, "--deliberate", path)
    assert (code, output) == (2, "")
    assert error.startswith(str(path))
    assert error.count("\n") == 1


# --- training formats ---


def line_format(**more: Any) -> dict[str, Any]:
    """A training format of lines with a prompt."""
    return {
        "type": "object",
        "x-training-format": "prompts",
        "properties": {"prompt": {"type": "string"}},
        **more,
    }


def contract_with(schema: dict[str, Any], paths: dict[str, Any] | None = None) -> Document:
    return Document("any.yaml", {"paths": paths or {}, "components": {"schemas": {"Line": schema}}})


def test_a_document_of_training_formats_is_compared_by_these_alone() -> None:
    """Nothing is said of the operations that it lacks, nor of entries that explain differences of them."""
    ours = contract_with(line_format(required=["prompt"]), {"/jobs": {"get": {"responses": {}}}})
    about_jobs = a_reason(Pattern("GET /jobs", "operation", None, "*", None))
    found = Drift.of(contract_with(line_format()), ours, [about_jobs])
    named = [(str(one.place), one.aspect, one.before, one.after) for one in found.unexplained]
    assert named == [("Line.prompt", "presence", "optional", "required")]
    assert (found.stale, found.operations, found.formats) == ([], 0, 1)
    assert "any.yaml , compared with any.yaml  in 1 training format" in next(found.lines(80))


def test_an_entry_about_training_formats_is_stale_only_where_the_vendor_has_them() -> None:
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
    """`run(*arguments, width=80)`: exit code, what was printed, and what was complained of."""
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
    """Arguments that give a report with something in each of its parts."""
    upstream, reasons = tmp_path / "vendor.yaml", tmp_path / "reasons.yaml"
    upstream.write_text(yaml.safe_dump(vendor_with(several).data), encoding="utf-8")
    reasons.write_text(REASONS, encoding="utf-8")
    return [upstream, "--contract", SMALL, "--deliberate", reasons]


def test_the_report_is_for_people(run: Run, drifted: list[str | Path]) -> None:
    """What nobody explains comes first, what is meant comes with its reason."""
    assert run(*drifted) == (1, REPORT, "")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit_the_terminal(run: Run, drifted: list[str | Path], width: int) -> None:
    """Whatever is in them is wrapped."""
    _, output, _ = run(*drifted, width=width)
    assert max(len(line) for line in output.splitlines()) <= width


def test_the_json_form_has_every_fact(run: Run, drifted: list[str | Path]) -> None:
    """What a program needs to open an issue."""
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


def test_nothing_to_tell_is_clean(run: Run, tmp_path: Path) -> None:
    """Without differences and without reasons, one line is enough."""
    reasons = tmp_path / "none.yaml"
    reasons.touch()
    code, output, _ = run(VENDOR, "--contract", SMALL, "--deliberate", reasons)
    assert (code, output.splitlines()[1:]) == (0, ["", "0 unexplained, 0 deliberate: clean."])


@pytest.fixture
def address() -> Iterator[str]:
    """A server on this machine that has the vendor's contract, and a page that is none."""
    pages = {"/openapi.yaml": VENDOR.read_bytes(), "/page": b"<html><p>It: moved</html>"}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path in pages else 404)
            self.end_headers()
            self.wfile.write(pages.get(self.path, b""))

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_vendors_contract_can_be_at_an_address(run: Run, tmp_path: Path, address: str) -> None:
    """As vendors publish it."""
    reasons = tmp_path / "none.yaml"
    reasons.touch()
    code, output, _ = run(f"{address}/openapi.yaml", "--contract", SMALL, "--deliberate", reasons)
    assert code == 0
    assert output.startswith(f"{address}/openapi.yaml 7.0.0, compared with")


def test_what_cannot_be_read_is_one_line(run: Run, tmp_path: Path, address: str) -> None:
    """It is named with what is wrong, and the exit code is not that of a difference."""
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
    """The file that comes with the project can be read, and says why in a sentence."""
    reasons = read_reasons(repository / "tools" / "deliberate-differences.yaml")
    assert len({reason.text for reason in reasons}) == len(reasons)
    assert all(reason.text.endswith(".") and reason.patterns for reason in reasons)


def test_the_real_vendor_differs_only_as_is_meant(repository: Path, run: Run) -> None:
    """Every difference is explained, and every explanation needed."""
    known = repository.parent / "shared" / "upstream" / "openai-fine-tuning.yaml"
    upstream = Path(os.environ.get("UPSTREAM_CONTRACT", known))
    if not upstream.is_file():
        pytest.skip("the vendor's text is not part of this project; UPSTREAM_CONTRACT says where it is")
    code, output, error = run(upstream)
    assert (code, error) == (0, ""), output
    assert output.splitlines()[-1].startswith("0 unexplained")
