"""Retries: what is tried again, after how long, and when the client gives up."""

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
from finetuning_client.http_headers import retry_after
from finetuning_client.polling import PollPolicy

from .conftest import ManualClock, Wire, error_response, job_json

NOW = 1_700_000_000.0


def read(client: Any) -> Any:
    """A request that does no harm when it is repeated."""
    return client.jobs.retrieve("ftjob-1")


def date(seconds_from_now: float) -> str:
    """An HTTP date, relative to where the clock of the tests begins."""
    return format_datetime(datetime.fromtimestamp(NOW + seconds_from_now, UTC), usegmt=True)


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529, 599])
def test_a_status_that_may_pass_is_tried_again(client: Any, wire: Wire, status: int) -> None:
    """Overload, conflicts and failures of the server or of what stands before it."""
    wire.then(error_response(status), job_json())
    assert read(client).id == "ftjob-1"


@pytest.mark.parametrize("status", [300, 302, 307, 400, 401, 402, 403, 404, 405, 410, 413, 418, 422, 451])
def test_a_status_that_stays_is_not_tried_again(client: Any, wire: Wire, status: int) -> None:
    """A refusal is final, and costs one request."""
    wire.then(error_response(status))
    with pytest.raises(ApiError) as e:
        read(client)
    assert (e.value.status, e.value.attempts, len(wire.requests)) == (status, 1, 1)


