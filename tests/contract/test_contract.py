"""The contract is valid OpenAPI 3.1, keeps the house rules, and covers the API."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from tools import training_formats
from tools.house import RULES, Rule
from tools.openapi import Document
from tools.openapi.grammar import every_schema

OPERATIONS = {
    ("post", "/fine_tuning/jobs", "createFineTuningJob"),
    ("get", "/fine_tuning/jobs", "listPaginatedFineTuningJobs"),
    ("get", "/fine_tuning/jobs/{fine_tuning_job_id}", "retrieveFineTuningJob"),
    ("post", "/fine_tuning/jobs/{fine_tuning_job_id}/cancel", "cancelFineTuningJob"),
    ("post", "/fine_tuning/jobs/{fine_tuning_job_id}/pause", "pauseFineTuningJob"),
    ("post", "/fine_tuning/jobs/{fine_tuning_job_id}/resume", "resumeFineTuningJob"),
    ("get", "/fine_tuning/jobs/{fine_tuning_job_id}/events", "listFineTuningEvents"),
    ("get", "/fine_tuning/jobs/{fine_tuning_job_id}/checkpoints", "listFineTuningJobCheckpoints"),
    (
        "get",
        "/fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions",
        "listFineTuningCheckpointPermissions",
    ),
    (
        "post",
        "/fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions",
        "createFineTuningCheckpointPermission",
    ),
    (
        "delete",
        "/fine_tuning/checkpoints/{fine_tuned_model_checkpoint}/permissions/{permission_id}",
        "deleteFineTuningCheckpointPermission",
    ),
    ("post", "/fine_tuning/alpha/graders/run", "runGrader"),
    ("post", "/fine_tuning/alpha/graders/validate", "validateGrader"),
    ("post", "/files", "createFile"),
    ("get", "/files", "listFiles"),
    ("get", "/files/{file_id}", "retrieveFile"),
    ("delete", "/files/{file_id}", "deleteFile"),
    ("get", "/files/{file_id}/content", "downloadFile"),
    ("post", "/uploads", "createUpload"),
    ("post", "/uploads/{upload_id}/parts", "addUploadPart"),
    ("post", "/uploads/{upload_id}/complete", "completeUpload"),
    ("post", "/uploads/{upload_id}/cancel", "cancelUpload"),
    ("get", "/models", "listModels"),
    ("get", "/models/{model}", "retrieveModel"),
    ("delete", "/models/{model}", "deleteModel"),
}

# Fields that every server sends in every state, where these are fewer than one might expect.
ALWAYS_SENT = {
    "FineTuningJob": {"id", "object", "created_at", "model", "status"},
    "FineTuningJobError": set(),
    "FineTuningJobHyperparameters": set(),
    "FineTuningJobEvent": {"id", "object", "created_at", "level", "message"},
    "FineTuningJobEventData": set(),
    "FineTuningJobCheckpointMetrics": set(),
    "OpenAIFile": {"id", "object", "created_at", "filename", "purpose"},
    "Model": {"id", "object"},
    "Error": {"message"},
    "ListPaginatedFineTuningJobsResponse": {"object", "data"},
    "ListFineTuningJobEventsResponse": {"object", "data"},
    "ListFineTuningJobCheckpointsResponse": {"object", "data"},
    "ListFineTuningCheckpointPermissionResponse": {"object", "data"},
    "ListFilesResponse": {"object", "data"},
    "ListModelsResponse": {"object", "data"},
}


def test_the_contract_is_valid_openapi_3_1(contract: dict[str, Any]) -> None:
    """The document is valid OpenAPI, and declares version 3.1.0."""
    assert contract["openapi"] == "3.1.0"
    assert [error.message for error in OpenAPIV31SpecValidator(contract).iter_errors()] == []


def test_no_key_is_written_twice(repository: Path) -> None:
    """The contract has no duplicate keys, which YAML readers drop without a warning."""
    root = yaml.compose((repository / "openapi.yaml").read_text(encoding="utf-8"))
    assert root is not None
    nodes: list[yaml.Node] = [root]
    twice: list[str] = []
    while nodes:
        node = nodes.pop()
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            twice += [f"{k}, line {node.start_mark.line + 1}" for k in keys if keys.count(k) > 1]
            nodes += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            nodes += node.value
    assert twice == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_contract_keeps_each_rule(document: Document, rule: Rule) -> None:
    """No house rule finds anything in the contract."""
    assert list(rule(document)) == []


def test_the_contract_has_the_operations_of_the_api(document: Document) -> None:
    """All 25 operations have the vendor's paths and names; there may be more."""
    found = {(place[2], place[1], operation["operationId"]) for place, operation in document.operations()}
    assert found >= OPERATIONS


def test_permissions_take_the_admin_key_and_nothing_else_does(document: Document) -> None:
    """The operations for which the vendor requires an admin key take it; all others take an ordinary key."""
    for place, operation in document.operations():
        scheme = "AdminApiKeyAuth" if "/permissions" in str(place[1]) else "ApiKeyAuth"
        assert operation["security"] == [{scheme: []}], operation["operationId"]


@pytest.mark.parametrize(("name", "fields"), ALWAYS_SENT.items(), ids=ALWAYS_SENT)
def test_responses_require_only_what_is_always_sent(
    contract: dict[str, Any], name: str, fields: set[str]
) -> None:
    """A field that some server leaves out in some state is optional."""
    assert set(contract["components"]["schemas"][name].get("required", [])) == fields


def test_responses_may_have_more_fields(document: Document) -> None:
    """Only request bodies forbid other fields; a response with a new field is still valid."""
    wire = every_schema(training_formats.without(document))
    closed = {str(place[-1]) for place, schema in wire if schema.get("additionalProperties") is False}
    assert all(name.endswith("Request") for name in closed), closed


def test_timestamps_are_unix_seconds(document: Document) -> None:
    """Every time is an integer in the format `unixtime`, and no other field has that format."""
    for place, schema in every_schema(document):
        if str(place[-1]).endswith("_at") or place[-1] in ("created", "estimated_finish"):
            assert schema.get("format") == "unixtime", place
            assert schema["type"] in ("integer", ["integer", "null"]), place
        else:
            assert schema.get("format") != "unixtime", place


def test_a_file_is_downloaded_as_bytes(contract: dict[str, Any]) -> None:
    """Content is documented as bytes, so that no client parses it."""
    response = contract["paths"]["/files/{file_id}/content"]["get"]["responses"]["200"]
    binary = {"type": "string", "format": "binary"}
    assert response["content"] == {"application/octet-stream": {"schema": binary}}


def test_files_are_sent_as_forms(contract: dict[str, Any]) -> None:
    """Files and parts are multipart forms; the encoding of the nested expiry is hidden from mock servers."""
    expiry = {"expires_after": {"style": "deepObject", "explode": True}}
    for path, encoding in (("/files", expiry), ("/uploads/{upload_id}/parts", None)):
        content = contract["paths"][path]["post"]["requestBody"]["content"]
        assert list(content) == ["multipart/form-data"]
        assert "encoding" not in content["multipart/form-data"]
        assert content["multipart/form-data"].get("x-encoding") == encoding


def test_jobs_are_filtered_by_bracketed_metadata(contract: dict[str, Any]) -> None:
    """The filter is written `metadata[key]=value`."""
    parameters = contract["paths"]["/fine_tuning/jobs"]["get"]["parameters"]
    (metadata,) = (parameter for parameter in parameters if parameter["name"] == "metadata")
    assert (metadata["style"], metadata["explode"]) == ("deepObject", True)
