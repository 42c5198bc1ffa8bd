"""Keys are shown nowhere and go to one place: not into errors, logs, frames or files, nor to another host."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.traceback import Traceback

from finetuning_client import (
    ApiError,
    AsyncFineTuning,
    AuthenticationFailed,
    ConfigurationError,
    ConnectionFailed,
    FineTuning,
    FineTuningError,
    InvalidResponse,
    NotFound,
    RetryPolicy,
)

from .conftest import BASE_URL, Wire, error_response, job_json, list_json

KEY = "sk-very-secret-key-" + "0123456789" * 12
ADMIN = "sk-admin-secret-key-" + "9876543210" * 12
ONCE = RetryPolicy(max_attempts=1)


def shown(error: BaseException) -> str:
    """All that rich shows of an error: causes, contexts and the variables of every frame, uncut."""
    console = Console(file=StringIO(), width=20_000)
    trace = Traceback.from_exception(
        type(error),
        error,
        error.__traceback__,
        show_locals=True,
        locals_max_length=10_000,
        locals_max_string=10_000,
        max_frames=0,
    )
    console.print(trace)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def secrets_in(text: str) -> list[str]:
    """The keys of which the beginning can be read in a text."""
    return [key for key in (KEY, ADMIN) if key[:20] in text]


def beneath(error: BaseException) -> BaseException:
    """The error without the frames of the test itself, which knows the key."""
    while error.__traceback__ and "/tests/" in error.__traceback__.tb_frame.f_code.co_filename:
        error.__traceback__ = error.__traceback__.tb_next
    return error


@pytest.mark.parametrize("failure", [error_response(401), httpx.ReadError("reset"), httpx.Response(200)])
def test_rich_shows_no_key_of_a_failed_request(make_client: Any, wire: Wire, failure: Any) -> None:
    """With the variables of every frame."""
    client = make_client(api_key=KEY, admin_key=ADMIN, retry=ONCE)
    wire.then(failure, failure)
    calls = (
        lambda: client.jobs.retrieve("ftjob-1"),
        lambda: list(client.checkpoints.permissions.list("ckpt")),
    )
    for call in calls:
        with pytest.raises(FineTuningError) as e:
            call()
        assert secrets_in(shown(beneath(e.value))) == []


@pytest.mark.parametrize(
    "options",
    [
        {"base_url": "ftp://x"},
        {"timeout": -1},
        {"retry": 5},
        {"headers": {"a b": "c"}},
        {"http_client": 5},
        {"key_header": "a b"},
        {"api_key": KEY + "\n"},
        {"admin_key": ADMIN + " "},
    ],
    ids=lambda options: next(iter(options)),
)
@pytest.mark.parametrize(
    "kind",
    [FineTuning, AsyncFineTuning, FineTuning.azure, AsyncFineTuning.azure],
    ids=["blocking", "awaited", "blocking azure", "awaited azure"],
)
def test_rich_shows_no_key_of_a_client_that_cannot_be_made(kind: Any, options: dict[str, Any]) -> None:
    """Neither from the arguments, nor from a key that is no good."""
    if "azure" in repr(kind):
        options = {"endpoint": "https://x.test", **options}
        if "base_url" in options or "key_header" in options:
            options = {"endpoint": "ftp://x", "api_key": KEY}
    with pytest.raises(ConfigurationError) as e:
        kind(**{"api_key": KEY, "admin_key": ADMIN, **options})
    assert secrets_in(shown(beneath(e.value))) == []


def test_rich_shows_no_key_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is hidden as soon as it is read."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", ADMIN)
    with pytest.raises(ConfigurationError) as e:
        FineTuning(base_url="ftp://x")
    assert secrets_in(shown(beneath(e.value))) == []


def test_rich_shows_no_key_that_a_function_gave(make_client: Any, wire: Wire) -> None:
    """Nor one that is no good."""
    for key in (KEY, KEY + "\n"):
        wire.then(httpx.ConnectError("refused"))
        with pytest.raises(FineTuningError) as e:
            make_client(api_key=lambda key=key: key, retry=ONCE).jobs.retrieve("ftjob-1")
        assert secrets_in(shown(beneath(e.value))) == []


def test_rich_shows_no_key_of_the_http_library() -> None:
    """Its frames hold the headers while it writes them: they do not come along as a cause."""
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]

    def hang_up() -> None:
        connection, _ = server.accept()
        connection.recv(10)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()

    thread = threading.Thread(target=hang_up)
    thread.start()
    with (
        server,
        FineTuning(api_key=KEY, base_url=f"http://127.0.0.1:{port}/v1", retry=ONCE) as client,
        pytest.raises(ConnectionFailed) as e,
    ):
        client.jobs.retrieve("ftjob-1")
    thread.join()
    assert isinstance(e.value.__cause__, httpx.HTTPError)
    assert e.value.__cause__.__traceback__ is None
    assert secrets_in(shown(beneath(e.value))) == []


@pytest.mark.parametrize("body", [f"bad key {KEY}", f'{{"error": {{"message": "no: {KEY}"}}}}'])
def test_a_server_that_repeats_the_key_is_not_repeated(make_client: Any, wire: Wire, body: str) -> None:
    """Neither in the message, nor in the body."""
    wire.then(httpx.Response(401, text=body))
    with pytest.raises(AuthenticationFailed, match="<hidden>") as e:
        make_client(api_key=KEY).jobs.retrieve("ftjob-1")
    assert KEY.encode() not in e.value.body
    assert secrets_in(str(e.value)) == []


def test_no_log_line_has_a_key(make_client: Any, wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    """Of ours, or of the HTTP library, at any level; request ids are there."""
    caplog.set_level(logging.DEBUG)
    wire.then(error_response(503), httpx.ReadError("reset"))
    wire.then(httpx.Response(200, json=job_json(), headers={"x-request-id": "req_77"}))
    make_client(api_key=KEY, headers={"x-trace": "t"}).jobs.retrieve("ftjob-1")
    assert secrets_in(caplog.text) == []
    lines = [record.getMessage() for record in caplog.records if record.name == "finetuning_client"]
    assert any("req_77" in line for line in lines)
    assert sum("retrying" in line for line in lines) == 2


def test_what_hooks_are_given_shows_no_key(make_client: Any, wire: Wire) -> None:
    """As it would be printed."""
    seen: list[str] = []
    client = make_client(
        api_key=KEY,
        retry=ONCE,
        on_request=lambda request: seen.append(repr(request)),
        on_response=lambda request, outcome, seconds: seen.append(repr((request, outcome, seconds))),
    )
    wire.then(job_json(), httpx.ReadError("reset"))
    client.jobs.retrieve("ftjob-1")
    with pytest.raises(ConnectionFailed):
        client.jobs.retrieve("ftjob-1")
    assert len(seen) == 4
    assert secrets_in("".join(seen)) == []


# --- redirects -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize(
    "location", ["/v2/x?sig=1", "https://api.test/v2/x?sig=1", "//api.test:443/v2/x?sig=1"]
)
def test_a_redirect_within_the_origin_is_followed(
    client: Any, wire: Wire, status: int, location: str
) -> None:
    """With method, body and key; the address is taken as it is given."""
    wire.then(httpx.Response(status, headers={"location": location}), job_json())
    client.jobs.cancel("ftjob-1")
    request = wire.requests[1]
    assert (request.method, str(request.url)) == ("POST", "https://api.test/v2/x?sig=1")
    assert request.headers["authorization"] == "Bearer sk-test"


def test_a_redirected_list_keeps_to_the_address_it_was_given(client: Any, wire: Wire) -> None:
    """Its parameters are in there, or are not wanted."""
    wire.then(httpx.Response(307, headers={"location": "/v1/jobs?limit=5&cursor=a"}), list_json())
    assert list(client.jobs.list(metadata={"team": "nlp"})) == []
    assert str(wire.requests[1].url) == "https://api.test/v1/jobs?limit=5&cursor=a"


def test_an_upload_is_redirected_with_its_whole_body(client: Any, wire: Wire, train: Path) -> None:
    """The file is read from its beginning again."""
    wire.then(httpx.Response(308, headers={"location": "/v1/other"}), {"id": "file-1", "object": "file"})
    client.files.upload(train)
    assert [train.read_bytes() in request.content for request in wire.requests] == [True, True]


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.test/v1/fine_tuning/jobs",
        "//evil.test/x",
        "http://api.test/v1/x",
        "https://api.test:8443/v1/x",
        "https://user@api.test/x",
        "https://api.test.evil.test/",
        "https:\\\\evil.test",
        "javascript:alert(1)",
        "http://[",
        "",
    ],
)
def test_a_redirect_to_another_origin_is_never_followed(make_client: Any, wire: Wire, location: str) -> None:
    """Key, organisation and body would go along."""
    wire.then(httpx.Response(307, headers={"location": location}), error_response(404))
    with pytest.raises(FineTuningError):
        make_client(retry=ONCE).jobs.retrieve("ftjob-1")
    assert {(r.url.scheme, r.url.host, r.url.port) for r in wire.requests} == {("https", "api.test", None)}


def test_a_redirect_that_is_not_followed_says_what_to_do(client: Any, wire: Wire) -> None:
    """It is an error like any other, and names the way out."""
    wire.then(httpx.Response(308, headers={"location": "https://other.test/v1"}))
    with pytest.raises(ApiError, match="use its target as base_url") as e:
        client.jobs.retrieve("ftjob-1")
    assert e.value.status == 308


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    location=st.text(st.characters(min_codepoint=32, max_codepoint=255)) | st.from_regex(r"(https?:)?//.*")
)
def test_no_location_leads_the_key_away(make_client: Any, wire: Wire, location: str) -> None:
    """Whatever it is, the answer is one of ours and the host the same."""
    wire.requests.clear()
    wire.steps = [httpx.Response(302, headers=[(b"location", location.encode("utf-8"))]), error_response(404)]
    with pytest.raises(FineTuningError):
        make_client(retry=ONCE).jobs.retrieve("ftjob-1")
    assert {r.url.host for r in wire.requests} == {"api.test"}


def test_a_circle_of_redirects_ends(client: Any, wire: Wire) -> None:
    """And so does an endless line of them."""
    wire.then(httpx.Response(307, headers={"location": "/v1/fine_tuning/jobs/ftjob-1"}))
    with pytest.raises(ApiError, match="redirect"):
        client.jobs.retrieve("ftjob-1")
    wire.then(*[httpx.Response(307, headers={"location": f"/v1/{n}"}) for n in range(20)])
    with pytest.raises(ApiError, match="redirect"):
        client.jobs.retrieve("ftjob-1")
    assert len(wire.requests) <= 8


# --- bounds ----------------------------------------------------------------------------------


class Endless(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body without an end, which counts what was taken of it."""

    def __init__(self) -> None:
        self.taken = 0

    def __iter__(self) -> Any:
        while True:
            self.taken += 2**20
            yield b" " * 2**20

    async def __aiter__(self) -> Any:
        for piece in self:
            yield piece


