"""Requests to compatible servers: undocumented fields, and other limits than those of the contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from finetuning_client import (
    ConfigurationError,
    ConnectionFailed,
    DatasetError,
    InvalidRequestError,
    RetryPolicy,
    ServerError,
)

from .conftest import FakeServer, created_file, created_job, file_json, job_json, list_json

TWICE = RetryPolicy(max_attempts=2)
TOKEN = "finetuning_request"


def create(client: Any, **arguments: Any) -> Any:
    """Create a job with an uploaded file."""
    return client.jobs.create(**{"model": "m", "training_file": "file-train", **arguments})


# Extra fields


def test_extra_fields_are_sent_with_those_of_the_contract(client: Any, server: FakeServer) -> None:
    """A field has any JSON value, copied when the call is made."""
    extra: dict[str, Any] = {"lora": {"r": 8, "alpha": (1, 2.5)}, "packing": True, "note": None, "über": "ä"}
    server.enqueue(created_job)
    create(client, seed=5, extra=extra)
    body = server.body(0)
    assert {name: body[name] for name in extra} == {**extra, "lora": {"r": 8, "alpha": [1, 2.5]}}
    assert (body["model"], body["seed"], set(body) - set(extra)) == (
        "m",
        5,
        {"model", "training_file", "seed", "metadata"},
    )


def test_extra_fields_are_sent_with_every_attempt(client: Any, server: FakeServer) -> None:
    """A retry after a 503 has them too."""
    message = "File 'f' is still being processed and is not ready to be used"
    server.enqueue(httpx.Response(400, json={"error": {"message": message}}), created_job)
    create(client, extra={"lora": True})
    assert [server.body(index)["lora"] for index in (0, 1)] == [True, True]


@pytest.mark.parametrize(
    "name",
    ["model", "training_file", "validation_file", "method", "suffix", "seed", "integrations", "metadata"],
)
def test_extra_field_of_the_contract_is_refused(client: Any, server: FakeServer, name: str) -> None:
    """The message names the argument to use."""
    with pytest.raises(InvalidRequestError, match=f"pass it as the argument {name}=") as caught:
        create(client, extra={name: 1})
    assert (caught.value.field, caught.value.may_exist) == (f"extra.{name}", False)
    assert server.requests == []


def cyclic() -> dict[str, Any]:
    """Return an object that contains itself."""
    found: dict[str, Any] = {}
    found["self"] = found
    return found


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ([("a", 1)], "extra: must be a dict"),
        ("a", "extra: must be a dict"),
        ({1: 2}, "extra: must be a dict with non-empty strings as keys"),
        ({"": 2}, "extra: must be a dict with non-empty strings as keys"),
        ({"a": {1: 2}}, "extra.a: must be an object with strings as keys"),
        ({"a": [{"b": {1, 2}}]}, r"extra.a\[0\].b: must be a JSON value"),
        ({"a": float("nan")}, "extra.a: must be a JSON value"),
        ({"a": b"x"}, "extra.a: must be a JSON value"),
        ({"a": Path("x")}, "extra.a: must be a JSON value"),
        ({"a": cyclic()}, "extra: must be nested at most"),
        ({"a": "\ud800"}, "cannot be written as JSON"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_extra_that_is_not_json_is_refused(client: Any, server: FakeServer, extra: Any, message: str) -> None:
    """The error names the place; no request is sent."""
    with pytest.raises(InvalidRequestError, match=message):
        create(client, extra=extra)
    assert server.requests == []


def test_unknown_argument_suggests_extra(client: Any) -> None:
    """The error for an argument that only one server has suggests `extra`."""
    with pytest.raises(TypeError, match=r"extra=\{'lora_rank'"):
        create(client, lora_rank=8)


def test_inline_data_replaces_the_training_file(client: Any, server: FakeServer) -> None:
    """No file is uploaded, and the request has no training file."""
    server.enqueue(created_job)
    client.jobs.create(model="m", extra={"training_data": [{"messages": []}]})
    assert server.calls == ["POST /fine_tuning/jobs"]
    assert "training_file" not in server.body(0)
    assert server.body(0)["training_data"] == [{"messages": []}]


@pytest.mark.parametrize("extra", [None, {}])
def test_training_file_is_required_without_inline_data(client: Any, server: FakeServer, extra: Any) -> None:
    """The error names the alternatives."""
    with pytest.raises(TypeError, match="missing 'training_file'"):
        client.jobs.create(model="m", extra=extra)
    with pytest.raises(InvalidRequestError, match=r"training_file: must be a file id.*extra="):
        client.jobs.create(model="m", training_file=None, extra=extra)
    assert server.requests == []


def test_validation_file_with_inline_data_is_uploaded(client: Any, server: FakeServer, train: Path) -> None:
    """Only the training data is inline."""
    server.enqueue(created_file, file_json(), created_job)
    client.jobs.create(model="m", validation_file=train, extra={"training_data": ["x"]})
    assert server.body(2)["validation_file"] == "file-1"


# Exactly once without a training file


@pytest.mark.parametrize(
    "echo", [{}, {"training_file": None}, {"training_file": "file-of-the-server"}], ids=str
)
def test_lost_creation_of_inline_data_is_found_by_its_token(
    client: Any, server: FakeServer, echo: dict[str, Any]
) -> None:
    """The server may make any file from the data."""

    def listed(_: httpx.Request) -> httpx.Response:
        ours = job_json(id="ftjob-ours", metadata=server.body(0)["metadata"], **echo)
        other = job_json(id="ftjob-other", metadata={TOKEN: "another"})
        return httpx.Response(200, json=list_json(other, ours))

    server.enqueue(httpx.ReadError("reset"), listed)
    assert client.jobs.create(model="m", extra={"training_data": ["x"]}).id == "ftjob-ours"
    assert [call.split()[0] for call in server.calls] == ["POST", "GET"]


def test_lost_creation_of_inline_data_is_not_repeated_in_doubt(make_client: Any, server: FakeServer) -> None:
    """A new job without a token may be the lost one, whatever its training file."""
    new = job_json(id="ftjob-new", created_at=1_700_000_000, training_file="file-any", metadata=None)

    def respond(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            raise httpx.ReadError("reset")
        return httpx.Response(200, json=list_json(new))

    server.handler = respond
    with pytest.raises(
        ConnectionFailed, match="ftjob-new is new, but does not say which request created it"
    ) as caught:
        make_client(retry=TWICE).jobs.create(model="m", extra={"training_data": ["x"]})
    assert caught.value.may_exist is True
    assert sum(request.method == "POST" for request in server.requests) == 1


@pytest.mark.parametrize("old", ["1600000000", 1_600_000_000_000, "2020-09-13T12:26:40Z"])
def test_search_reads_times_of_every_form(make_client: Any, server: FakeServer, old: Any) -> None:
    """An old job without a token does not count as new."""
    replies = iter([httpx.ReadError("reset"), None])

    def respond(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=list_json(job_json(created_at=old, metadata=None)))
        failure = next(replies)
        if failure:
            raise failure
        return created_job(request)

    server.handler = respond
    assert create(make_client(retry=TWICE)).id == "ftjob-1"
    assert sum(request.method == "POST" for request in server.requests) == 2


# Limits

OVER = {
    "suffix": "s" * 65,
    "seed": -1,
    "integrations": [{"type": "wandb", "wandb": {"project": "p"}}] * 6,
    "metadata": {"k" * 65: "v" * 513},
    "hyperparameters": {"n_epochs": 51, "batch_size": 1024, "learning_rate_multiplier": 0, "epochs": 3},
}


@pytest.mark.parametrize("name", OVER)
def test_without_limits_bounds_lengths_and_listed_values_are_ignored(
    make_client: Any, server: FakeServer, name: str
) -> None:
    """With the contract's limits, the same value is refused."""
    with pytest.raises(InvalidRequestError, match=name):
        create(make_client(), **{name: OVER[name]})
    server.enqueue(created_job)
    create(make_client(limits="none", exactly_once=False), **{name: OVER[name]})
    assert server.body(0)[name] == OVER[name]


