"""Setting a client up: from arguments, then from the environment; what cannot work is refused at once."""

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

from .conftest import Wire, job_json

VARIABLES = [
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_ORG_ID",
    "OPENAI_PROJECT_ID",
    "OPENAI_ADMIN_KEY",
]


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is set but by the test."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=[FineTuning, AsyncFineTuning])
def make(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """Makes clients of either kind with pools of their own, and closes them."""
    made: list[Any] = []

    def build(**options: Any) -> Any:
        made.append(request.param(**options))
        return made[-1]

    yield build
    for client in made:
        closing = client.close()
        if closing is not None:
            asyncio.run(closing)


def sent(client: Any, wire: Wire) -> httpx.Request:
    """A request of the client."""
    wire.then(job_json())
    client.jobs.retrieve("ftjob-1")
    return wire.requests[-1]


# --- from the environment --------------------------------------------------------------------


def test_the_environment_sets_what_is_not_given(
    make_client: Any, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The names that users of the hosted service know."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-env")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://env.test/v2/")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-env")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-env")
    request = sent(make_client(api_key=None, base_url=None), wire)
    assert str(request.url) == "https://env.test/v2/fine_tuning/jobs/ftjob-1"
    assert request.headers["Authorization"] == "Bearer sk-env"
    assert request.headers["OpenAI-Organization"] == "org-env"
    assert request.headers["OpenAI-Project"] == "proj-env"


def test_arguments_win_over_the_environment(
    make_client: Any, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them."""
    for name in VARIABLES:
        monkeypatch.setenv(name, "https://env.test")
    options = {"base_url": "https://arg.test", "organization": "org-arg", "project": "proj-arg"}
    request = sent(make_client(api_key="sk-arg", **options), wire)
    assert str(request.url) == "https://arg.test/fine_tuning/jobs/ftjob-1"
    headers = [request.headers[n] for n in ("Authorization", "OpenAI-Organization", "OpenAI-Project")]
    assert headers == ["Bearer sk-arg", "org-arg", "proj-arg"]


def test_variables_that_are_empty_are_not_set(
    make_client: Any, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many build servers have them."""
    for name in VARIABLES:
        monkeypatch.setenv(name, "")
    request = sent(make_client(base_url=None), wire)
    assert str(request.url) == "https://api.openai.com/v1/fine_tuning/jobs/ftjob-1"
    assert not {"OpenAI-Organization", "OpenAI-Project"} & set(request.headers)


def test_every_request_says_who_asks(client: Any, wire: Wire) -> None:
    """The release is in the user agent, for the logs of whoever runs the server."""
    assert sent(client, wire).headers["User-Agent"] == f"finetuning-client/{__version__}"


# --- keys ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_there_is_no_client(make: Any, key: Any) -> None:
    """The error says how to give one."""
    with pytest.raises(ConfigurationError, match=r"no API key.*OPENAI_API_KEY"):
        make(api_key=key)


BAD_KEYS = ["  ", "sk-a\n", "sk-a\r\nX: y", " sk-a", "sk-a ", "sk-ä", "sk-\x7f", "\ufeffsk-a"]


@pytest.mark.parametrize("key", BAD_KEYS, ids=repr)
@pytest.mark.parametrize("name", ["api_key", "admin_key"])
def test_a_key_that_cannot_be_one_is_refused(make: Any, name: str, key: str) -> None:
    """Most come from a file, with its line end; the key itself is not shown."""
    with pytest.raises(ConfigurationError, match=f"{name} (is empty|has a character)") as e:
        make(**{"api_key": "sk-test", name: key})
    assert key.strip() == "" or key not in str(e.value)


@pytest.mark.parametrize("key", [5, b"sk-test", ["sk-test"]], ids=repr)
def test_a_key_of_another_type_is_refused(make: Any, key: Any) -> None:
    """A text or a function."""
    with pytest.raises(ConfigurationError, match="api_key must be a string or a function"):
        make(api_key=key)


def test_a_key_with_a_space_is_sent_as_it_is(make_client: Any, wire: Wire) -> None:
    """It is for the server to judge."""
    assert sent(make_client(api_key="two words"), wire).headers["Authorization"] == "Bearer two words"


def test_a_function_gives_the_key_of_each_request(make_client: Any, wire: Wire) -> None:
    """So that short-lived tokens work."""
    keys = iter(["sk-1", "sk-2"])
    client = make_client(api_key=lambda: next(keys))
    found = [sent(client, wire).headers["Authorization"] for _ in range(2)]
    assert found == ["Bearer sk-1", "Bearer sk-2"]


def test_a_coroutine_function_gives_the_key_of_an_asynchronous_client(
    make_client: Any, wire: Wire, kind: str
) -> None:
    """A blocking client cannot wait for it, and says so."""

    async def key() -> str:
        await asyncio.sleep(0)
        return "sk-later"

    client = make_client(api_key=key)
    if kind == "async":
        assert sent(client, wire).headers["Authorization"] == "Bearer sk-later"
    else:
        with pytest.raises(ConfigurationError, match="needs AsyncFineTuning"):
            client.jobs.retrieve("ftjob-1")


@pytest.mark.parametrize("value", [None, 5, "", "sk-a\n", b"sk"], ids=repr)
def test_a_function_that_gives_no_key_is_an_error(make_client: Any, wire: Wire, value: Any) -> None:
    """Nothing is sent with it."""
    with pytest.raises(ConfigurationError, match="api_key"):
        make_client(api_key=lambda: value).jobs.retrieve("ftjob-1")
    assert wire.requests == []


@pytest.mark.parametrize(
    "failure",
    [RuntimeError("no token"), KeyError("no token"), httpx.ReadError("no token"), OSError("no token")],
)
def test_a_function_that_fails_is_named(make_client: Any, wire: Wire, failure: Exception) -> None:
    """Its failure is neither taken for one of the request, nor tried again."""
    calls: list[int] = []

    def key() -> str:
        calls.append(1)
        raise failure

    with pytest.raises(
        ConfigurationError, match=r"api_key: the function that gives it failed.*no token"
    ) as e:
        make_client(api_key=key).jobs.retrieve("ftjob-1")
    assert e.value.__cause__ is failure
    assert len(calls) == 1


# --- where to --------------------------------------------------------------------------------


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
def test_a_base_url_is_where_requests_go(make_client: Any, wire: Wire, given: str, expected: str) -> None:
    """Whether or not it ends in a slash."""
    assert str(sent(make_client(base_url=given), wire).url) == f"{expected}/fine_tuning/jobs/ftjob-1"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "must begin with https://"),
        ("api.test/v1", "must begin with https://"),
        ("ftp://api.test", "must begin with https://"),
        ("https://", "must begin with https://"),
        ("file:///etc/passwd", "must begin with https://"),
        ("https://api.test/v1?x=1", "must have no user"),
        ("https://api.test/v1#x", "must have no user"),
        ("https://user:secret@api.test", "must have no user"),
        ("https://api.test:port", "is not a URL"),
        ("https://api\x00.test", "is not a URL"),
        (5, "must be a string"),
        ("http://api.test/v1", "unencrypted"),
        ("http://127.0.0.1.api.test/v1", "unencrypted"),
        ("http://localhost.api.test/v1", "unencrypted"),
        ("http://192.168.0.1/v1", "unencrypted"),
    ],
)
def test_a_base_url_that_cannot_work_is_refused(make: Any, url: Any, reason: str) -> None:
    """At once, not at the first request; a password in it is not shown."""
    with pytest.raises(ConfigurationError, match=reason) as e:
        make(api_key="sk-test", base_url=url)
    assert "secret" not in str(e.value)


