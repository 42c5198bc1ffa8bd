"""A key that a server sends back is concealed wherever the client shows the response."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finetuning_client import ConnectionFailed, FineTuningError, InvalidResponse, RateLimited

from .conftest import FakeServer, error_response, job_json, list_json
from .loopback import ONCE

KEY = 'sk-live/very+secret=key"with\\escapes-123'
ADMIN = "sk-admin/another+secret=key-456"
ESCAPES: dict[str, Callable[[str], str]] = {
    "bare": lambda key: key,
    "json": lambda key: json.dumps(key)[1:-1],
    "json with slashes": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "json with escapes": lambda key: "".join(f"\\u{ord(letter):04X}" for letter in key),
    "url": lambda key: quote(key, safe=""),
}


class LastOutcome:
    """Records the arguments of a hook."""

    def __init__(self) -> None:
        self.last: Any = None

    def __call__(self, request: Any, outcome: Any, seconds: float) -> None:
        """Record the arguments."""
        self.last = outcome


def everything(hook: LastOutcome, error: BaseException | None = None) -> str:
    """Return all that is shown after a call: the last response, the error, its chain and their attributes."""
    last = hook.last
    shown = [repr(last)]
    if hasattr(last, "headers"):
        shown += [repr(last.headers.multi_items()), repr(dict(last.headers)), repr(last.body)]
    while error is not None:
        shown += [str(error), repr(error), repr(getattr(error, "__dict__", {}))]
        request = getattr(error, "_request", None)
        shown.append(repr(request.headers.multi_items()) if request is not None else "")
        error = error.__cause__ or error.__context__
    return "\n".join(shown)


@pytest.fixture
def hook() -> LastOutcome:
    """The hook of the client."""
    return LastOutcome()


def found_in(text: str) -> list[str]:
    """Return the forms of a key that occur in a text."""
    forms = [(name, escape(key)) for name, escape in ESCAPES.items() for key in (KEY, ADMIN)]
    return [name for name, form in forms if form in text or repr(form)[1:-1] in text]


@pytest.mark.parametrize("key", [KEY, ADMIN], ids=["own", "other"])
@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
@pytest.mark.parametrize("status", [200, 400])
def test_a_key_in_a_body_is_concealed(
    make_client: Any, server: FakeServer, hook: LastOutcome, key: str, escape: Any, status: int
) -> None:
    """This includes a success that echoes the request, and every way of escaping."""
    client = make_client(api_key=KEY, admin_key=ADMIN, retry=ONCE, on_response=hook)
    body = f'{{"error": null, "echo": {{"authorization": "Bearer {escape(key)}"}}}}'
    server.enqueue(httpx.Response(status, content=body.encode()))
    with pytest.raises(FineTuningError) as e:
        client.jobs.retrieve("ftjob-1")
    assert found_in(everything(hook, e.value)) == []


@pytest.mark.parametrize("key", [KEY, ADMIN], ids=["own", "other"])
@pytest.mark.parametrize("name", ["x-request-id", "location", "x-echo", "retry-after"])
@pytest.mark.parametrize("status", [200, 302, 429])
def test_a_key_in_a_header_is_concealed(
    make_client: Any,
    server: FakeServer,
    hook: LastOutcome,
    caplog: pytest.LogCaptureFixture,
    key: str,
    name: str,
    status: int,
) -> None:
    """This holds for request ids in errors and log lines, and for headers of the last response."""
    caplog.set_level(logging.DEBUG, "finetuning_client")
    client = make_client(api_key=KEY, admin_key=ADMIN, retry=ONCE, on_response=hook)
    server.enqueue(httpx.Response(status, headers={name: f"https://x.test/{key}"}, json={}))
    with pytest.raises(FineTuningError) as e:
        client.jobs.retrieve("ftjob-1")
    assert found_in(everything(hook, e.value) + caplog.text) == []
    assert "<hidden>" in hook.last.headers[name.upper()]


def test_an_earlier_key_of_a_key_function_is_concealed(
    make_client: Any, server: FakeServer, hook: LastOutcome
) -> None:
    """The server may repeat the key of the last request or of this one."""
    keys = iter((KEY, ADMIN))
    client = make_client(api_key=lambda: next(keys), retry=ONCE, on_response=hook)
    server.enqueue(job_json(), error_response(400, echo=ADMIN))
    client.jobs.retrieve("ftjob-1")
    with pytest.raises(FineTuningError) as e:
        client.jobs.retrieve("ftjob-1")
    assert found_in(everything(hook, e.value)) == []


def test_a_success_that_echoes_the_key_is_still_read(
    make_client: Any, server: FakeServer, hook: LastOutcome
) -> None:
    """Only the key is replaced."""
    client = make_client(api_key=KEY)
    server.enqueue(job_json(suffix=KEY, seed=11))
    job = client.jobs.retrieve("ftjob-1")
    assert (job.seed, job.to_dict()["suffix"]) == (11, "<hidden>")


@pytest.mark.parametrize(
    "failure", [httpx.ReadError("reset"), httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut")]
)
def test_no_exception_in_the_chain_has_the_headers(
    make_client: Any, server: FakeServer, hook: LastOutcome, failure: Any
) -> None:
    """The request of the cause has only its method and URL."""

    def fail(request: httpx.Request) -> httpx.Response:
        failure.request = request
        raise failure from ValueError(f"with {KEY}"[:4])

    server.enqueue(fail)
    with pytest.raises(ConnectionFailed) as e:
        make_client(api_key=KEY, retry=ONCE, on_response=hook).jobs.retrieve("ftjob-1")
    cause = e.value.__cause__
    assert isinstance(cause, httpx.RequestError)
    assert cause.request.method == "GET" and "authorization" not in cause.request.headers
    assert found_in(everything(hook, e.value)) == []


def test_a_message_of_the_http_library_with_the_key_is_concealed(
    make_client: Any, server: FakeServer, hook: LastOutcome
) -> None:
    """A custom transport may put headers into the message."""
    server.enqueue(httpx.ReadError(f"failed with headers {{'authorization': 'Bearer {KEY}'}}"))
    client = make_client(api_key=KEY, retry=ONCE, on_response=hook)
    with pytest.raises(ConnectionFailed) as e:
        client.jobs.retrieve("ftjob-1")
    assert "failed with headers" in str(e.value)
    assert found_in(everything(hook, e.value)) == []


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40))
def test_any_key_is_concealed_however_it_is_written(
    make_client: Any, server: FakeServer, hook: LastOutcome, key: str
) -> None:
    """The key has any printable ASCII characters, escaped in any way."""
    client = make_client(api_key=key, retry=ONCE, on_response=hook)
    for escape in ESCAPES.values():
        server.queue = [httpx.Response(200, content=f'{{"echo": "{escape(key)}"}}'.encode())]
        with pytest.raises(InvalidResponse) as e:
            client.jobs.retrieve("ftjob-1")
        assert b"<hidden>" in e.value.body and escape(key).encode() not in e.value.body


def test_the_admin_key_is_concealed_before_it_is_used(
    make_client: Any, server: FakeServer, hook: LastOutcome
) -> None:
    """The API key is concealed in calls with the admin key, too."""
    client = make_client(api_key=KEY, admin_key=ADMIN, retry=ONCE, on_response=hook)
    server.enqueue(error_response(429, echo=ADMIN), list_json(), error_response(429, echo=KEY))
    for call in (
        lambda: client.jobs.retrieve("ftjob-1"),
        lambda: list(client.checkpoints.permissions.list("ckpt")),
        lambda: list(client.checkpoints.permissions.list("ckpt")),
    ):
        try:
            call()
        except RateLimited as error:
            assert found_in(everything(hook, error)) == []  # noqa: PT017
