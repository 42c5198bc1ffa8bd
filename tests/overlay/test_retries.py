"""Retries: the failures that are retried, the delays, and when the client gives up."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetuning_client import (
    ApiError,
    ConfigurationError,
    ConnectionFailed,
    RateLimited,
    RequestTimedOut,
    RetryPolicy,
    ServerError,
)
from finetuning_client.polling import PollPolicy
from finetuning_client.retry_after_header import retry_after

from .conftest import FakeServer, ManualClock, error_response, job_json

NOW = 1_700_000_000.0


def read(client: Any) -> Any:
    """Make a request that can safely be repeated."""
    return client.jobs.retrieve("ftjob-1")


def date(seconds_from_now: float) -> str:
    """Return an HTTP date, relative to the start of the test's clock."""
    return format_datetime(datetime.fromtimestamp(NOW + seconds_from_now, UTC), usegmt=True)


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529, 599])
def test_temporary_status_is_retried(client: Any, server: FakeServer, status: int) -> None:
    """It is sent for overload, conflicts, and failures of the server or a proxy."""
    server.enqueue(error_response(status), job_json())
    assert read(client).id == "ftjob-1"


@pytest.mark.parametrize("status", [300, 302, 307, 400, 401, 402, 403, 404, 405, 410, 413, 418, 422, 451])
def test_permanent_status_is_not_retried(client: Any, server: FakeServer, status: int) -> None:
    """The error is raised after one request."""
    server.enqueue(error_response(status))
    with pytest.raises(ApiError) as e:
        read(client)
    assert (e.value.status, e.value.attempts, len(server.requests)) == (status, 1, 1)


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("timed out"),
        httpx.ReadError("reset"),
        httpx.ReadTimeout("timed out"),
        httpx.WriteError("broken pipe"),
        httpx.WriteTimeout("timed out"),
        httpx.PoolTimeout("timed out"),
        httpx.RemoteProtocolError("closed"),
        httpx.ProxyError("502 from the proxy"),
        httpx.DecodingError("bad gzip"),
        ConnectionResetError(104, "Connection reset by peer"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_failed_exchange_is_retried(client: Any, server: FakeServer, failure: Exception) -> None:
    """It does not matter whether the request arrived, because reading can be repeated."""
    server.enqueue(failure, job_json())
    assert read(client).id == "ftjob-1"


def test_response_that_cannot_be_decompressed_is_retried(client: Any, server: FakeServer) -> None:
    """A damaged body counts as no response."""

    def damaged(_: httpx.Request) -> httpx.Response:
        stream = httpx.ByteStream(b"nonsense")
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=stream)

    server.enqueue(damaged, job_json())
    assert read(client).id == "ftjob-1"


def test_max_attempts_is_the_total_number_of_attempts(make_client: Any, server: FakeServer) -> None:
    """The error has the number of attempts."""
    client = make_client(retry=RetryPolicy(max_attempts=3))
    server.enqueue(*[error_response(503) for _ in range(3)])
    with pytest.raises(ServerError, match="3 attempts") as e:
        read(client)
    assert (e.value.attempts, len(server.requests)) == (3, 3)


def test_max_attempts_1_sends_once(make_client: Any, server: FakeServer, clock: ManualClock) -> None:
    """There is no pause."""
    server.enqueue(httpx.ReadTimeout("timed out"))
    with pytest.raises(RequestTimedOut, match="1 attempt") as e:
        read(make_client(retry=RetryPolicy(max_attempts=1)))
    assert e.value.attempts == 1
    assert clock.slept == []


def test_backoff_doubles_up_to_max_delay(make_client: Any, server: FakeServer, clock: ManualClock) -> None:
    """Without jitter the delays are exact."""
    client = make_client(retry=RetryPolicy(max_attempts=7, jitter=0))
    server.enqueue(*[httpx.ConnectError("refused")] * 6, job_json())
    read(client)
    assert clock.slept == [0.5, 1, 2, 4, 8, 8]


