"""The table in `docs/other-servers.md` and every recorded response of other servers hold for both clients."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from finetuning_client import (
    ApiError,
    InvalidRequestError,
    RetryPolicy,
)

from .conftest import FakeServer, file_json, job_json
from .other_servers import RECORDED, SERVERS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "other-servers.md").read_text(encoding="utf-8")
ONCE = RetryPolicy(max_attempts=1)


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading of the page, without the header row."""
    part = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


OPERATIONS = ("create", "read", "list", "wait", "follow", "cancel", "errors")
CELLS = [
    (row[0], operation, cell)
    for row in rows("What works where")
    for operation, cell in zip(OPERATIONS, row[1:], strict=True)
    if cell != "-"
]
INLINE = {"training_data": ["inline"], "training_files": [{"file_id": "f", "weight": 1}]}
CREATIONS: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # A setting of the table: options of the client, and arguments of create.
    "works": ({}, {"training_file": "file-1"}),
    "`training_type=`": ({"training_type": "GlobalStandard"}, {"training_file": "file-1"}),
    '`limits="none"`': (
        {"limits": "none"},
        {"training_file": "file-1", "hyperparameters": {"batch_size": 1024, "lora_rank": 16}},
    ),
    "`extra=`": ({}, {"extra": INLINE}),
}


def carry_out(client: Any, operation: str, job_id: str) -> Any:
    """Carry out an operation of the table; return a true value."""
    if operation == "list":
        return [job.id for job in client.jobs.list()]
    if operation == "cancel":
        return client.jobs.cancel(job_id).id
    if operation == "wait":
        return client.jobs.wait_all([job_id], check=False)[0].status.is_terminal
    if operation == "follow":
        return [event for _, event in client.jobs.follow_all([job_id])]
    return client.jobs.retrieve(job_id).id


def test_table_has_every_server_once() -> None:
    """Every fake server is described, and every described server has a fake."""
    assert [row[0] for row in rows("What works where")] == list(SERVERS)


@pytest.mark.parametrize(
    ("name", "operation", "cell"), [cell for cell in CELLS if cell[1] not in ("create", "errors")]
)
def test_operation_works_or_is_reported_as_missing(
    make_client: Any, server: FakeServer, name: str, operation: str, cell: str
) -> None:
    """Each cell of the table is tested with the statuses, shapes and errors of the server."""
    server.handler = SERVERS[name].handler()
    client = make_client(retry=ONCE)
    job_id = str(SERVERS[name].job.get("id", "job-1"))
    if cell == "works":
        assert carry_out(client, operation, job_id)
        return
    assert cell == "not offered"
    with pytest.raises(ApiError, match="does not seem to offer this part of the fine-tuning API"):
        carry_out(client, operation, job_id)


@pytest.mark.parametrize(("name", "cell"), [(name, cell) for name, o, cell in CELLS if o == "create"])
def test_creation_works_with_the_setting_of_the_table(
    make_client: Any, make_azure: Any, server: FakeServer, name: str, cell: str
) -> None:
    """Without the setting, the server or the client refuses the job."""
    server.handler = SERVERS[name].handler()
    make = make_azure if name.startswith("Azure") else make_client
    if cell == "not offered":
        with pytest.raises(ApiError, match="fine-tuning"):
            make(retry=ONCE).jobs.create(model="m", training_file="file-1")
        return
    options, arguments = CREATIONS[cell]
    if cell != "works":
        plain = arguments if options else {"training_file": "file-1"}
        with pytest.raises((ApiError, ValueError)):
            make(retry=ONCE).jobs.create(model="m", suffix="mine", **plain)
    job = make(retry=ONCE, **options).jobs.create(model="m", suffix="mine", **arguments)
    assert job.id == SERVERS[name].job["id"]


@pytest.mark.parametrize("name", [name for name, operation, _ in CELLS if operation == "errors"])
def test_error_of_a_server_has_its_message(make_client: Any, server: FakeServer, name: str) -> None:
    """For every shape, the message is this sentence, without JSON and without a wrong hint."""
    body, sentence = SERVERS[name].error
    server.enqueue(httpx.Response(422, json=body), httpx.Response(404, json=body))
    client = make_client(retry=ONCE)
    for status in (422, 404):
        with pytest.raises(ApiError) as caught:
            client.jobs.retrieve("job-1")
        assert str(caught.value).startswith(f"GET /fine_tuning/jobs/job-1: {status}: {sentence} (1 attempt)")
        assert ("does not seem to offer" in str(caught.value)) is (name == "LocalAI")


