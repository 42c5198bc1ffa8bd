"""Files, permissions, actions and deletions are each carried out once, whatever the responses."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from finetuning_client import (
    BadRequest,
    InvalidResponse,
)

from .conftest import (
    DOUBTFUL,
    JSONL,
    FakeServer,
    created_file,
    each_doubtful,
    error_response,
    file_json,
    job_json,
    list_json,
)

UPLOAD = "POST /files"
LOOKS = 3
LOST = httpx.ReadError("reset")

OTHER_FILES = [{"filename": "valid.jsonl"}, {"bytes": 5}, {"purpose": "batch"}]


def upload(client: Any, filename: str = "train.jsonl") -> Any:
    """Upload a small file."""
    return client.files.upload(JSONL, filename=filename)


@pytest.mark.parametrize("other", OTHER_FILES, ids=str)
def test_file_of_another_request_is_not_adopted(client: Any, server: FakeServer, other: Any) -> None:
    """The right file is found by its name, size and purpose."""
    other_file = file_json(id="file-other", **other)
    server.enqueue(other_file, list_json(other_file, file_json(id="file-mine")))
    assert upload(client).id == "file-mine"
    assert server.calls == [UPLOAD, "GET /files"]


@pytest.mark.parametrize("other", OTHER_FILES, ids=str)
def test_file_of_another_request_is_never_sent_again(client: Any, server: FakeServer, other: Any) -> None:
    """The error says that the uploaded file may exist."""
    other_file = file_json(id="file-other", **other)
    server.enqueue(other_file, *[list_json(other_file)] * LOOKS)
    with pytest.raises(InvalidResponse, match="file-other belongs to another request") as e:
        upload(client)
    assert type(e.value) is InvalidResponse
    assert e.value.may_exist is True
    assert server.calls == [UPLOAD, *["GET /files"] * LOOKS]


def test_search_that_fails_leaves_the_error_of_the_creation(client: Any, server: FakeServer) -> None:
    """The error has its public class."""
    server.enqueue(file_json(id="file-other", filename="valid.jsonl"), *[httpx.Response(404)] * LOOKS)
    with pytest.raises(
        InvalidResponse, match=r"another request, with another name.*search for it failed"
    ) as e:
        upload(client)
    assert type(e.value) is InvalidResponse


@pytest.mark.parametrize(
    "changes",
    [{"filename": None}, {"filename": ""}, {"bytes": 0}, {"bytes": None}, {"purpose": None}],
    ids=str,
)
def test_file_with_missing_fields_is_adopted(client: Any, server: FakeServer, changes: Any) -> None:
    """Some servers omit fields that they do not know yet."""
    server.enqueue(lambda request: created_file(request, **changes))
    assert upload(client).id == "file-1"
    assert server.calls == [UPLOAD]


@pytest.mark.parametrize("shown", ['a "b" 5%.jsonl', "a %22b%22 5%.jsonl"])
def test_encoded_filename_is_the_same_name(client: Any, server: FakeServer, shown: str) -> None:
    """Quotation marks are sent encoded, and not every server decodes them."""
    mine = file_json(filename=shown)
    server.enqueue(mine, LOST, list_json(mine))
    assert upload(client, 'a "b" 5%.jsonl').id == "file-1"
    assert upload(client, 'a "b" 5%.jsonl').id == "file-1"
    assert server.calls == [UPLOAD, UPLOAD, "GET /files"]


@each_doubtful
def test_file_is_adopted_after_a_doubtful_refusal(client: Any, server: FakeServer, doubtful: Any) -> None:
    """A proxy may refuse a repeated request after the first one was carried out."""
    server.enqueue(doubtful, list_json(file_json(id="file-mine")))
    assert upload(client).id == "file-mine"
    assert server.calls == [UPLOAD, "GET /files"]


PERMISSION = {
    "id": "cp-1",
    "object": "checkpoint.permission",
    "created_at": 1_700_000_000,
    "project_id": "proj_a",
}


@pytest.mark.parametrize("first", [*DOUBTFUL, httpx.Response(200, json={}), LOST], ids=str)
def test_permission_is_adopted_after_a_doubtful_response(
    make_client: Any, server: FakeServer, first: Any
) -> None:
    """The client lists the permissions before it repeats the request."""
    server.enqueue(first, list_json(PERMISSION))
    found = make_client(admin_key="sk-admin").checkpoints.permissions.create("ft:x", ["proj_a"])
    assert [permission.id for permission in found] == ["cp-1"]
    assert len(server.requests) == 2


DELETED = {"id": "file-1", "object": "file", "deleted": True}


GARBAGE = [
    httpx.Response(200, html="<p>"),
    httpx.Response(200),
    httpx.Response(200, json={**DELETED, "id": "file-2"}),
    httpx.Response(200, json={**DELETED, "deleted": False}),
]


each_garbage = pytest.mark.parametrize("garbage", GARBAGE, ids=lambda response: response.text or "empty")


@each_garbage
def test_deletion_is_retried_after_a_success_of_another_kind(
    client: Any, server: FakeServer, garbage: httpx.Response
) -> None:
    """Only `deleted: true` with the same id is accepted."""
    server.enqueue(garbage, DELETED)
    assert client.files.delete("file-1").deleted is True


@each_garbage
def test_404_after_an_unreadable_deletion_counts_as_deleted(
    client: Any, server: FakeServer, garbage: httpx.Response
) -> None:
    """The first request may have deleted the file."""
    server.enqueue(garbage, error_response(404))
    deleted = client.files.delete("file-1")
    assert (deleted.id, deleted.deleted) == ("file-1", True)


@pytest.mark.parametrize("garbage", [httpx.Response(200), httpx.Response(200, json=job_json(id="ftjob-2"))])
def test_refused_cancellation_after_an_unreadable_success_returns_the_job(
    client: Any, server: FakeServer, garbage: httpx.Response
) -> None:
    """The first request cancelled the job."""
    server.enqueue(garbage, error_response(400), job_json(status="cancelled"))
    assert client.jobs.cancel("ftjob-1").status == "cancelled"


def test_refused_cancellation_of_a_finished_job_is_raised(client: Any, server: FakeServer) -> None:
    """No request cancelled it."""
    server.enqueue(httpx.Response(200), error_response(400), job_json(status="succeeded"))
    with pytest.raises(BadRequest):
        client.jobs.cancel("ftjob-1")


@each_doubtful
def test_refused_cancellation_after_a_doubtful_refusal_returns_the_job(
    client: Any, server: FakeServer, doubtful: Any
) -> None:
    """The first request may have worked, even if a proxy replaced its response."""
    server.enqueue(doubtful, error_response(400), job_json(status="cancelled"))
    assert client.jobs.cancel("ftjob-1").status == "cancelled"


@pytest.mark.parametrize("first", [LOST, *DOUBTFUL, error_response(503)], ids=repr)
def test_completed_upload_may_have_created_its_file(client: Any, server: FakeServer, first: Any) -> None:
    """The service refuses to complete an upload twice, and the file cannot be identified."""
    server.enqueue(first, error_response(400))
    with pytest.raises(BadRequest, match=r"The file may exist.*list of files") as e:
        client.uploads.complete("upload-1", ["part-1"])
    assert e.value.may_exist is True


def test_refused_completion_created_no_file(client: Any, server: FakeServer) -> None:
    """The only request was refused."""
    server.enqueue(error_response(400))
    with pytest.raises(BadRequest, match="No file was created") as e:
        client.uploads.complete("upload-1", ["part-1"])
    assert e.value.may_exist is False
