"""After a lost response to an upload, the file is found, or sent again once."""

from __future__ import annotations

from email.utils import formatdate
from pathlib import Path
from typing import Any

import httpx
import pytest

from finetuning_client import (
    BadRequest,
    ConnectionFailed,
    InvalidResponse,
    RetryPolicy,
    ServerError,
)

from .conftest import (
    JSONL,
    FakeServer,
    error_response,
    file_json,
    list_json,
    multipart_parts,
)

UPLOAD = "POST /files"
LIST = "GET /files"
NOW = 1_700_000_000

LOST = {
    "reset": httpx.ReadError("reset"),
    "timed out": httpx.ReadTimeout("timed out"),
    "502": httpx.Response(502, html="<p>"),
    "408": error_response(408),
    "unreadable": httpx.Response(200, html="<p>"),
}


SEARCHES = 3
"""The number of searches without a result before the file is sent again."""


each_loss = pytest.mark.parametrize("lost", LOST.values(), ids=LOST)


def listing(*files: dict[str, Any], clock: float | None = NOW) -> httpx.Response:
    """Return a list of files; `clock` is the server's time in the `Date` header, `None` for no header."""
    headers = {} if clock is None else {"Date": formatdate(clock, usegmt=True)}
    return httpx.Response(200, json=list_json(*files), headers=headers)


@each_loss
def test_file_is_adopted_after_a_lost_response(
    client: Any, server: FakeServer, train: Path, lost: Any
) -> None:
    """A new file with the same name, size and purpose is adopted; it is not sent again."""
    server.enqueue(lost, listing(file_json(id="file-other", bytes=3), file_json(id="file-mine")))
    assert client.files.upload(train).id == "file-mine"
    assert server.calls == [UPLOAD, LIST]


def test_file_that_appears_late_is_adopted(client: Any, server: FakeServer, train: Path) -> None:
    """The search lasts a while because a slow server may still be working."""
    server.enqueue(
        httpx.ReadError("reset"), *[listing()] * (SEARCHES - 1), listing(file_json(id="file-mine"))
    )
    assert client.files.upload(train).id == "file-mine"
    assert server.calls.count(UPLOAD) == 1


@each_loss
def test_upload_is_retried_if_no_file_is_found(
    client: Any, server: FakeServer, train: Path, lost: Any
) -> None:
    """The complete file is sent again."""
    server.enqueue(lost, *[listing()] * SEARCHES, file_json())
    assert client.files.upload(train).id == "file-1"
    assert server.calls == [UPLOAD, *[LIST] * SEARCHES, UPLOAD]
    assert multipart_parts(server.requests[-1])["file"][1] == JSONL


def test_unreadable_success_without_a_file_is_raised_in_the_end(
    make_client: Any, server: FakeServer, train: Path
) -> None:
    """A proxy has sent the response instead of the service."""
    client = make_client(retry=RetryPolicy(max_attempts=2))
    attempt = [httpx.Response(200, html="<p>"), *[listing()] * SEARCHES]
    server.enqueue(*attempt, *attempt)
    with pytest.raises(InvalidResponse, match="The file may exist") as e:
        client.files.upload(train)
    assert e.value.may_exist is True
    assert server.calls == [UPLOAD, *[LIST] * SEARCHES] * 2


@pytest.mark.parametrize(
    "other",
    [
        {"filename": "valid.jsonl"},
        {"bytes": 1},
        {"purpose": "batch"},
        {"created_at": NOW - 3600},
        {"created_at": NOW - 60},
    ],
    ids=str,
)
def test_different_or_older_file_is_not_adopted(
    client: Any, server: FakeServer, train: Path, other: Any
) -> None:
    """The name, size, purpose or time of creation differs."""
    server.enqueue(
        httpx.ReadError("reset"), *[listing(file_json(**other))] * SEARCHES, file_json(id="file-new")
    )
    assert client.files.upload(train).id == "file-new"


@pytest.mark.parametrize("skew", [-86_400, -10, 10, 86_400])
def test_new_files_are_recognised_by_the_clock_of_the_server(
    client: Any, server: FakeServer, train: Path, skew: int
) -> None:
    """The clocks of client and server may differ by a day."""
    older = file_json(id="file-older", created_at=NOW + skew - 60)
    mine = file_json(id="file-mine", created_at=NOW + skew)
    server.enqueue(httpx.ReadError("reset"), listing(older, mine, clock=NOW + skew))
    assert client.files.upload(train).id == "file-mine"
    searches = [listing(older, clock=NOW + skew)] * SEARCHES
    server.enqueue(httpx.ReadError("reset"), *searches, file_json(id="file-new"))
    assert client.files.upload(train).id == "file-new"


def test_server_without_a_date_header_may_differ_by_five_minutes(
    client: Any, server: FakeServer, train: Path
) -> None:
    """With a larger difference the file would be sent twice."""
    server.enqueue(httpx.ReadError("reset"), listing(file_json(created_at=NOW - 200), clock=None))
    assert client.files.upload(train).id == "file-1"


def test_failed_search_raises_instead_of_retrying(make_client: Any, server: FakeServer, train: Path) -> None:
    """The error says that the file may exist."""
    client = make_client(retry=RetryPolicy(max_attempts=2))
    server.enqueue(httpx.ReadError("reset"), error_response(500), error_response(500))
    with pytest.raises(ConnectionFailed, match="The file may exist: the search for it failed"):
        client.files.upload(train)
    assert server.calls.count(UPLOAD) == 1


def test_last_failure_of_an_upload_is_raised(make_client: Any, server: FakeServer, train: Path) -> None:
    """It is raised after a search shows that no file was created."""
    client = make_client(retry=RetryPolicy(max_attempts=2))
    searches = [listing()] * SEARCHES
    server.enqueue(error_response(500), *searches, error_response(503), *searches)
    with pytest.raises(ServerError, match=r"503.*2 attempts"):
        client.files.upload(train)


def test_refusal_is_raised_without_a_search(client: Any, server: FakeServer, train: Path) -> None:
    """A refusal means that no file was created."""
    server.enqueue(error_response(400, message="Invalid file format"))
    with pytest.raises(BadRequest, match="Invalid file format"):
        client.files.upload(train)
    assert server.calls == [UPLOAD]
