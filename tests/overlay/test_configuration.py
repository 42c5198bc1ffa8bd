"""Configuration of a client: arguments, environment variables, and invalid values."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from finetuning_client import (
    AsyncFineTuning,
    ConfigurationError,
    FineTuning,
    RetryPolicy,
    __version__,
)

from .conftest import FakeServer, sent_request

VARIABLES = [
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_ORG_ID",
    "OPENAI_PROJECT_ID",
    "OPENAI_ADMIN_KEY",
]


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unset all variables that a client reads."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=[FineTuning, AsyncFineTuning])
def make(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """A function that makes clients of either kind with their own pools, and closes them after the test."""
    made: list[Any] = []

    def build(**options: Any) -> Any:
        made.append(request.param(**options))
        return made[-1]

    yield build
    for client in made:
        closing = client.close()
        if closing is not None:
            asyncio.run(closing)


# --- environment variables -------------------------------------------------------------------


def test_environment_variables_set_missing_options(
    make_client: Any, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variables are those of the hosted service."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-env")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://env.test/v2/")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-env")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-env")
    request = sent_request(make_client(api_key=None, base_url=None), server)
    assert str(request.url) == "https://env.test/v2/fine_tuning/jobs/ftjob-1"
    assert request.headers["Authorization"] == "Bearer sk-env"
    assert request.headers["OpenAI-Organization"] == "org-env"
    assert request.headers["OpenAI-Project"] == "proj-env"


def test_arguments_take_precedence_over_the_environment(
    make_client: Any, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each argument replaces its variable."""
    for name in VARIABLES:
        monkeypatch.setenv(name, "https://env.test")
    options = {"base_url": "https://arg.test", "organization": "org-arg", "project": "proj-arg"}
    request = sent_request(make_client(api_key="sk-arg", **options), server)
    assert str(request.url) == "https://arg.test/fine_tuning/jobs/ftjob-1"
    headers = [request.headers[n] for n in ("Authorization", "OpenAI-Organization", "OpenAI-Project")]
    assert headers == ["Bearer sk-arg", "org-arg", "proj-arg"]


