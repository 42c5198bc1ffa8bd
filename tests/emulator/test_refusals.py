"""Every refusal has the hosted service's error envelope."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import MODEL, Caller, chat

JOBS = "/fine_tuning/jobs"


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer   ",
        "Basic abc",
        "sk-test",
        "Bearer sk-invalid",
        "Bearer sk-expired",
        "Bearer sk-expired-2024",
    ],
)
def test_a_missing_or_wrong_key_is_refused(caller: Caller, authorization: str | None) -> None:
    """No key, an empty key, and both kinds of refused keys give 401 with `invalid_api_key`."""
    headers = {"Authorization": authorization or ""}
    error = caller.refused(401, "GET", "/models", headers=headers)
    assert error["code"] == "invalid_api_key"
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize("key", ["x", "sk-proj-1", "a key with spaces", "sk-invalid-but-other"])
def test_any_other_key_is_accepted(caller: Caller, key: str) -> None:
    """The emulator has no list of valid keys."""
    assert caller.call("GET", "/models", headers={"Authorization": f"bearer {key}"}).is_success


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", f"{JOBS}/ftjob-none", "fine_tune_not_found"),
        ("POST", f"{JOBS}/ftjob-none/cancel", "fine_tune_not_found"),
        ("POST", f"{JOBS}/ftjob-none/pause", "fine_tune_not_found"),
        ("POST", f"{JOBS}/ftjob-none/resume", "fine_tune_not_found"),
        ("GET", f"{JOBS}/ftjob-none/events", "fine_tune_not_found"),
        ("GET", f"{JOBS}/ftjob-none/checkpoints", "fine_tune_not_found"),
        ("GET", "/files/file-none", None),
        ("DELETE", "/files/file-none", None),
        ("GET", "/files/file-none/content", None),
        ("GET", "/models/none", "model_not_found"),
        ("DELETE", "/models/ft:none", "model_not_found"),
        ("GET", "/files/%00%ff%2e%2e%20", None),
        ("GET", "/nowhere", "unknown_url"),
        ("GET", f"{JOBS}/", "unknown_url"),
        ("GET", "/files/a/b/c", "unknown_url"),
    ],
)
def test_an_unknown_id_or_path_is_404(caller: Caller, method: str, path: str, code: str | None) -> None:
    """Unknown identifiers and unknown paths have the envelope."""
    assert caller.refused(404, method, path)["code"] == code


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", JOBS, "POST"),
        ("DELETE", JOBS, "POST"),
        ("PATCH", "/files", "POST"),
        ("POST", "/models", "GET"),
        ("OPTIONS", "/models", "GET"),
        ("TRACE", "/models", "GET"),
    ],
)
def test_a_wrong_method_is_405_and_names_the_allowed_ones(
    caller: Caller, method: str, path: str, allowed: str
) -> None:
    """The Allow header names them."""
    response = caller.call(method, path)
    assert response.status_code == 405
    assert allowed in response.headers["allow"]


def test_a_base_model_cannot_be_deleted(caller: Caller) -> None:
    """Only the organization's own models can be deleted."""
    assert caller.refused(403, "DELETE", f"/models/{MODEL}")["code"] == "insufficient_permissions"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"not json", b'{"model": NaN}', b"\xff\xfe", b"[" * 100_000, b'{"a": "\\ud800"}'],
)
def test_malformed_json_is_400(caller: Caller, body: bytes) -> None:
    """Every kind of invalid JSON gives the same status."""
    headers = {"Content-Type": "application/json"}
    error = caller.refused(400, "POST", JOBS, content=body, headers=headers)
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize("body", [b"null", b"[]", b'"text"', b"1", b"{}"])
def test_json_that_is_not_a_job_is_400(caller: Caller, body: bytes) -> None:
    """A body must be an object with the required fields."""
    caller.refused(400, "POST", JOBS, content=body, headers={"Content-Type": "application/json"})


