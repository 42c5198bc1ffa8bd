"""Security: keys are shown nowhere and sent only to the server; bodies are bounded."""

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

from .conftest import BASE_URL, FakeServer, error_response, job_json, list_json

KEY = "sk-very-secret-key-" + "0123456789" * 12
ADMIN = "sk-admin-secret-key-" + "9876543210" * 12
ONCE = RetryPolicy(max_attempts=1)


def shown_by_rich(error: BaseException) -> str:
    """Return everything that rich shows of an error: causes, contexts and local variables, uncut."""
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


def keys_in(text: str) -> list[str]:
    """Return the keys whose beginning is in a text."""
    return [key for key in (KEY, ADMIN) if key[:20] in text]


def without_test_frames(error: BaseException) -> BaseException:
    """Remove the frames of the test from an error, since they contain the key."""
    while error.__traceback__ and "/tests/" in error.__traceback__.tb_frame.f_code.co_filename:
        error.__traceback__ = error.__traceback__.tb_next
    return error


@pytest.mark.parametrize("failure", [error_response(401), httpx.ReadError("reset"), httpx.Response(200)])
def test_traceback_of_a_failed_request_shows_no_key(
    make_client: Any, server: FakeServer, failure: Any
) -> None:
    """The traceback includes the local variables of every frame."""
    client = make_client(api_key=KEY, admin_key=ADMIN, retry=ONCE)
    server.enqueue(failure, failure)
    calls = (
        lambda: client.jobs.retrieve("ftjob-1"),
        lambda: list(client.checkpoints.permissions.list("ckpt")),
    )
    for call in calls:
        with pytest.raises(FineTuningError) as e:
            call()
        assert keys_in(shown_by_rich(without_test_frames(e.value))) == []


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
    ids=["blocking", "async", "blocking azure", "async azure"],
)
def test_traceback_of_a_configuration_error_shows_no_key(kind: Any, options: dict[str, Any]) -> None:
    """This includes invalid keys."""
    if "azure" in repr(kind):
        options = {"endpoint": "https://x.test", **options}
        if "base_url" in options or "key_header" in options:
            options = {"endpoint": "ftp://x", "api_key": KEY}
    with pytest.raises(ConfigurationError) as e:
        kind(**{"api_key": KEY, "admin_key": ADMIN, **options})
    assert keys_in(shown_by_rich(without_test_frames(e.value))) == []


def test_traceback_shows_no_key_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key is hidden as soon as it is read."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", ADMIN)
    with pytest.raises(ConfigurationError) as e:
        FineTuning(base_url="ftp://x")
    assert keys_in(shown_by_rich(without_test_frames(e.value))) == []


def test_traceback_shows_no_key_from_a_function(make_client: Any, server: FakeServer) -> None:
    """This includes invalid keys."""
    for key in (KEY, KEY + "\n"):
        server.enqueue(httpx.ConnectError("refused"))
        with pytest.raises(FineTuningError) as e:
            make_client(api_key=lambda key=key: key, retry=ONCE).jobs.retrieve("ftjob-1")
        assert keys_in(shown_by_rich(without_test_frames(e.value))) == []


def test_traceback_has_no_frames_of_the_http_library() -> None:
    """Their local variables include the request headers."""
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
    assert keys_in(shown_by_rich(without_test_frames(e.value))) == []


@pytest.mark.parametrize("body", [f"bad key {KEY}", f'{{"error": {{"message": "no: {KEY}"}}}}'])
def test_key_repeated_by_the_server_is_hidden(make_client: Any, server: FakeServer, body: str) -> None:
    """It is replaced in the message and in the body."""
    server.enqueue(httpx.Response(401, text=body))
    with pytest.raises(AuthenticationFailed, match="<hidden>") as e:
        make_client(api_key=KEY).jobs.retrieve("ftjob-1")
    assert KEY.encode() not in e.value.body
    assert keys_in(str(e.value)) == []