def read(client: Any, server: FakeServer, body: Mapping[str, Any]) -> Any:
    """Return the job that the server sends."""
    server.enqueue(dict(body))
    return client.jobs.retrieve(body["id"])


@pytest.mark.parametrize(
    ("provider", "index", "expected"),
    [
        (
            "azure",
            0,
            {"status.outcome": "succeeded", "finished_at": datetime(2022, 3, 1, 9, 35, 11, tzinfo=UTC)},
        ),
        ("azure", 1, {"status.outcome": "cancelled", "organization_id": None, "result_files": []}),
        (
            "nebius",
            0,
            {"status.is_active": True, "trained_tokens": 123, "error": None, "organization_id": None},
        ),
        (
            "together",
            0,
            {
                "status.outcome": "succeeded",
                "created_at": datetime(2025, 2, 2, 10, tzinfo=UTC),
                "validation_file": None,
            },
        ),
        ("mistral", 0, {"status.outcome": "succeeded", "training_file": None, "seed": None}),
        (
            "llmariner",
            0,
            {
                "status.outcome": "cancelled",
                "created_at": datetime(2024, 7, 3, 9, 46, 40, tzinfo=UTC),
                "finished_at": datetime(2024, 7, 3, 9, 56, 40, tzinfo=UTC),
            },
        ),
        (
            "portkey-vertex",
            0,
            {
                "status.is_active": True,
                "created_at": datetime(2024, 10, 27, 3, 33, 20, tzinfo=UTC),
                "trained_tokens": 1000,
                "hyperparameters.n_epochs": 3,
                "hyperparameters.batch_size": None,
                "training_file": "gs%3A%2F%2Fb%2Ft.jsonl",
            },
        ),
        ("opea", 0, {"status.outcome": "succeeded", "training_file": "alpaca_data.json", "result_files": []}),
        (
            "vlm.run",
            0,
            {"status.outcome": "succeeded", "created_at": datetime(2023, 11, 7, 5, 31, 56, tzinfo=UTC)},
        ),
        (
            "scalegen",
            0,
            {
                "status.is_active": True,
                "error": None,
                "created_at": None,
                "finished_at": None,
                "fine_tuned_model": None,
                "validation_file": None,
            },
        ),
    ],
)
def test_recorded_job_is_read(
    client: Any, server: FakeServer, provider: str, index: int, expected: Mapping[str, Any]
) -> None:
    """Every attribute can be read, these have the right values, and `to_dict` returns the original."""
    body = RECORDED[provider]["job"][index]
    job = read(client, server, body)
    assert job.to_dict() == body
    for path, value in expected.items():
        found = job
        for name in path.split("."):
            found = getattr(found, name)
        assert found == value, path
    for name in (name for name in dir(type(job)) if not name.startswith("_")):
        getattr(job, name)


def test_recorded_list_of_jobs_is_read(client: Any, server: FakeServer) -> None:
    """The items are under `jobs`, and no field says whether more follow."""
    server.enqueue(RECORDED["tenstorrent"]["list"][0])
    (job,) = client.jobs.list()
    assert (job.id, job.status.meaning) == ("8b1f", "active")


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        ("azure", ["Job enqueued. Waiting for jobs ahead to complete.", "Job started.", "Job succeeded."]),
        ("together", ["Fine tune request created"]),
    ],
)
def test_recorded_events_are_followed(
    client: Any, server: FakeServer, provider: str, expected: list[str]
) -> None:
    """Events are listed oldest first, possibly without ids; each is yielded once, and the cursor resumes."""
    events = RECORDED[provider]["event"][0]
    done = job_json(status="completed")

    def respond(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=events if request.url.path.endswith("events") else done)

    server.handler = respond
    job = client.jobs.retrieve("ftjob-1")
    followed = list(job.follow())
    assert [event.message for event in followed] == expected
    assert all(event.created_at is not None and event.created_at.year > 2000 for event in followed)
    assert list(client.jobs.retrieve("ftjob-1").follow(after=str(job.cursor))) == []


def test_recorded_file_of_azure_is_waited_for(client: Any, server: FakeServer) -> None:
    """The file is pending at first, and has no size."""
    pending = RECORDED["azure"]["file"][0]
    server.enqueue(pending, {**pending, "status": "processed"})
    file = client.files.wait_processed(pending["id"])
    assert (file.status.outcome, file.bytes) == ("succeeded", None)