@pytest.mark.parametrize(("status", "bound"), [(200, 70), (404, 3)])
def test_a_body_without_an_end_is_cut(client: Any, wire: Wire, status: int, bound: int) -> None:
    """At 64 MB for a success, at one for an error."""
    body = Endless()
    wire.then(lambda _: httpx.Response(status, stream=body))
    kind: type[InvalidResponse | NotFound] = InvalidResponse if status == 200 else NotFound
    with pytest.raises(kind) as e:
        client.jobs.retrieve("ftjob-1")
    assert body.taken <= bound * 2**20
    assert isinstance(e.value, kind) and len(e.value.body) <= 65_536


# --- where a client can be used --------------------------------------------------------------


@pytest.mark.parametrize(
    "derive", [lambda c: c, lambda c: c.with_options(timeout=5)], ids=["itself", "derived"]
)
def test_a_client_belongs_to_one_event_loop(wire: Wire, derive: Callable[[Any], Any]) -> None:
    """In another, or in a thread with one of its own, there is one clear error, and nothing is sent."""
    import asyncio

    wire.then(job_json(), job_json())
    http = httpx.AsyncClient(transport=httpx.MockTransport(wire.handle_async))
    client = AsyncFineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http)

    async def read() -> Any:
        return await derive(client).jobs.retrieve("ftjob-1")

    async def elsewhere() -> Any:
        return await asyncio.to_thread(asyncio.run, read())

    asyncio.run(read())
    for other in (read, elsewhere):
        with pytest.raises(ConfigurationError, match="another event loop"):
            asyncio.run(other())
    assert len(wire.requests) == 1


def test_certificates_are_checked() -> None:
    """As the HTTP library does unless told otherwise."""
    client = FineTuning(api_key="sk-test")
    transport = client._driver.http._transport
    context: ssl.SSLContext = transport._pool._ssl_context  # type: ignore[attr-defined]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    client.close()
