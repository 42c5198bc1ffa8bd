"""Each house rule finds the violation that is planted for it, and names its place."""

from typing import Any

import pytest

from tools.house import RULES
from tools.openapi import Document

REMOVE = object()

SCHEMAS = "/components/schemas"
JOB = f"{SCHEMAS}/FineTuningJob"
LIST_FILES = "/paths/~1files/get"
CREATE_FILE = "/paths/~1files/post"
STRING = {"type": "string", "description": "A text."}
CHOICE = {"type": "string", "enum": ["a", "b"]}

# (rule, place to change, new value, place that the rule names)
PLANTED: list[tuple[str, str, object, str]] = [
    (
        "objects_are_components",
        f"{JOB}/properties/error",
        {"type": "object", "properties": {"code": STRING}},
        f"{JOB}/properties/error",
    ),
    (
        "objects_are_components",
        f"{JOB}/properties/metadata/anyOf/0",
        {"additionalProperties": STRING},
        f"{JOB}/properties/metadata/anyOf/0",
    ),
    (
        "objects_are_components",
        f"{JOB}/properties/error",
        {"type": ["object", "null"]},
        f"{JOB}/properties/error",
    ),
    (
        "objects_are_components",
        f"{CREATE_FILE}/requestBody/content/multipart~1form-data/schema",
        {"type": "object"},
        f"{CREATE_FILE}/requestBody/content/multipart~1form-data/schema",
    ),
    (
        "objects_are_components",
        "/components/responses/ClientError/content/application~1json/schema",
        {"type": "object"},
        "/components/responses/ClientError/content/application~1json/schema",
    ),
    ("enums_are_components", f"{JOB}/properties/status", CHOICE, f"{JOB}/properties/status"),
    (
        "enums_are_components",
        f"{LIST_FILES}/parameters/2/schema",
        CHOICE,
        f"{LIST_FILES}/parameters/2/schema",
    ),
    (
        "enums_are_components",
        f"{SCHEMAS}/FileOrder/enum",
        ["asc"],
        f"{SCHEMAS}/FileOrder",
    ),
    ("maps_have_only_values", f"{JOB}/additionalProperties", True, JOB),
    (
        "nothing_has_a_default",
        f"{LIST_FILES}/parameters/1/schema/default",
        10000,
        f"{LIST_FILES}/parameters/1/schema",
    ),
    (
        "nothing_has_a_default",
        f"{SCHEMAS}/EpochCount/anyOf/0/default",
        "auto",
        f"{SCHEMAS}/EpochCount/anyOf/0",
    ),
    ("null_is_a_type", f"{SCHEMAS}/FileOrder/enum/1", None, f"{SCHEMAS}/FileOrder"),
    ("null_is_a_type", f"{JOB}/properties/object/const", None, f"{JOB}/properties/object"),
    (
        "null_is_a_type",
        f"{JOB}/properties/seed/type",
        ["null", "integer"],
        f"{JOB}/properties/seed",
    ),
    (
        "null_is_a_type",
        f"{JOB}/properties/error/anyOf/0",
        {"type": "string"},
        f"{JOB}/properties/error",
    ),
    (
        "unions_are_any_of",
        f"{JOB}/properties/model",
        {"oneOf": [STRING], "description": "A model."},
        f"{JOB}/properties/model",
    ),
    (
        "unions_are_any_of",
        f"{JOB}/properties/seed/type",
        ["integer", "string"],
        f"{JOB}/properties/seed",
    ),
    (
        "discriminators_are_right",
        f"{SCHEMAS}/Grader/discriminator",
        REMOVE,
        f"{SCHEMAS}/Grader",
    ),
    (
        "discriminators_are_right",
        f"{SCHEMAS}/Grader/discriminator/mapping/python",
        f"#{SCHEMAS}/GraderMulti",
        f"{SCHEMAS}/Grader",
    ),
    (
        "discriminators_are_right",
        f"{SCHEMAS}/Grader/discriminator/mapping/multi",
        REMOVE,
        f"{SCHEMAS}/Grader",
    ),
    (
        "objects_in_unions_are_tagged",
        f"{SCHEMAS}/GraderPython/properties/type/const",
        REMOVE,
        f"{SCHEMAS}/SubGrader",
    ),
    (
        "objects_in_unions_are_tagged",
        f"{SCHEMAS}/GraderPython/required",
        ["name"],
        f"{SCHEMAS}/Grader",
    ),
    (
        "objects_in_unions_are_tagged",
        f"{SCHEMAS}/GraderPython/properties/type/const",
        "string_check",
        f"{SCHEMAS}/GraderMulti/properties/graders",
    ),
    (
        "objects_in_unions_are_tagged",
        f"{SCHEMAS}/GraderMulti/properties/graders/anyOf/0/$ref",
        f"#{SCHEMAS}/Metadata",
        f"{SCHEMAS}/GraderMulti/properties/graders",
    ),
    (
        "discriminators_are_right",
        f"{SCHEMAS}/EvalItemContent/discriminator",
        {"propertyName": "type"},
        f"{SCHEMAS}/EvalItemContent",
    ),
    (
        "discriminators_are_right",
        f"{JOB}/discriminator",
        {"propertyName": "object"},
        JOB,
    ),
    ("components_are_used", f"{SCHEMAS}/Spare", STRING, f"{SCHEMAS}/Spare"),
    (
        "components_are_used",
        f"{SCHEMAS}/Spare",
        {"type": "object", "properties": {"next": {"$ref": f"#{SCHEMAS}/Spare"}}},
        f"{SCHEMAS}/Spare",
    ),
    ("components_are_used", "/components/responses/Spare", {}, "/components/responses/Spare"),
    (
        "components_are_used",
        "/components/securitySchemes/Spare",
        {"type": "http", "scheme": "basic"},
        "/components/securitySchemes/Spare",
    ),
    ("operations_have_unique_ids", f"{LIST_FILES}/operationId", REMOVE, LIST_FILES),
    ("operations_have_unique_ids", f"{LIST_FILES}/operationId", "createFile", CREATE_FILE),
    ("operations_have_one_tag", f"{LIST_FILES}/tags", REMOVE, LIST_FILES),
    ("operations_have_one_tag", f"{LIST_FILES}/tags", ["files", "models"], LIST_FILES),
    ("operations_have_one_tag", f"{LIST_FILES}/tags", ["Files"], LIST_FILES),
    ("operations_have_their_own_security", "/security", [{"ApiKeyAuth": []}], "/security"),
    ("operations_have_their_own_security", f"{LIST_FILES}/security", REMOVE, LIST_FILES),
    ("operations_have_their_own_security", f"{LIST_FILES}/security", [{}], LIST_FILES),
    ("operations_have_their_own_security", f"{LIST_FILES}/security/0", {"Key": []}, LIST_FILES),
    ("responses_are_documented", f"{LIST_FILES}/responses/5XX", REMOVE, f"{LIST_FILES}/responses"),
    ("responses_are_documented", f"{LIST_FILES}/responses/201", {}, f"{LIST_FILES}/responses"),
    (
        "responses_are_documented",
        f"{LIST_FILES}/responses/4XX",
        {"description": "Refused."},
        f"{LIST_FILES}/responses/4XX",
    ),
    (
        "responses_are_documented",
        "/components/responses/ServerError/content/application~1json/schema/$ref",
        f"#{SCHEMAS}/Error",
        f"{CREATE_FILE}/responses/5XX",
    ),
    (
        "responses_are_documented",
        f"{LIST_FILES}/responses/200/content",
        REMOVE,
        f"{LIST_FILES}/responses/200",
    ),
    ("operations_are_described", f"{LIST_FILES}/description", REMOVE, LIST_FILES),
    ("operations_are_described", f"{LIST_FILES}/summary", REMOVE, f"{LIST_FILES}/summary"),
    (
        "operations_are_described",
        f"{LIST_FILES}/parameters/0/description",
        " ",
        f"{LIST_FILES}/parameters/0",
    ),
    (
        "operations_are_described",
        f"{LIST_FILES}/responses/200/description",
        "",
        f"{LIST_FILES}/responses/200",
    ),
    ("components_are_described", f"{JOB}/description", "A job", JOB),
    (
        "components_are_described",
        f"{JOB}/properties/status/description",
        REMOVE,
        f"{JOB}/properties/status",
    ),
    ("components_are_described", "/tags/0/description", REMOVE, "/tags/0"),
    ("components_are_described", "/info/description", REMOVE, "/info"),
    (
        "components_are_described",
        "/components/securitySchemes/ApiKeyAuth/description",
        REMOVE,
        "/components/securitySchemes/ApiKeyAuth",
    ),
    (
        "operations_are_described",
        "/components/responses/ServerError/description",
        REMOVE,
        f"{LIST_FILES}/responses/5XX",
    ),
]


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _change(document: dict[str, Any], pointer: str, value: object) -> None:
    *path, last = _steps(pointer)
    part: Any = document
    for step in path:
        part = part[int(step)] if isinstance(part, list) else part[step]
    key: Any = int(last) if isinstance(part, list) else last
    if value is REMOVE:
        del part[key]
    else:
        part[key] = value


@pytest.mark.parametrize(("rule", "change", "value", "place"), PLANTED)
def test_a_planted_violation_is_found_where_it_is(
    draft: dict[str, Any], rule: str, change: str, value: object, place: str
) -> None:
    """The rule finds nothing before the change, and names the place afterwards."""
    (check,) = (candidate for candidate in RULES if candidate.__name__ == rule)
    assert list(check(Document("", draft, {}))) == []
    _change(draft, change, value)
    found = {tuple(map(str, finding.place)) for finding in check(Document("", draft, {}))}
    assert tuple(_steps(place)) in found


def test_every_rule_can_fail() -> None:
    """Every rule has a planted violation."""
    assert {rule for rule, _, _, _ in PLANTED} == {rule.__name__ for rule in RULES}