def test_log_has_no_key(make_client: Any, server: FakeServer, caplog: pytest.LogCaptureFixture) -> None:
    """The log has the request ids and retries, and no key at any level."""
    caplog.set_level(logging.DEBUG)
    server.enqueue(error_response(503), httpx.ReadError("reset"))
    server.enqueue(httpx.Response(200, json=job_json(), headers={"x-request-id": "req_77"}))
    make_client(api_key=KEY, headers={"x-trace": "t"}).jobs.retrieve("ftjob-1")
    assert keys_in(caplog.text) == []
    lines = [record.getMessage() for record in caplog.records if record.name == "finetuning_client"]
    assert any("req_77" in line for line in lines)
    assert sum("retrying" in line for line in lines) == 2


def test_arguments_of_hooks_show_no_key(make_client: Any, server: FakeServer) -> None:
    """Their `repr` is safe to log."""
    seen: list[str] = []
    client = make_client(
        api_key=KEY,
        retry=ONCE,
        on_request=lambda request: seen.append(repr(request)),
        on_response=lambda request, outcome, seconds: seen.append(repr((request, outcome, seconds))),
    )
    server.enqueue(job_json(), httpx.ReadError("reset"))
    client.jobs.retrieve("ftjob-1")
    with pytest.raises(ConnectionFailed):
        client.jobs.retrieve("ftjob-1")
    assert len(seen) == 4
    assert keys_in("".join(seen)) == []


# --- redirects -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize(
    "location", ["/v2/x?sig=1", "https://api.test/v2/x?sig=1", "//api.test:443/v2/x?sig=1"]
)
def test_redirect_within_the_origin_is_followed(
    client: Any, server: FakeServer, status: int, location: str
) -> None:
    """The request has the same method, body and key, and the URL of the redirect."""
    server.enqueue(httpx.Response(status, headers={"location": location}), job_json())
    client.jobs.cancel("ftjob-1")
    request = server.requests[1]
    assert (request.method, str(request.url)) == ("POST", "https://api.test/v2/x?sig=1")
    assert request.headers["authorization"] == "Bearer sk-test"


def test_redirect_of_a_list_uses_the_query_of_the_location(client: Any, server: FakeServer) -> None:
    """The original parameters are not added again."""
    server.enqueue(httpx.Response(307, headers={"location": "/v1/jobs?limit=5&cursor=a"}), list_json())
    assert list(client.jobs.list(metadata={"team": "nlp"})) == []
    assert str(server.requests[1].url) == "https://api.test/v1/jobs?limit=5&cursor=a"


def test_redirect_of_a_list_to_the_same_url_is_not_followed(client: Any, server: FakeServer) -> None:
    """The parameters are part of the URL; a fragment is not."""
    server.enqueue(
        lambda request: httpx.Response(307, headers={"location": f"{request.url}#top"}), list_json()
    )
    with pytest.raises(ApiError, match="same URL"):
        list(client.jobs.list(limit=5, metadata={"team": "nlp"}))


def test_redirected_upload_sends_the_whole_file(client: Any, server: FakeServer, train: Path) -> None:
    """The file is read again from its beginning."""
    server.enqueue(httpx.Response(308, headers={"location": "/v1/other"}), {"id": "file-1", "object": "file"})
    client.files.upload(train)
    assert [train.read_bytes() in request.content for request in server.requests] == [True, True]


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
def test_redirect_to_another_origin_is_not_followed(
    make_client: Any, server: FakeServer, location: str
) -> None:
    """It would send the key, the organization and the body to another host."""
    server.enqueue(httpx.Response(307, headers={"location": location}), error_response(404))
    with pytest.raises(FineTuningError):
        make_client(retry=ONCE).jobs.retrieve("ftjob-1")
    assert {(r.url.scheme, r.url.host, r.url.port) for r in server.requests} == {("https", "api.test", None)}


@pytest.mark.parametrize(
    ("status", "location", "reason"),
    [
        (308, "https://other.test/v1", "another origin not followed.* use its target as base_url"),
        (302, "/v1/fine_tuning/jobs/ftjob-1", "the same URL not followed.* any proxy"),
        (303, "/v1/other", "would not repeat the same request: check base_url"),
        (307, None, "has no Location, or would not repeat the same request"),
    ],
)
def test_error_of_a_redirect_says_what_to_do(
    client: Any, server: FakeServer, status: int, location: str | None, reason: str
) -> None:
    """The error has the status of the redirect, and the reason why it was not followed."""
    server.enqueue(httpx.Response(status, headers={"location": location} if location else {}))
    with pytest.raises(ApiError, match=reason) as e:
        client.jobs.retrieve("ftjob-1")
    assert e.value.status == status
    assert len(server.requests) == 1