def test_jitter_only_shortens_the_delay(make_client: Any, server: FakeServer, clock: ManualClock) -> None:
    """Clients that failed together retry at different times, and none waits longer than the maximum."""
    client = make_client(retry=RetryPolicy(max_attempts=7, jitter=0.5))
    server.enqueue(*[httpx.ConnectError("refused")] * 6, job_json())
    read(client)
    for slept, longest in zip(clock.slept, [0.5, 1, 2, 4, 8, 8], strict=True):
        assert longest / 2 <= slept <= longest


@pytest.mark.parametrize(
    ("headers", "delay"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": " 1.5 "}, 1.5),
        ({"Retry-After": date(30)}, 30),
        ({"Retry-After": date(30).replace("GMT", "-0000")}, 30),
        ({"Retry-After": date(-5)}, 0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "Retry-After": "7"}, 0.25),
        ({"retry-after-ms": "soon", "Retry-After": "7"}, 7),
    ],
)
def test_delay_of_the_server_is_used(
    client: Any, server: FakeServer, clock: ManualClock, headers: dict[str, str], delay: float
) -> None:
    """Milliseconds take precedence over seconds and dates."""
    server.enqueue(error_response(429, headers=headers), job_json())
    read(client)
    assert clock.slept == [pytest.approx(delay)]


UNUSABLE_DELAYS = [
    "",
    "-1",
    "-0.001",
    "nan",
    "inf",
    "-inf",
    "1e300",
    "999999999",
    "soon",
    "7 minutes",
    "0x10",
]


@pytest.mark.parametrize(
    "value", [*UNUSABLE_DELAYS, date(-86_400), date(10_000_000), "Mon, 99 Foo 2024 99:99:99 GMT"]
)
@pytest.mark.parametrize("name", ["Retry-After", "retry-after-ms"])
def test_unusable_delay_is_ignored(
    client: Any, server: FakeServer, clock: ManualClock, name: str, value: str
) -> None:
    """A negative, malformed or excessive delay is replaced by the backoff."""
    server.enqueue(error_response(503, headers={name: value}), job_json())
    read(client)
    assert len(clock.slept) == 1 and 0.3 < clock.slept[0] <= 0.5


@given(text=st.text() | st.from_regex(r"\A\w{3}, \d{1,3} \w{3} \d{1,6} \d\d?:\d\d:\d\d [+-]?\w{1,6}\Z"))
def test_any_header_gives_a_delay_of_at_most_a_day_or_none(text: str) -> None:
    """No header value raises an exception."""
    for name in ("retry-after", "retry-after-ms"):
        delay = retry_after({name: text}, NOW)
        assert delay is None or 0 <= delay <= 86_400


@pytest.mark.parametrize("status", [400, 404, 501])
def test_x_should_retry_true_overrides_the_status(client: Any, server: FakeServer, status: int) -> None:
    """The server may request a retry of any error."""
    server.enqueue(error_response(status, headers={"x-should-retry": "True"}), job_json())
    assert read(client).id == "ftjob-1"


@pytest.mark.parametrize("status", [409, 429, 500])
def test_x_should_retry_false_overrides_the_status(client: Any, server: FakeServer, status: int) -> None:
    """The server may forbid a retry of any error."""
    server.enqueue(error_response(status, headers={"x-should-retry": "false"}))
    with pytest.raises(ApiError):
        read(client)
    assert len(server.requests) == 1


def test_other_values_of_x_should_retry_are_ignored(client: Any, server: FakeServer) -> None:
    """Only `true` and `false` have a meaning."""
    server.enqueue(error_response(500, headers={"x-should-retry": "maybe"}), job_json())
    assert read(client).id == "ftjob-1"