def test_empty_variables_count_as_unset(
    make_client: Any, server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many CI systems define variables with empty values."""
    for name in VARIABLES:
        monkeypatch.setenv(name, "")
    request = sent_request(make_client(base_url=None), server)
    assert str(request.url) == "https://api.openai.com/v1/fine_tuning/jobs/ftjob-1"
    assert not {"OpenAI-Organization", "OpenAI-Project"} & set(request.headers)


def test_user_agent_names_the_release(client: Any, server: FakeServer) -> None:
    """Server logs show which release of the client sent a request."""
    assert sent_request(client, server).headers["User-Agent"] == f"finetuning-client/{__version__}"


# --- keys ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, ""])
def test_client_without_a_key_is_refused(make: Any, key: Any) -> None:
    """The error says how to set a key."""
    with pytest.raises(ConfigurationError, match=r"no API key.*OPENAI_API_KEY"):
        make(api_key=key)


BAD_KEYS = ["  ", "sk-a\n", "sk-a\r\nX: y", " sk-a", "sk-a ", "sk-ä", "sk-\x7f", "\ufeffsk-a"]


@pytest.mark.parametrize("key", BAD_KEYS, ids=repr)
@pytest.mark.parametrize("name", ["api_key", "admin_key"])
def test_key_with_invalid_characters_is_refused(make: Any, name: str, key: str) -> None:
    """The usual cause is a line break from a file; the error does not show the key."""
    with pytest.raises(ConfigurationError, match=f"{name} (is empty|has a character)") as e:
        make(**{"api_key": "sk-test", name: key})
    assert key.strip() == "" or key not in str(e.value)


@pytest.mark.parametrize("key", [5, b"sk-test", ["sk-test"]], ids=repr)
def test_key_of_another_type_is_refused(make: Any, key: Any) -> None:
    """A key is a string or a function."""
    with pytest.raises(ConfigurationError, match="api_key must be a string or a function"):
        make(api_key=key)


def test_key_with_a_space_is_sent_unchanged(make_client: Any, server: FakeServer) -> None:
    """The server decides whether the key is valid."""
    assert (
        sent_request(make_client(api_key="two words"), server).headers["Authorization"] == "Bearer two words"
    )


def test_key_coroutine_needs_an_asynchronous_client(make_client: Any, server: FakeServer, kind: str) -> None:
    """A blocking client cannot await it; the error explains this."""

    async def key() -> str:
        await asyncio.sleep(0)
        return "sk-later"

    client = make_client(api_key=key)
    if kind == "async":
        assert sent_request(client, server).headers["Authorization"] == "Bearer sk-later"
    else:
        with pytest.raises(ConfigurationError, match="needs AsyncFineTuning"):
            client.jobs.retrieve("ftjob-1")


@pytest.mark.parametrize("value", [None, 5, "", "sk-a\n", b"sk"], ids=repr)
def test_key_function_that_returns_no_key_is_an_error(
    make_client: Any, server: FakeServer, value: Any
) -> None:
    """No request is sent."""
    with pytest.raises(ConfigurationError, match="api_key"):
        make_client(api_key=lambda: value).jobs.retrieve("ftjob-1")
    assert server.requests == []


@pytest.mark.parametrize(
    "failure",
    [RuntimeError("no token"), KeyError("no token"), httpx.ReadError("no token"), OSError("no token")],
)
def test_failure_of_a_key_function_is_not_retried(
    make_client: Any, server: FakeServer, failure: Exception
) -> None:
    """It is not reported as a failure of the request, and the error names the option."""
    calls: list[int] = []

    def key() -> str:
        calls.append(1)
        raise failure

    with pytest.raises(
        ConfigurationError, match=r"api_key: the function that provides it failed.*no token"
    ) as e:
        make_client(api_key=key).jobs.retrieve("ftjob-1")
    assert e.value.__cause__ is failure
    assert len(calls) == 1


# --- base URL --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://api.test/v1", "https://api.test/v1"),
        ("https://api.test/v1/", "https://api.test/v1"),
        (" https://api.test/v1\n", "https://api.test/v1"),
        ("https://api.test", "https://api.test"),
        ("https://api.test:8443/some/prefix/", "https://api.test:8443/some/prefix"),
        ("HTTPS://API.TEST/v1", "https://api.test/v1"),
        ("http://localhost:8000/v1", "http://localhost:8000/v1"),
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
    ],
)
def test_requests_go_to_the_base_url(make_client: Any, server: FakeServer, given: str, expected: str) -> None:
    """A trailing slash makes no difference."""
    assert (
        str(sent_request(make_client(base_url=given), server).url) == f"{expected}/fine_tuning/jobs/ftjob-1"
    )


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "must begin with https://"),
        ("api.test/v1", "must begin with https://"),
        ("ftp://api.test", "must begin with https://"),
        ("https://", "must begin with https://"),
        ("file:///etc/passwd", "must begin with https://"),
        ("https://api.test/v1?x=1", "must not contain a user"),
        ("https://api.test/v1#x", "must not contain a user"),
        ("https://user:secret@api.test", "must not contain a user"),
        ("https://api.test:port", "is not a URL"),
        ("https://api\x00.test", "is not a URL"),
        (5, "must be a string"),
        ("http://api.test/v1", "unencrypted"),
        ("http://127.0.0.1.api.test/v1", "unencrypted"),
        ("http://localhost.api.test/v1", "unencrypted"),
        ("http://192.168.0.1/v1", "unencrypted"),
    ],
)
def test_invalid_base_url_is_refused(make: Any, url: Any, reason: str) -> None:
    """It is refused when the client is made; a password in the URL is not shown."""
    with pytest.raises(ConfigurationError, match=reason) as e:
        make(api_key="sk-test", base_url=url)
    assert "secret" not in str(e.value)


def test_allow_http_permits_plain_http(make_client: Any, server: FakeServer) -> None:
    """Plain HTTP is intended for trusted networks."""
    client = make_client(base_url="http://api.test/v1", allow_http=True)
    assert sent_request(client, server).url.scheme == "http"


# --- headers, timeout, retry -----------------------------------------------------------------


def test_additional_headers_are_sent_with_every_request(make_client: Any, server: FakeServer) -> None:
    """They replace the client's own headers, regardless of case."""
    client = make_client(headers={"X-Team": "nlp", "user-agent": "mine/1"})
    request = sent_request(client, server)
    assert request.headers["X-Team"] == "nlp"
    assert request.headers.get_list("User-Agent") == ["mine/1"]


BAD_HEADERS: list[tuple[Any, str]] = [
    ({"X-A": "a\r\nX-B: b"}, "header X-A"),
    ({"X-A": "a "}, "header X-A"),
    ({"X-A": "ä"}, "header X-A"),
    ({"X-A": 5}, "header X-A"),
    ({"X A": "a"}, "is not a valid header name"),
    ({"X:A": "a"}, "is not a valid header name"),
    ({"": "a"}, "is not a valid header name"),
    ({5: "a"}, "is not a valid header name"),
    ({"authorization": "Bearer x"}, "set by api_key"),
    (["X-A"], "headers must be a mapping"),
    ("X-A: a", "headers must be a mapping"),
]


@pytest.mark.parametrize(("headers", "reason"), BAD_HEADERS, ids=str)
def test_invalid_header_is_refused(make: Any, headers: Any, reason: str) -> None:
    """It is refused by the constructor and by `with_options`."""
    with pytest.raises(ConfigurationError, match=reason):
        make(api_key="sk-test", headers=headers)
    with pytest.raises(ConfigurationError, match=reason):
        make(api_key="sk-test").with_options(headers=headers)


@pytest.mark.parametrize("name", ["organization", "project"])
@pytest.mark.parametrize("value", ["org\r\nX: y", "örg", 5], ids=repr)
def test_invalid_organization_or_project_is_refused(make: Any, name: str, value: Any) -> None:
    """Both are sent as headers."""
    with pytest.raises(ConfigurationError, match="header"):
        make(api_key="sk-test", **{name: value})


@pytest.mark.parametrize(
    ("timeout", "expected"),
    [(50, 50), (0.5, 0.5), (None, 600), (math.inf, 600), (httpx.Timeout(3, connect=1), 3)],
)
def test_timeout_applies_to_each_attempt(
    make_client: Any, server: FakeServer, timeout: Any, expected: Any
) -> None:
    """It is a number of seconds or an `httpx.Timeout`; without it, the deadline of the policy applies."""
    times = sent_request(make_client(timeout=timeout), server).extensions["timeout"]
    assert times["read"] == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("timeout", [0, -1, math.nan, True, "5"], ids=repr)
def test_invalid_timeout_is_refused(make: Any, timeout: Any) -> None:
    """The error names the option."""
    with pytest.raises(ConfigurationError, match="timeout must be a number of seconds above 0"):
        make(api_key="sk-test", timeout=timeout)


@pytest.mark.parametrize("retry", [5, 0, "often", RetryPolicy], ids=repr)
def test_retry_of_another_type_is_refused(make: Any, retry: Any) -> None:
    """False values such as 0 are refused too."""
    with pytest.raises(ConfigurationError, match="retry must be a RetryPolicy"):
        make(api_key="sk-test", retry=retry)
    with pytest.raises(ConfigurationError, match="retry must be a RetryPolicy"):
        make(api_key="sk-test").with_options(retry=retry)


def test_connection_pool_of_the_wrong_kind_is_refused() -> None:
    """The error names the expected class."""
    with httpx.Client() as http, pytest.raises(ConfigurationError, match=r"httpx\.AsyncClient, not Client"):
        AsyncFineTuning(api_key="sk-test", http_client=http)  # type: ignore[arg-type]
    for pool in (httpx.AsyncClient(), 5):
        with pytest.raises(ConfigurationError, match=r"must be an httpx\.Client, not"):
            FineTuning(api_key="sk-test", http_client=pool)  # type: ignore[arg-type]