def test_a_body_of_another_type_is_400(caller: Caller) -> None:
    """Jobs are created only from JSON."""
    error = caller.refused(400, "POST", JOBS, data={"model": MODEL})
    assert error["code"] == "unsupported_content_type"


def test_a_huge_body_is_refused(caller: Caller) -> None:
    """A body takes a bounded amount of memory."""
    content = b'{"model": "' + b"x" * (9 * 1024 * 1024) + b'"}'
    headers = {"Content-Type": "application/json"}
    caller.refused(413, "POST", JOBS, content=content, headers=headers)


def supervised(**hyperparameters: Any) -> dict[str, Any]:
    """Return a supervised method with these hyperparameters."""
    return {"method": {"type": "supervised", "supervised": {"hyperparameters": hyperparameters}}}


def reinforced(grader: Any) -> dict[str, Any]:
    """Return a reinforcement method with this grader."""
    return {"method": {"type": "reinforcement", "reinforcement": {"grader": grader}}}


HYPERPARAMETERS = "method.supervised.hyperparameters"
GRADER = "method.reinforcement.grader"
PYTHON = {"type": "python", "name": "mine", "source": "def grade(sample, item): return 1"}


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"model": None}, "model"),
        ({"model": 5}, "model"),
        ({"model": "gpt-unheard-of"}, "model"),
        ({"training_file": "file-none"}, "training_file"),
        ({"training_file": ""}, "training_file"),
        ({"validation_file": "file-none"}, "validation_file"),
        ({"validation_file": 1}, "validation_file"),
        ({"seed": -1}, "seed"),
        ({"seed": 2147483648}, "seed"),
        ({"seed": "7"}, "seed"),
        ({"seed": 10**400}, "seed"),
        ({"suffix": ""}, "suffix"),
        ({"suffix": "x" * 65}, "suffix"),
        ({"metadata": {"k" * 65: "v"}}, "metadata"),
        ({"metadata": {"k": "v" * 513}}, "metadata"),
        ({"metadata": {"k": 1}}, "metadata"),
        ({"metadata": {str(n): "v" for n in range(17)}}, "metadata"),
        ({"metadata": []}, "metadata"),
        (supervised(n_epochs=0), f"{HYPERPARAMETERS}.n_epochs"),
        (supervised(n_epochs=51), f"{HYPERPARAMETERS}.n_epochs"),
        (supervised(n_epochs="many"), f"{HYPERPARAMETERS}.n_epochs"),
        (supervised(batch_size=257), f"{HYPERPARAMETERS}.batch_size"),
        (supervised(learning_rate_multiplier=0), f"{HYPERPARAMETERS}.learning_rate_multiplier"),
        (supervised(beta=0.1), f"{HYPERPARAMETERS}.beta"),
        ({"hyperparameters": {"n_epochs": True}}, "hyperparameters.n_epochs"),
        ({"method": {}}, "method.type"),
        ({"method": {"type": "magic"}}, "method.type"),
        ({"method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 3}}}}, "method.dpo."),
        ({"method": {"type": "reinforcement"}}, GRADER),
        (reinforced({"type": "magic"}), GRADER),
        (reinforced({"type": "python", "name": "mine"}), f"{GRADER}.source"),
        (reinforced({**PYTHON, "name": 1}), f"{GRADER}.name"),
        (
            reinforced({"type": "multi", "name": "all", "calculate_output": "a", "graders": {"a": {}}}),
            f"{GRADER}.graders[a]",
        ),
        ({"integrations": [{"type": "other"}]}, "integrations[0].type"),
        ({"integrations": [{"type": "wandb", "wandb": {}}]}, "integrations[0].wandb.project"),
        ({"integrations": [{"type": "wandb", "wandb": {"project": "p"}}] * 6}, "integrations"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_bad_field_is_named(caller: Caller, fields: dict[str, Any], param: str) -> None:
    """The error names the first bad field, and nothing is created."""
    body = {"model": MODEL, "training_file": caller.upload(chat()), **fields}
    error = caller.refused(400, "POST", JOBS, json=body)
    assert error["param"].startswith(param)
    assert error["message"]
    assert caller.get(JOBS)["data"] == []


@pytest.mark.parametrize("field", ["model", "training_file"])
def test_a_missing_field_is_named(caller: Caller, field: str) -> None:
    """A missing required field is the error's param."""
    body = {"model": MODEL, "training_file": "file-x"}
    del body[field]
    error = caller.refused(400, "POST", JOBS, json=body)
    assert (error["param"], error["code"]) == (field, "missing_required_parameter")


def test_a_file_of_another_purpose_cannot_be_trained_on(caller: Caller) -> None:
    """Training needs a file with the purpose fine-tune."""
    file = caller.upload(chat(), purpose="batch")
    body = {"model": MODEL, "training_file": file}
    assert caller.refused(400, "POST", JOBS, json=body)["param"] == "training_file"


def test_a_file_that_is_still_processed_cannot_be_trained_on_yet(caller: Caller) -> None:
    """Processing a large file takes time; then the job can be created."""
    file = caller.upload(chat(6000, words=40))
    assert caller.get(f"/files/{file}")["status"] == "uploaded"
    body = {"model": MODEL, "training_file": file}
    assert caller.refused(400, "POST", JOBS, json=body)["message"] == (
        f"File '{file}' is still being processed and is not ready to be used for fine-tuning."
        " Please try again later."
    )
    caller.emulator.advance(minutes=1)
    assert caller.get(f"/files/{file}")["status"] == "processed"
    caller.ask("POST", JOBS, json=body)


@pytest.mark.parametrize("limit", ["0", "-1", "many", "1.5", "", "٣"])
@pytest.mark.parametrize("path", [JOBS, "/files", "{job}/events", "{job}/checkpoints"])
def test_a_bad_limit_is_refused(caller: Caller, path: str, limit: str) -> None:
    """A limit is an integer of at least 1."""
    path = path.format(job=f"{JOBS}/{caller.create(chat())}")
    assert caller.refused(400, "GET", path, params={"limit": limit})["param"] == "limit"


@pytest.mark.parametrize("path", [JOBS, "{job}/events", "{job}/checkpoints", "/files"])
def test_a_cursor_that_is_not_in_the_list_is_refused(caller: Caller, path: str) -> None:
    """The message names the cursor."""
    path = path.format(job=f"{JOBS}/{caller.create(chat())}")
    for after in ("", "none", "ftevent-" + "0" * 24, "é" * 24):
        response = caller.call("GET", path, params={"after": after})
        assert response.status_code in (400, 404)
        assert response.json()["error"]["param"] == "after"


def test_a_filter_that_is_not_a_pair_is_refused(caller: Caller) -> None:
    """Metadata filters are written metadata[key]=value."""
    assert caller.refused(400, "GET", JOBS, params={"metadata": "team"})["param"] == "metadata"


def test_an_unneeded_body_is_ignored(caller: Caller) -> None:
    """Cancelling needs no body, and ignores one."""
    path = f"{JOBS}/{caller.create(chat())}/cancel"
    assert caller.ask("POST", path, content=b"x" * 100_000)["status"] == "cancelled"


def test_numbers_of_any_size_are_returned_unchanged(caller: Caller) -> None:
    """A number of more than 64 bits is returned unchanged."""
    method = reinforced({**PYTHON, "note": 10**30})["method"]
    method["reinforcement"]["hyperparameters"] = {"eval_interval": 10**30}
    job = caller.finished(caller.create(chat(), model="o4-mini", method=method))
    assert job["method"]["reinforcement"]["grader"]["note"] == 10**30
    assert job["method"]["reinforcement"]["hyperparameters"]["eval_interval"] == 10**30