def test_exhausted_quota_is_not_retried(client: Any, server: FakeServer) -> None:
    """Waiting does not restore it; other codes with status 429 are retried."""
    server.enqueue(error_response(429, "insufficient_quota", headers={"Retry-After": "1"}))
    with pytest.raises(RateLimited) as e:
        read(client)
    assert e.value.code == "insufficient_quota"
    server.enqueue(error_response(429, "rate_limit_exceeded"), job_json())
    assert read(client).id == "ftjob-1"


def test_delay_past_the_deadline_raises_at_once(
    make_client: Any, server: FakeServer, clock: ManualClock
) -> None:
    """The error has the delay that the server requested."""
    client = make_client(retry=RetryPolicy(deadline=60))
    server.enqueue(error_response(429, headers={"Retry-After": "61"}))
    with pytest.raises(RateLimited) as e:
        read(client)
    assert e.value.retry_after == 61
    assert clock.slept == []


def test_deadline_includes_the_time_of_the_attempts(
    make_client: Any, server: FakeServer, clock: ManualClock
) -> None:
    """If each attempt takes 20 seconds, a deadline of 60 allows three."""

    def slow(_: httpx.Request) -> httpx.Response:
        clock.now += 20
        raise httpx.ReadTimeout("timed out")

    server.enqueue(*[slow] * 10)
    with pytest.raises(RequestTimedOut):
        read(make_client(retry=RetryPolicy(max_attempts=10, deadline=60)))
    assert len(server.requests) == 3


def test_key_function_is_called_for_each_attempt(make_client: Any, server: FakeServer) -> None:
    """A short-lived key may have expired in the meantime."""
    keys = iter(["sk-1", "sk-2"])
    server.enqueue(error_response(500), job_json())
    read(make_client(api_key=lambda: next(keys)))
    assert [r.headers["Authorization"] for r in server.requests] == ["Bearer sk-1", "Bearer sk-2"]


def test_delivered_is_true_if_the_server_may_have_acted(make_client: Any, server: FakeServer) -> None:
    """The caller needs to know it before repeating the call."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    server.enqueue(httpx.ConnectError("refused"))
    with pytest.raises(ConnectionFailed, match="cannot be reached: refused") as e:
        read(client)
    assert not e.value.delivered
    assert isinstance(e.value.__cause__, httpx.ConnectError)
    server.enqueue(httpx.ReadError("reset"))
    with pytest.raises(ConnectionFailed, match="no complete response: reset") as e:
        read(client)
    assert e.value.delivered
    assert e.value.request == "GET /fine_tuning/jobs/ftjob-1"


@pytest.mark.parametrize(
    "options",
    [
        {"max_attempts": 0},
        {"max_attempts": 1.5},
        {"max_attempts": True},
        {"max_attempts": "3"},
        {"initial_delay": -1},
        {"initial_delay": math.nan},
        {"initial_delay": math.inf},
        {"max_delay": -1},
        {"max_delay": None},
        {"max_delay": math.inf},
        {"jitter": -0.1},
        {"jitter": 1.1},
        {"deadline": -1},
        {"deadline": math.nan},
    ],
    ids=str,
)
def test_invalid_policy_is_refused(options: dict[str, Any]) -> None:
    """The error names the setting."""
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        RetryPolicy(**options)


@given(
    attempt=st.integers(1, 10**9),
    draw=st.floats(0, 1),
    initial=st.floats(0, 86_400),
    longest=st.floats(0, 86_400),
    jitter=st.floats(0, 1),
)
def test_backoff_is_between_zero_and_max_delay(
    attempt: int, draw: float, initial: float, longest: float, jitter: float
) -> None:
    """This holds for every policy, attempt and draw."""
    policy = RetryPolicy(initial_delay=initial, max_delay=longest, jitter=jitter)
    assert 0 <= policy.backoff(attempt, draw) <= longest


@given(reads=st.integers(1, 10**9))
def test_poll_interval_is_between_half_a_second_and_15(reads: int) -> None:
    """A wait of weeks still reads four times a minute."""
    assert 0.5 <= PollPolicy().interval(reads) <= 15