@pytest.mark.parametrize(
    "method",
    [
        {"type": "grpo", "grpo": {"hyperparameters": {"beta": 9}}},
        {
            "type": "supervised",
            "supervised": {"hyperparameters": {"n_epochs": 500, "batch_size": "SIZE_FOUR"}},
        },
    ],
    ids=str,
)
def test_without_limits_other_methods_are_accepted(make_client: Any, server: FakeServer, method: Any) -> None:
    """A server may have its own methods, and its own words as values."""
    with pytest.raises(InvalidRequestError):
        create(make_client(), method=method)
    server.enqueue(created_job)
    create(make_client(limits="none"), method=method)
    assert server.body(0)["method"] == method


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"suffix": 5}, "suffix: must be a string"),
        ({"seed": "7"}, "seed: must be a whole number"),
        ({"model": None}, "model: must be a string"),
        ({"training_file": None}, "training_file: must be a file id"),
        ({"metadata": {"a": 1}}, "metadata.a: must be a string"),
        ({"hyperparameters": {"n_epochs": [1]}}, "hyperparameters.n_epochs"),
        ({"integrations": [{"type": "wandb"}]}, "wandb: is required"),
        ({"method": {"supervised": {}}}, "type"),
    ],
    ids=str,
)
def test_types_and_required_fields_are_checked_without_limits(
    make_client: Any, server: FakeServer, arguments: dict[str, Any], message: str
) -> None:
    """Values that no server could read are refused."""
    with pytest.raises(InvalidRequestError, match=message):
        create(make_client(limits="none"), **arguments)
    assert server.requests == []