@pytest.mark.parametrize(
    ("provider", "message", "param"),
    [
        ("nebius", "training_file: field required", "training_file"),
        ("mistral", "Model not available for this type of fine-tuning (completion).", None),
        ("llmariner", "get job: record not found", None),
        ("localai", "fine-tuning service is not available", None),
    ],
)
def test_recorded_error_is_a_sentence(
    make_client: Any, server: FakeServer, provider: str, message: str, param: str | None
) -> None:
    """The message contains no JSON."""
    server.enqueue(httpx.Response(400, json=RECORDED[provider]["error"][0]))
    with pytest.raises(ApiError) as caught:
        make_client(retry=ONCE).jobs.retrieve("job-1")
    assert str(caught.value).startswith(f"GET /fine_tuning/jobs/job-1: 400: {message} (1 attempt)")
    assert caught.value.param == param


# Azure


# Connections


def test_headers_reach_the_server(make_client: Any, server: FakeServer) -> None:
    """These are the headers of the client and of `with_options`, and the key under another name."""
    client = make_client(headers={"x-team": "nlp"}, key_header="x-gateway-key")
    server.enqueue(job_json(), job_json())
    client.jobs.retrieve("ftjob-1")
    client.with_options(headers={"x-trace": "1"}).jobs.retrieve("ftjob-1")
    assert [r.headers["x-team"] for r in server.requests] == ["nlp", "nlp"]
    assert server.requests[1].headers["x-trace"] == "1"
    assert server.requests[0].headers["x-gateway-key"] == "sk-test"


@pytest.mark.parametrize(
    ("file_id", "sent"),
    [
        ("gs%3A%2F%2Fb%2Ft.jsonl", "gs%3A%2F%2Fb%2Ft.jsonl"),
        ("arn%3Aaws%3Abedrock%3Ajob%2F1", "arn%3Aaws%3Abedrock%3Ajob%2F1"),
        ("gs://b/t.jsonl", "gs%3A%2F%2Fb%2Ft.jsonl"),
        ("a%2Fb", "a%252Fb"),
        ("50%", "50%25"),
        ("s3%3A%FF", "s3%253A%25FF"),
        ("s3%3A..%2F..%2Fmodels", "s3%3A..%2F..%2Fmodels"),
    ],
)
def test_id_is_encoded_once(client: Any, server: FakeServer, file_id: str, sent: str) -> None:
    """An encoded URL of a gateway is sent unchanged; the response may have either form of the id."""
    server.enqueue(file_json(id=file_id), file_json(id=sent if "%25" not in sent else file_id))
    assert [client.files.retrieve(file_id).id for _ in range(2)] == [file_id, file_id]
    assert {request.url.raw_path for request in server.requests} == {f"/v1/files/{sent}".encode()}


def test_jobs_of_a_gateway_are_waited_for_by_either_form_of_their_ids(
    client: Any, server: FakeServer
) -> None:
    """The handle keeps the id that was requested."""
    server.handler = lambda _: httpx.Response(200, json=job_json(id="arn:aws:job/1", status="Completed"))
    (job,) = client.jobs.wait_all(["arn%3Aaws%3Ajob%2F1"])
    assert job.id == "arn%3Aaws%3Ajob%2F1"


@pytest.mark.parametrize("file_id", ["gs%3A%2F%2Fb%2Ft.jsonl", "s3://b/t.jsonl"])
def test_file_id_of_a_gateway_is_sent_unchanged(client: Any, server: FakeServer, file_id: str) -> None:
    """An id in a body is neither encoded nor decoded."""
    server.enqueue(job_json(training_file="gs://b/t.jsonl" if file_id.startswith("gs") else file_id))
    client.jobs.create(model="m", training_file=file_id)
    assert server.body(0)["training_file"] == file_id


def test_encoded_id_with_a_line_break_is_refused(client: Any, server: FakeServer) -> None:
    """The decoded id is checked."""
    with pytest.raises(InvalidRequestError, match="printable"):
        client.files.retrieve("s3%3A%2F%2Fb%0Ax")
    assert server.requests == []


def test_known_statuses_are_not_logged(
    caplog: pytest.LogCaptureFixture, client: Any, server: FakeServer
) -> None:
    """Documented statuses of other servers are not reported."""
    server.enqueue(job_json(status="notRunning"), job_json(status="SUCCESS"))
    with caplog.at_level(logging.WARNING, "finetuning_client"):
        client.jobs.wait_all(["ftjob-1"])
    assert not caplog.records