def test_plain_http_can_be_allowed_by_name(make_client: Any, wire: Wire) -> None:
    """For a network that is trusted."""
    client = make_client(base_url="http://api.test/v1", allow_http=True)
    assert sent(client, wire).url.scheme == "http"


# --- headers, times, policies ----------------------------------------------------------------


def test_further_headers_go_with_every_request(make_client: Any, wire: Wire) -> None:
    """And replace those of the client, whatever their case."""
    client = make_client(headers={"X-Team": "nlp", "user-agent": "mine/1"})
    request = sent(client, wire)
    assert request.headers["X-Team"] == "nlp"
    assert request.headers.get_list("User-Agent") == ["mine/1"]


BAD_HEADERS: list[tuple[Any, str]] = [
    ({"X-A": "a\r\nX-B: b"}, "header X-A"),
    ({"X-A": "a "}, "header X-A"),
    ({"X-A": "ä"}, "header X-A"),
    ({"X-A": 5}, "header X-A"),
    ({"X A": "a"}, "cannot be the name of a header"),
    ({"X:A": "a"}, "cannot be the name of a header"),
    ({"": "a"}, "cannot be the name of a header"),
    ({5: "a"}, "cannot be the name of a header"),
    ({"authorization": "Bearer x"}, "set by api_key"),
    (["X-A"], "headers must be a mapping"),
    ("X-A: a", "headers must be a mapping"),
]