@pytest.mark.parametrize(
    "broken",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("late"),
        httpx.ReadError("reset"),
        httpx.ReadTimeout("late"),
        httpx.WriteError("broken pipe"),
        httpx.WriteTimeout("late"),
        httpx.PoolTimeout("late"),
        httpx.RemoteProtocolError("closed"),
        httpx.ProxyError("502 from the proxy"),
        httpx.DecodingError("bad gzip"),
        ConnectionResetError(104, "Connection reset by peer"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_broken_exchange_is_tried_again(client: Any, wire: Wire, broken: Exception) -> None:
    """Whatever broke, and whether or not the request arrived: reading does no harm twice."""
    wire.then(broken, job_json())
    assert read(client).id == "ftjob-1"


def test_an_answer_that_cannot_be_unpacked_is_tried_again(client: Any, wire: Wire) -> None:
    """A body cut or garbled on its way is as good as none."""

    def garbled(_: httpx.Request) -> httpx.Response:
        stream = httpx.ByteStream(b"nonsense")
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=stream)

    wire.then(garbled, job_json())
    assert read(client).id == "ftjob-1"


def test_attempts_are_counted(make_client: Any, wire: Wire) -> None:
    """`max_attempts` is how often the request is sent in all, and the error says so."""
    client = make_client(retry=RetryPolicy(max_attempts=3))
    wire.then(*[error_response(503) for _ in range(3)])
    with pytest.raises(ServerError, match="3 attempts") as e:
        read(client)
    assert (e.value.attempts, len(wire.requests)) == (3, 3)


def test_one_attempt_means_no_retry(make_client: Any, wire: Wire, clock: ManualClock) -> None:
    """`max_attempts=1` sends once and does not pause."""
    wire.then(httpx.ReadTimeout("late"))
    with pytest.raises(RequestTimedOut, match="1 attempt") as e:
        read(make_client(retry=RetryPolicy(max_attempts=1)))
    assert e.value.attempts == 1
    assert clock.slept == []


def test_pauses_double_up_to_a_bound(make_client: Any, wire: Wire, clock: ManualClock) -> None:
    """Without jitter: half a second, one, two, four, eight, and eight again."""
    client = make_client(retry=RetryPolicy(max_attempts=7, jitter=0))
    wire.then(*[httpx.ConnectError("refused")] * 6, job_json())
    read(client)
    assert clock.slept == [0.5, 1, 2, 4, 8, 8]


def test_jitter_only_shortens(make_client: Any, wire: Wire, clock: ManualClock) -> None:
    """Clients that failed together do not come back together, and none waits longer than the bound."""
    client = make_client(retry=RetryPolicy(max_attempts=7, jitter=0.5))
    wire.then(*[httpx.ConnectError("refused")] * 6, job_json())
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
def test_the_servers_delay_is_kept(
    client: Any, wire: Wire, clock: ManualClock, headers: dict[str, str], delay: float
) -> None:
    """Milliseconds, seconds or a date; the finer one first."""
    wire.then(error_response(429, headers=headers), job_json())
    read(client)
    assert clock.slept == [pytest.approx(delay)]


ABSURD = ["", "-1", "-0.001", "nan", "inf", "-inf", "1e300", "999999999", "soon", "7 minutes", "0x10"]


@pytest.mark.parametrize("value", [*ABSURD, date(-86_400), date(10_000_000), "Mon, 99 Foo 2024 99:99:99 GMT"])
@pytest.mark.parametrize("name", ["Retry-After", "retry-after-ms"])
def test_a_delay_that_makes_no_sense_is_ignored(
    client: Any, wire: Wire, clock: ManualClock, name: str, value: str
) -> None:
    """Negative, not a number, in another unit or by a wrong clock: the backoff stands."""
    wire.then(error_response(503, headers={name: value}), job_json())
    read(client)
    assert len(clock.slept) == 1 and 0.3 < clock.slept[0] <= 0.5


@given(text=st.text() | st.from_regex(r"\A\w{3}, \d{1,3} \w{3} \d{1,6} \d\d?:\d\d:\d\d [+-]?\w{1,6}\Z"))
def test_any_text_is_a_delay_or_none(text: str) -> None:
    """Whatever a server writes there, reading it neither fails nor gives a pause of more than a day."""
    for name in ("retry-after", "retry-after-ms"):
        delay = retry_after({name: text}, NOW)
        assert delay is None or 0 <= delay <= 86_400


@pytest.mark.parametrize("status", [400, 404, 501])
def test_the_server_may_ask_for_a_retry(client: Any, wire: Wire, status: int) -> None:
    """`x-should-retry: true` wins over the status."""
    wire.then(error_response(status, headers={"x-should-retry": "True"}), job_json())
    assert read(client).id == "ftjob-1"


@pytest.mark.parametrize("status", [409, 429, 500])
def test_the_server_may_forbid_a_retry(client: Any, wire: Wire, status: int) -> None:
    """`x-should-retry: false` wins over the status."""
    wire.then(error_response(status, headers={"x-should-retry": "false"}))
    with pytest.raises(ApiError):
        read(client)
    assert len(wire.requests) == 1


def test_another_wish_of_the_server_says_nothing(client: Any, wire: Wire) -> None:
    """Only `true` and `false` mean something."""
    wire.then(error_response(500, headers={"x-should-retry": "maybe"}), job_json())
    assert read(client).id == "ftjob-1"


def test_a_used_up_quota_is_not_tried_again(client: Any, wire: Wire) -> None:
    """It does not come back by waiting; other codes of 429 do."""
    wire.then(error_response(429, "insufficient_quota", headers={"Retry-After": "1"}))
    with pytest.raises(RateLimited) as e:
        read(client)
    assert e.value.code == "insufficient_quota"
    wire.then(error_response(429, "rate_limit_exceeded"), job_json())
    assert read(client).id == "ftjob-1"


def test_a_delay_past_the_deadline_raises_at_once(make_client: Any, wire: Wire, clock: ManualClock) -> None:
    """Waiting in vain is not begun; the error says what the server asked for."""
    client = make_client(retry=RetryPolicy(deadline=60))
    wire.then(error_response(429, headers={"Retry-After": "61"}))
    with pytest.raises(RateLimited) as e:
        read(client)
    assert e.value.retry_after == 61
    assert clock.slept == []


def test_the_deadline_counts_the_time_of_the_attempts(
    make_client: Any, wire: Wire, clock: ManualClock
) -> None:
    """A server that takes 20 seconds to fail has three attempts in a minute, whatever `max_attempts` says."""

    def slow(_: httpx.Request) -> httpx.Response:
        clock.now += 20
        raise httpx.ReadTimeout("late")

    wire.then(*[slow] * 10)
    with pytest.raises(RequestTimedOut):
        read(make_client(retry=RetryPolicy(max_attempts=10, deadline=60)))
    assert len(wire.requests) == 3


def test_the_key_is_asked_for_at_each_attempt(make_client: Any, wire: Wire) -> None:
    """A short-lived key may have run out in the meantime."""
    keys = iter(["sk-1", "sk-2"])
    wire.then(error_response(500), job_json())
    read(make_client(api_key=lambda: next(keys)))
    assert [r.headers["Authorization"] for r in wire.requests] == ["Bearer sk-1", "Bearer sk-2"]


def test_the_error_of_a_connection_tells_whether_the_request_left(make_client: Any, wire: Wire) -> None:
    """Who repeats by hand must know whether the server may have acted."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    wire.then(httpx.ConnectError("refused"))
    with pytest.raises(ConnectionFailed, match="cannot be reached: refused") as e:
        read(client)
    assert not e.value.delivered
    assert isinstance(e.value.__cause__, httpx.ConnectError)
    wire.then(httpx.ReadError("reset"))
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
def test_a_policy_that_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
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
def test_a_backoff_is_never_negative_nor_over_its_bound(
    attempt: int, draw: float, initial: float, longest: float, jitter: float
) -> None:
    """For every policy, attempt and draw."""
    policy = RetryPolicy(initial_delay=initial, max_delay=longest, jitter=jitter)
    assert 0 <= policy.backoff(attempt, draw) <= longest


@given(looks=st.integers(1, 10**9))
def test_the_interval_of_looks_is_bounded(looks: int) -> None:
    """A wait of weeks still looks four times a minute."""
    assert 0.5 <= PollPolicy().interval(looks) <= 15
