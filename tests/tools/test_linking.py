"""The comparison of contract and library reports every change that a caller notices, and no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tools.comparison import packages
from tools.comparison.packages import Code, client_from, generated_from
from tools.diff import Report
from tools.openapi import DocumentError

from .edits_of_schemas import SCHEMAS, UNNOTICED
from .edits_of_spelling import SPELLINGS
from .small import Edit, at, planted, text_with


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Use another cache, so that small libraries do not displace those of the project."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packages, "_CACHE", tmp_path_factory.mktemp("cache"))
        patch.setattr(packages, "_KEPT", 1000)
        yield


def named(before: Edit, after: Edit) -> list[tuple[str, str, bool]]:
    """Return the place, the text and the verdict of each change, without the order of fields."""
    surfaces = [generated_from(text_with(edit).encode(), "small.yaml") for edit in (before, after)]
    report = Report.of(planted(before), planted(after), [Code("finetuning_api", *surfaces)])
    found = [one for one in report.changes if one.difference.aspect != "order"]
    return [(str(one.difference.place), one.text, bool(one.breaks)) for one in found]


def unchanged(_: dict[str, Any]) -> None:
    """Leave the small contract unchanged."""


def field(**schema: Any) -> Edit:
    """Set a field that is only received."""
    return lambda data: at(data, "Job", "properties").update(x=schema)


def test_a_format_that_changes_the_type_in_python_is_breaking() -> None:
    """The response may allow less, but code that expects text gets a date."""
    found = named(field(type="string"), field(type="string", format="date"))
    assert ("Job.x", "format: none -> date", False) in found
    assert (
        "finetuning_api.models.Job.x",
        "attribute type: str | Unset -> datetime.date | Unset",
        True,
    ) in found
    assert len(found) == 2


def test_an_operation_id_in_another_case_is_not_breaking() -> None:
    """The module has the same name."""
    found = named(unchanged, lambda data: at(data, "paths", "/jobs", "get").update(operationId="list_jobs"))
    assert found == [("GET /jobs", "operationId: listJobs -> list_jobs", False)]


def test_a_new_operation_id_is_breaking_once() -> None:
    """The change of the contract includes the removed module."""
    found = named(unchanged, lambda data: at(data, "paths", "/jobs", "get").update(operationId="allJobs"))
    assert found == [("GET /jobs", "operationId: listJobs -> allJobs", True)]


def test_a_path_parameter_in_another_case_is_not_breaking() -> None:
    """Code passes it by the same name."""
    before, after, _ = SPELLINGS["path parameter in other letters"]
    assert [breaks for _, _, breaks in named(before, after)] == [False]


def test_removing_an_unused_class_is_breaking() -> None:
    """The contract does not need it, but code may import it."""
    spare = {"type": "object", "properties": {"a": {"type": "string"}}}
    found = named(lambda data: data["components"]["schemas"].update(Spare=spare), unchanged)
    assert found == [("finetuning_api.models.Spare", "class removed: Spare", True)]


def test_a_required_read_only_field_is_not_breaking() -> None:
    """Requests do not have it, and code that makes the object need not pass it."""

    def edit(data: dict[str, Any]) -> None:
        at(data, "Method", "properties").update(x={"type": "string", "readOnly": True})
        at(data, "Method", "required").append("x")

    found = named(unchanged, edit)
    assert ("Method.x", "read-only field added: string", False) in found
    assert not any(breaking for _, _, breaking in found)


def test_another_type_of_the_response_is_breaking() -> None:
    """A new status adds a class that code does not expect from the function."""

    def edit(data: dict[str, Any]) -> None:
        responses = at(data, "paths", "/jobs/{job}", "get", "responses")
        responses["202"] = {
            "description": "",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/JobList"}}},
        }

    found = named(unchanged, edit)
    assert ("GET /jobs/{job} response 202", "status added: application/json", False) in found
    assert (
        "finetuning_api.api.jobs.retrieve_job",
        "result type: Job | Problem -> Job | JobList | Problem",
        True,
    ) in found


@pytest.mark.parametrize(
    "name",
    [
        "response field removed",
        "class renamed",
        "null allowed in a request",
        "null refused in a response",
        "type of a request widened",
        "type of a response changed",
        "constant beside the number removed",
        "enum value removed from a response",
        "enum of a response opened",
        "request field made optional",
        "limits of a map",
    ],
)
def test_a_change_in_contract_and_code_is_reported_once(name: str) -> None:
    """Its verdict is that of the contract."""
    edit, expected = SCHEMAS[name]
    wanted = [(place, words, any(sides.values())) for place, words, sides in expected]
    assert sorted(named(unchanged, edit)) == sorted(wanted)


@pytest.mark.parametrize(
    "name", ["description", "order of values", "order of fields", "a map renamed, which is no class"]
)
def test_changes_without_effect_are_not_reported(name: str) -> None:
    """Descriptions and order change no signature."""
    assert named(unchanged, UNNOTICED[name]) == []


def test_a_refusal_of_the_generator_has_a_reason() -> None:
    """One line, which the report has as a note, gives the reason."""
    with pytest.raises(DocumentError) as caught:
        generated_from(b"openapi: 3.1.0\npaths: {}\ninfo: [", "small.yaml")
    assert str(caught.value).startswith("small.yaml:")
    assert "\n" not in str(caught.value)


def test_the_client_is_generated_from_the_contract(repository: Path) -> None:
    """Its code is generated from the contract, so a method is judged before its file is written."""
    text = (repository / "openapi.yaml").read_bytes()
    renamed = text.replace(b"{resource: jobs, method: list,", b"{resource: jobs, method: list_every,")
    assert renamed != text
    before, after = (client_from(one, "openapi.yaml", repository) for one in (text, renamed))
    assert before is not None
    assert after is not None
    for name in ("Jobs", "AsyncJobs"):
        assert f"{name}.list" in before
        assert f"{name}.list" not in after
        assert f"{name}.list_every" in after
