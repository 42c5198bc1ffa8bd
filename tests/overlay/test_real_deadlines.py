"""Timeouts in real time: a slow server cannot keep a call running past its timeout.

Each call here ends in about a second. Without the timeouts it would take minutes, or never end.
"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from finetuning_api.models.fine_tuning_job import FineTuningJob
from finetuning_client import (
    AsyncFineTuning,
    AsyncJob,
    FineTuningError,
    RequestTimedOut,
    RetryPolicy,
    WaitTimeout,
)
from finetuning_client.plans.effects import Now, Plan, Request, Send

from .conftest import event_json, file_json, job_json, list_json
from .loopback import ONCE, Connection, connected, each_request, serving

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
STEP = 0.05


def one_byte_at_a_time(connection: Connection) -> None:
    """Send a complete response one byte at a time."""
    body = json.dumps(job_json()).encode()
    response = HEAD + b"content-length: %d\r\n\r\n" % len(body) + body
    for at in range(len(response)):
        if connection.wait(STEP):
            return
        connection.send(response[at : at + 1])


def body_by_bytes(connection: Connection) -> None:
    """Send the headers at once, then an endless body."""
    connection.send(HEAD + b"transfer-encoding: chunked\r\n\r\n")
    while not connection.wait(STEP):
        connection.send(b"1\r\n \r\n")


def only_informational_responses(connection: Connection) -> None:
    """Send 1xx responses endlessly."""
    while not connection.wait(STEP):
        connection.send(b"HTTP/1.1 102 Processing\r\n\r\n")


def silence(connection: Connection) -> None:
    """Send no response."""
    connection.wait(600)


FAULTS: dict[str, Callable[[Connection], None]] = {
    "bytes": one_byte_at_a_time,
    "body": body_by_bytes,
    "1xx": only_informational_responses,
    "silence": silence,
}
WAITS: dict[str, Callable[[Any], Any]] = {
    "wait": lambda client: client.jobs.retrieve("ftjob-1").wait(timeout=0.3),
    "follow": lambda client: list(client.jobs.retrieve("ftjob-1").follow(timeout=0.3)),
    "wait_processed": lambda client: client.files.wait_processed("file-1", timeout=0.3),
    "wait_all": lambda client: client.jobs.wait_all([client.jobs.retrieve("ftjob-1")], timeout=0.3),
}


def responding_once(fault: Callable[[Connection], None]) -> Callable[[Connection], None]:
    """Respond with the job once, then fail."""

    @each_request
    def handle(connection: Connection) -> None:
        if len(connection.server.requests) == 1 and b"/fine_tuning/jobs/" in connection.request:
            connection.reply(json.dumps(job_json()).encode())
        else:
            fault(connection)

    return handle


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", WAITS)
def test_a_waiting_call_keeps_its_timeout(kind: str, call: str, fault: str) -> None:
    """The timeout of the call is shorter than that of the client, which is a minute."""
    with (
        serving(responding_once(FAULTS[fault])) as server,
        connected(kind, server) as client,
        pytest.raises(WaitTimeout),
    ):
        WAITS[call](client)


def test_the_timeout_has_the_last_failure_as_its_cause(kind: str) -> None:
    """The last failure is the `__cause__` of `WaitTimeout`."""
    with (
        serving(responding_once(silence)) as server,
        connected(kind, server) as client,
        pytest.raises(WaitTimeout) as e,
    ):
        WAITS["wait"](client)
    assert isinstance(e.value.__cause__, RequestTimedOut)


def test_the_job_is_read_once_more_at_the_timeout(kind: str) -> None:
    """With a timeout of 0, the job is still read once."""
    done = json.dumps(job_json(status="succeeded")).encode()
    with (
        serving(each_request(lambda connection: connection.reply(done))) as server,
        connected(kind, server) as client,
    ):
        job = client.jobs.retrieve("ftjob-1")
        assert job.wait(timeout=0).status == "succeeded"
        assert len(server.requests) == 2


def test_endless_events_do_not_delay_the_timeout(kind: str) -> None:
    """The job has ended, but the server returns new events with every request."""
    done = json.dumps(job_json(status="succeeded")).encode()

    @each_request
    def handle(connection: Connection) -> None:
        number = len(connection.server.requests)
        events = json.dumps(list_json(event_json(number))).encode()
        connection.reply(events if b"/events" in connection.request else done)

    with (
        serving(handle) as server,
        connected(kind, server) as client,
        pytest.raises(WaitTimeout, match="has ended"),
    ):
        list(client.jobs.retrieve("ftjob-1").follow(timeout=0.1, poll_interval=0.05))


@pytest.mark.parametrize("fault", FAULTS)
def test_an_exchange_ends_by_its_deadline(kind: str, fault: str) -> None:
    """The plan sets the deadline of its `Send`."""

    def plan() -> Plan[Any]:
        now: float = yield Now()
        request = Request({"method": "get", "url": "/models"})
        return (yield Send(request, deadline=now + 0.3))

    with (
        serving(each_request(FAULTS[fault])) as server,
        connected(kind, server, retry=ONCE) as client,
    ):
        outcome = client._wrap(client._driver.run(plan())) if kind == "async" else client._driver.run(plan())
    assert outcome.timed_out and outcome.delivered


SHORT = RetryPolicy(initial_delay=0.01, max_delay=0.01, deadline=0.3)
CALLS: dict[str, Callable[[Any], Any]] = {
    "retrieve": lambda client: client.jobs.retrieve("ftjob-1"),
    "list": lambda client: list(client.jobs.list()),
    "create": lambda client: client.jobs.create(model="m", training_file="file-1"),
    "cancel": lambda client: client.jobs.cancel("ftjob-1"),
    "delete": lambda client: client.files.delete("file-1"),
    "share": lambda client: client.checkpoints.permissions.create("ckpt", ["proj"]),
}


def test_deadline_of_the_retry_policy_ends_every_call(kind: str) -> None:
    """It ends attempts, and the search for an object after a lost response."""

    def may_exist(call: str, fault: str) -> bool:
        with (
            serving(each_request(FAULTS[fault])) as server,
            connected(kind, server, retry=SHORT, admin_key="sk-admin") as client,
            pytest.raises(FineTuningError) as e,
        ):
            CALLS[call](client)
        return bool(e.value.may_exist)

    cases = [(call, fault) for call in CALLS for fault in FAULTS]
    # Concurrently, since each call waits for its deadline.
    with ThreadPoolExecutor(len(cases)) as threads:
        found = list(threads.map(lambda case: may_exist(*case), cases))
    assert found == [call in ("create", "share") for call, _ in cases]


SLOW: dict[str, tuple[Callable[[Any, Path], Any], dict[str, Any]]] = {
    "retrieve": (lambda client, _: client.jobs.retrieve("ftjob-1"), job_json()),
    "add_part": (
        lambda client, _: client.uploads.add_part("upload-1", b"{}"),
        {"id": "part-1", "object": "upload.part", "created_at": 1, "upload_id": "upload-1"},
    ),
    "download": (lambda client, path: client.files.download("file-1", path / "x"), {}),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", SLOW)
def test_timeout_of_the_client_ends_a_slow_attempt(kind: str, call: str, fault: str, tmp_path: Path) -> None:
    """The next attempt is a new one. For files, this applies before the content starts and after it ends."""
    operation, body = SLOW[call]
    if (call, fault) == ("download", "body"):
        pytest.skip("the content of a file has no total limit")

    @each_request
    def handle(connection: Connection) -> None:
        if len(connection.server.requests) == 1:
            FAULTS[fault](connection)
        else:
            connection.reply(json.dumps(body).encode())

    with serving(handle) as server, connected(kind, server, timeout=0.3) as client:
        assert operation(client, tmp_path)
        assert len(server.requests) == 2


def test_deadline_shortens_a_search_without_a_result(kind: str) -> None:
    """The error says that the job may exist, because the search was not long enough."""

    @each_request
    def handle(connection: Connection) -> None:
        if connection.request.startswith(b"GET"):
            connection.reply(json.dumps(list_json()).encode())
        else:
            connection.reply(b"{}", status="500 Error")

    with (
        serving(handle) as server,
        connected(kind, server, retry=SHORT) as client,
        pytest.raises(FineTuningError, match="deadline ended the search") as e,
    ):
        CALLS["create"](client)
    assert e.value.may_exist
    assert [request.split()[0] for request in server.requests] == [b"POST", b"GET"]


def test_a_clock_that_is_set_back_changes_no_timeout(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time is measured by a monotonic clock."""
    real = time.time
    running = json.dumps(job_json()).encode()
    with (
        serving(each_request(lambda connection: connection.reply(running))) as server,
        connected(kind, server) as client,
    ):
        job = client.jobs.retrieve("ftjob-1")

        def set_back(_: Any) -> None:
            monkeypatch.setattr(time, "time", lambda: real() - 3600)

        with pytest.raises(WaitTimeout):
            job.wait(timeout=0.2, poll_interval=0.05, on_update=set_back)