def test_redirect_to_a_malformed_url_is_a_failed_exchange(make_client: Any, server: FakeServer) -> None:
    """The HTTP library refuses such a response; the error names the header."""
    server.enqueue(httpx.Response(301, headers={"location": "https://other.test:x/"}))
    with pytest.raises(ConnectionFailed, match="location header"):
        make_client(retry=ONCE).jobs.retrieve("ftjob-1")
    assert len(server.requests) == 1


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    location=st.text(st.characters(min_codepoint=32, max_codepoint=255)) | st.from_regex(r"(https?:)?//.*")
)
def test_no_location_sends_the_key_to_another_host(
    make_client: Any, server: FakeServer, location: str
) -> None:
    """All requests go to the same host, and the error is a `FineTuningError`."""
    server.requests.clear()
    server.queue = [
        httpx.Response(302, headers=[(b"location", location.encode("utf-8"))]),
        error_response(404),
    ]
    with pytest.raises(FineTuningError):
        make_client(retry=ONCE).jobs.retrieve("ftjob-1")
    assert {r.url.host for r in server.requests} == {"api.test"}


def test_redirect_loops_end(client: Any, server: FakeServer) -> None:
    """Cycles and long chains both end with an error."""
    server.enqueue(httpx.Response(307, headers={"location": "/v1/fine_tuning/jobs/ftjob-1"}))
    with pytest.raises(ApiError, match="redirect"):
        client.jobs.retrieve("ftjob-1")
    server.enqueue(*[httpx.Response(307, headers={"location": f"/v1/{n}"}) for n in range(20)])
    with pytest.raises(ApiError, match="more than 5 redirects"):
        client.jobs.retrieve("ftjob-1")
    assert len(server.requests) <= 8


# --- size limits -----------------------------------------------------------------------------


class EndlessBody(httpx.SyncByteStream, httpx.AsyncByteStream):
    """An endless body that counts the bytes that were read."""

    def __init__(self) -> None:
        self.bytes_read = 0

    def __iter__(self) -> Any:
        while True:
            self.bytes_read += 2**20
            yield b" " * 2**20

    async def __aiter__(self) -> Any:
        for piece in self:
            yield piece


@pytest.mark.parametrize(("status", "bound"), [(200, 70), (404, 3)])
def test_endless_body_is_read_up_to_a_limit(
    make_client: Any, server: FakeServer, status: int, bound: int
) -> None:
    """At most 64 MB of a success and 1 MB of an error are read."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    body = EndlessBody()
    server.enqueue(lambda _: httpx.Response(status, stream=body))
    kind: type[InvalidResponse | NotFound] = InvalidResponse if status == 200 else NotFound
    with pytest.raises(kind) as e:
        client.jobs.retrieve("ftjob-1")
    assert body.bytes_read <= bound * 2**20
    assert isinstance(e.value, kind) and len(e.value.body) <= 65_536


# --- event loops and TLS ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "derive", [lambda c: c, lambda c: c.with_options(timeout=5)], ids=["itself", "derived"]
)
def test_client_belongs_to_one_event_loop(server: FakeServer, derive: Callable[[Any], Any]) -> None:
    """In another loop, also in another thread, it raises an error and sends nothing."""
    import asyncio

    server.enqueue(job_json(), job_json())
    http = httpx.AsyncClient(transport=httpx.MockTransport(server.respond_async))
    client = AsyncFineTuning(api_key="sk-test", base_url=BASE_URL, http_client=http)

    async def read() -> Any:
        return await derive(client).jobs.retrieve("ftjob-1")

    async def in_another_thread() -> Any:
        return await asyncio.to_thread(asyncio.run, read())

    asyncio.run(read())
    for other in (read, in_another_thread):
        with pytest.raises(ConfigurationError, match="another event loop"):
            asyncio.run(other())
    assert len(server.requests) == 1


def test_tls_certificates_are_verified() -> None:
    """The default is that of the HTTP library."""
    client = FineTuning(api_key="sk-test")
    transport = client._driver.pool.http._transport
    context: ssl.SSLContext = transport._pool._ssl_context  # type: ignore[attr-defined]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    client.close()
