"""Invalid arguments and unusable responses each give one clear error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from finetuning_client import (
    FineTuningError,
    InvalidRequestError,
    InvalidResponse,
    RetryPolicy,
)

from .conftest import FakeServer, event_json, job_json, list_json


async def _coroutine_function(_: Any) -> None:
    """A callback that would never be awaited."""


INVALID_CALLS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a number as id": (lambda c: c.jobs.retrieve(5), "printable string"),
    "bytes as id": (lambda c: c.files.delete(b"file-1"), "printable string"),
    "an object as id": (lambda c: c.jobs.cancel(object()), "such as job.id"),
    "a line break in an id": (lambda c: c.jobs.pause("ftjob-1\n"), "printable string"),
    "half a surrogate pair as id": (lambda c: c.jobs.resume("\ud800"), "printable string"),
    "an empty id": (lambda c: c.models.retrieve(""), "non-empty"),
    "a text as metadata": (lambda c: list(c.jobs.list(metadata="x")), "metadata: must be a dict"),
    "a number as cursor": (lambda c: list(c.jobs.list(after=5)), "after: must be"),
    "a number as file name": (lambda c: c.files.upload(b"{}", filename=5), "filename: must be"),
    "an empty file name": (lambda c: c.files.upload(b"{}", filename=""), "filename: must be"),
    "a number as state": (lambda c: c.files.upload(b"{}", state=5), "state: must be a path"),
    "a number as progress": (lambda c: c.files.upload(b"{}", on_progress=5), "on_progress: must be"),
    "no parts": (lambda c: c.uploads.complete("upload_1", None), "part_ids: must be a list"),
    "a text as parts": (lambda c: c.uploads.complete("upload_1", "part_1"), "part_ids: must be a list"),
    "no projects": (lambda c: c.checkpoints.permissions.create("ft:m", []), "a list of one or more"),
    "an empty project": (lambda c: c.checkpoints.permissions.create("ft:m", [""]), "a list of one or more"),
}


@pytest.mark.parametrize(("call", "message"), INVALID_CALLS.values(), ids=INVALID_CALLS)
def test_invalid_argument_is_refused_before_sending(
    make_client: Callable[..., Any], server: FakeServer, call: Callable[[Any], Any], message: str
) -> None:
    """The error names the argument and its requirement."""
    with pytest.raises(InvalidRequestError, match=message):
        call(make_client(admin_key="sk-admin"))
    assert server.requests == []


@pytest.mark.parametrize("function", [5, _coroutine_function])
def test_callback_must_be_an_ordinary_function(client: Any, server: FakeServer, function: Any) -> None:
    """A coroutine function would never be awaited."""
    server.enqueue(job_json())
    job = client.jobs.retrieve("ftjob-1")
    with pytest.raises(InvalidRequestError, match="on_update"):
        job.wait(on_update=function)


@pytest.mark.parametrize("name", ["on_request", "on_response"])
def test_hook_must_be_a_function(make_client: Callable[..., Any], name: str) -> None:
    """It is refused when the client is made."""
    with pytest.raises(FineTuningError, match=name):
        make_client(**{name: 5})


def test_follow_after_an_unknown_event_is_refused(client: Any, server: FakeServer) -> None:
    """Following from the first event instead would be wrong."""
    server.enqueue(job_json(), job_json(), list_json(event_json(2), event_json(1)))
    job = client.jobs.retrieve("ftjob-1")
    with pytest.raises(InvalidRequestError, match="no event 'ftevent-9'"):
        list(job.follow(after="ftevent-9"))


def test_html_page_is_not_accepted_as_file_content(client: Any, server: FakeServer, tmp_path: Path) -> None:
    """A login page of a proxy is requested again, then raises an error, and leaves no file."""
    server.handler = lambda _: httpx.Response(200, html="<p>sign in</p>")
    with pytest.raises(InvalidResponse, match="sign in"):
        client.files.content("file-1")
    with pytest.raises(InvalidResponse, match="sign in"):
        client.files.download("file-1", tmp_path / "copy.jsonl")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "body",
    [
        {"id": "file-1", "object": "file", "deleted": False},
        {"id": "file-1", "object": "file", "deleted": None},
        {"id": "file-1", "object": "file", "deleted": "true"},
        {"id": "file-1", "object": "file"},
        {"id": "file-2", "object": "file", "deleted": True},
        {"object": "file", "deleted": True},
        {},
    ],
    ids=str,
)
def test_response_that_does_not_confirm_the_deletion_raises(
    make_client: Any, server: FakeServer, body: dict[str, Any]
) -> None:
    """Only `deleted: true` with the same id is a success."""
    client = make_client(retry=RetryPolicy(max_attempts=2))
    server.enqueue(body, body)
    with pytest.raises(InvalidResponse, match="DELETE /files/file-1"):
        client.files.delete("file-1")
    assert len(server.requests) == 2