@pytest.mark.parametrize("call", ["upload", "content", "download"])
def test_a_file_transfer_has_no_total_limit(kind: str, call: str, tmp_path: Path) -> None:
    """Transfers of files have no total limit while they make progress."""

    @each_request
    def handle(connection: Connection) -> None:
        body = json.dumps(file_json(bytes=3, filename="upload.jsonl")).encode()
        connection.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body))
        for byte in body:
            connection.send(bytes((byte,)))

    calls: dict[str, Callable[[Any], Any]] = {
        "upload": lambda client: client.files.upload(b"{}\n").id,
        "content": lambda client: client.files.content("file-1"),
        "download": lambda client: client.files.download("file-1", tmp_path / "x"),
    }
    with serving(handle) as server, connected(kind, server, retry=ONCE) as client:
        assert calls[call](client)


def test_each_address_of_a_host_is_tried(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All addresses together share the timeout."""
    done = json.dumps(job_json(status="succeeded")).encode()
    real = socket.getaddrinfo

    def both(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        refusing = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.2", 1))]
        return refusing + real("127.0.0.1" if host == "localhost" else host, port, *args, **kwargs)

    with serving(each_request(lambda connection: connection.reply(done))) as server:
        base_url = server.base_url.replace("127.0.0.1", "localhost")
        if kind == "sync":
            monkeypatch.setattr(socket, "getaddrinfo", both)
        with connected(kind, server, base_url=base_url) as client:
            assert client.jobs.retrieve("ftjob-1").id == "ftjob-1"


async def test_concurrent_calls_wait_for_a_connection() -> None:
    """There are more calls than connections in the pool; all succeed, although each has only one attempt."""

    @each_request
    def handle(connection: Connection) -> None:
        connection.reply(json.dumps(job_json()).encode(), "content-type: application/json")

    with serving(handle) as server:
        async with AsyncFineTuning(api_key="sk-test", base_url=server.base_url, retry=ONCE) as client:
            jobs = await asyncio.gather(*(client.jobs.retrieve(job_json()["id"]) for _ in range(250)))
    assert len(jobs) == 250


async def test_a_call_that_waits_for_a_connection_ends_by_its_deadline() -> None:
    """All connections are used by calls that get no response."""

    def handle(connection: Connection) -> None:
        connection.receive()
        connection.wait(30)

    with serving(handle) as server:
        client = AsyncFineTuning(api_key="sk-test", base_url=server.base_url, retry=ONCE)
        calls = [asyncio.create_task(client.jobs.retrieve("ftjob-1")) for _ in range(100)]
        while len(server.requests) < 100:  # noqa: ASYNC110  threads of the server add to it
            await asyncio.sleep(0)
        job = FineTuningJob.from_dict(job_json(status="running"))
        with pytest.raises(WaitTimeout):
            await AsyncJob(client._driver, client._settings, job).wait(timeout=0.1)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        await client.close()