@pytest.mark.parametrize(("headers", "reason"), BAD_HEADERS, ids=str)
def test_a_header_that_cannot_be_sent_is_refused(make: Any, headers: Any, reason: str) -> None:
    """When the client is made, and when options are added."""
    with pytest.raises(ConfigurationError, match=reason):
        make(api_key="sk-test", headers=headers)
    with pytest.raises(ConfigurationError, match=reason):
        make(api_key="sk-test").with_options(headers=headers)


@pytest.mark.parametrize("name", ["organization", "project"])
@pytest.mark.parametrize("value", ["org\r\nX: y", "örg", 5], ids=repr)
def test_an_organisation_or_project_that_cannot_be_sent_is_refused(make: Any, name: str, value: Any) -> None:
    """They travel as headers."""
    with pytest.raises(ConfigurationError, match="header"):
        make(api_key="sk-test", **{name: value})


@pytest.mark.parametrize(
    ("timeout", "expected"),
    [(5, 5), (0.5, 0.5), (None, None), (math.inf, None), (httpx.Timeout(3, connect=1), 3)],
)
def test_a_timeout_is_that_of_each_attempt(make_client: Any, wire: Wire, timeout: Any, expected: Any) -> None:
    """In seconds, or as the HTTP library has it."""
    times = sent(make_client(timeout=timeout), wire).extensions["timeout"]
    assert times["read"] == expected


@pytest.mark.parametrize("timeout", [0, -1, math.nan, True, "5"], ids=repr)
def test_a_timeout_that_makes_no_sense_is_refused(make: Any, timeout: Any) -> None:
    """The error names it."""
    with pytest.raises(ConfigurationError, match="timeout must be more than 0 seconds"):
        make(api_key="sk-test", timeout=timeout)


@pytest.mark.parametrize("retry", [5, 0, "often", RetryPolicy], ids=repr)
def test_a_retry_policy_of_another_type_is_refused(make: Any, retry: Any) -> None:
    """Also when it would count as false."""
    with pytest.raises(ConfigurationError, match="retry must be a RetryPolicy"):
        make(api_key="sk-test", retry=retry)
    with pytest.raises(ConfigurationError, match="retry must be a RetryPolicy"):
        make(api_key="sk-test").with_options(retry=retry)


def test_a_pool_of_the_other_kind_is_refused() -> None:
    """The error names the right one."""
    with httpx.Client() as http, pytest.raises(ConfigurationError, match=r"httpx\.AsyncClient, not Client"):
        AsyncFineTuning(api_key="sk-test", http_client=http)  # type: ignore[arg-type]
    for pool in (httpx.AsyncClient(), 5):
        with pytest.raises(ConfigurationError, match=r"must be an httpx\.Client, not"):
            FineTuning(api_key="sk-test", http_client=pool)  # type: ignore[arg-type]