def test_without_limits_every_operation_is_unlimited(make_client: Any, server: FakeServer) -> None:
    """This applies to lists, uploads and graders, and to derived clients."""
    client = make_client(limits="none").with_options(timeout=5)
    server.enqueue(
        {"object": "list", "data": [], "has_more": False},
        file_json(purpose="train", filename="data", bytes=1),
        {"id": "upload_1", "object": "upload", "status": "pending"},
    )
    assert list(client.files.list(page_size=20_000, purpose="train", order="random")) == []
    client.files.upload(b"x", purpose="train", filename="data", expires_after=1)
    client.uploads.create(filename="f", bytes=10**12, purpose="train", expires_after=1)
    assert len(server.requests) == 3
    for call in (
        lambda limited: list(limited.files.list(page_size=20_000)),
        lambda limited: limited.files.upload(b"x", purpose="train", filename="data"),
        lambda limited: limited.uploads.create(filename="f", bytes=1, purpose="train"),
    ):
        with pytest.raises((InvalidRequestError, DatasetError)):
            call(make_client())


@pytest.mark.parametrize("limits", ["None", "", None, True, 0, ["none"]], ids=repr)
def test_other_limits_are_refused(make_client: Any, limits: Any) -> None:
    """The error names both allowed values."""
    with pytest.raises(ConfigurationError, match="limits must be 'contract' or 'none'"):
        make_client(limits=limits)


@pytest.mark.parametrize("file", ["folder/data.jsonl", "data.jsonl"])
def test_file_ids_that_look_like_paths_need_no_limits(
    make_client: Any, server: FakeServer, file: str
) -> None:
    """Some servers use file names as ids; by default they are treated as a mistake."""
    with pytest.raises(InvalidRequestError, match="write Path"):
        create(make_client(), training_file=file)
    server.enqueue(created_job)
    create(make_client(limits="none"), training_file=file)
    assert server.body(0)["training_file"] == file


@pytest.mark.parametrize("file", ["gs://bucket/t.jsonl", "s3%3A%2F%2Fb%2Ft.jsonl"])
def test_url_of_a_gateway_is_a_file_id(client: Any, server: FakeServer, file: str) -> None:
    """The URL may be encoded or not."""
    server.enqueue(created_job)
    create(client, training_file=file)
    assert server.body(0)["training_file"] == file


def test_server_error_has_the_hint_only_for_its_message(make_client: Any, server: FakeServer) -> None:
    """Other refusals get no hint about Azure."""
    server.handler = lambda _: httpx.Response(500, json={"detail": "broken"})
    with pytest.raises(ServerError) as caught:
        create(make_client(retry=RetryPolicy(max_attempts=1), exactly_once=False))
    assert "Azure" not in str(caught.value)
    assert json.loads(caught.value.body) == {"detail": "broken"}
