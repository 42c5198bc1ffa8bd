"""Interrupts, cancellations and forks: the caller regains control, and the next call works.

`SOAK_ROUNDS` in the environment multiplies the rounds; `make soak` sets it.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from finetuning_client import AsyncFineTuning, ConfigurationError, ConnectionFailed, FineTuning
from finetuning_client.plans import file_upload, upload_in_parts

from .conftest import FakeServer, file_json, job_json
from .loopback import ONCE, Connection, connected, each_request, serving

JOB = json.dumps(job_json()).encode()
ROUNDS = int(os.environ.get("SOAK_ROUNDS", "1"))


def respond_with_the_job(connection: Connection) -> None:
    """Respond with the requested job."""
    connection.reply(JOB)


def interrupt() -> None:
    """Send SIGINT to the main thread, as Ctrl-C does."""
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Handle SIGINT, which background processes of a shell ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
    # Collect objects that an interrupt left behind, which would otherwise warn in another test.
    gc.collect()


# --- interrupts ------------------------------------------------------------------------------


def test_an_interrupted_call_ends_and_the_next_works(kind: str) -> None:
    """The server never responds to the first call."""

    @each_request
    def handle(connection: Connection) -> None:
        if len(connection.server.requests) == 1:
            interrupt()
            connection.wait(600)
        else:
            connection.reply(JOB)

    with serving(handle) as server, connected(kind, server) as client:
        with pytest.raises(KeyboardInterrupt):
            client.jobs.retrieve("ftjob-1")
        assert client.jobs.retrieve("ftjob-1").id == "ftjob-1"


def test_an_interrupted_upload_ends_and_the_next_works(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server never responds to the request for one part."""
    monkeypatch.setattr(file_upload, "LARGEST_FILE", 40)
    monkeypatch.setattr(upload_in_parts, "PART_SIZE", 20)
    parts = threading.Semaphore(0)

    @each_request
    def handle(connection: Connection) -> None:
        if b"/parts HTTP" in connection.request:
            parts.release()
            connection.wait(600)
        elif b"/v1/uploads HTTP" in connection.request:
            connection.reply(json.dumps(upload_json()).encode())
        else:
            connection.reply(json.dumps(file_json(bytes=3, filename="upload.jsonl")).encode())

    def interrupt_in_the_middle() -> None:
        for _ in range(4):
            parts.acquire()
        interrupt()

    thread = threading.Thread(target=interrupt_in_the_middle)
    thread.start()
    before = threading.active_count()
    with serving(handle) as server, connected(kind, server) as client:
        with pytest.raises(KeyboardInterrupt):
            client.files.upload(b"0123456789" * 8)
        thread.join()
        if kind == "sync":
            # One thread accepts, and one serves each connection; the client has no threads left.
            assert threading.active_count() <= before + 1 + len(server.requests)
        assert client.files.upload(b"{}\n").id == "file-1"


def upload_json() -> dict[str, Any]:
    """An upload as the service describes it."""
    return {
        "id": "upload-1",
        "object": "upload",
        "created_at": 1_700_000_000,
        "filename": "upload.jsonl",
        "bytes": 80,
        "purpose": "fine-tune",
        "status": "pending",
        "expires_at": 4_000_000_000,
        "file": None,
    }


def test_an_exception_of_a_callback_stops_the_other_parts(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exception reaches the caller without waiting for the parts in progress."""
    monkeypatch.setattr(file_upload, "LARGEST_FILE", 40)
    monkeypatch.setattr(upload_in_parts, "PART_SIZE", 20)

    @each_request
    def handle(connection: Connection) -> None:
        if b"/parts HTTP" in connection.request:
            connection.wait(600)
        else:
            connection.reply(json.dumps(upload_json()).encode())

    def refuse(sent: int, _: int) -> None:
        if sent > 20:
            raise LookupError("no more")

    with (
        serving(handle) as server,
        connected(kind, server) as client,
        pytest.raises(LookupError, match="no more"),
    ):
        client.files.upload(b"0123456789" * 8, on_progress=refuse)


# An object without an owner when the interrupt is raised, such as a new socket, is garbage collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("own", [True, False], ids=["own pool", "pool of the caller"])
def test_client_works_after_interrupts_at_random_times(own: bool) -> None:
    """The next call returns the requested job."""
    rng = random.Random(7)

    @each_request
    def handle(connection: Connection) -> None:
        path = connection.request.split(b" ")[1].decode()
        connection.reply(json.dumps(job_json(id=path.rpartition("/")[2])).encode())

    http = None if own else httpx.Client(limits=httpx.Limits(max_connections=3))
    with serving(handle) as server:
        client = FineTuning(
            api_key="k" * 8, base_url=server.base_url, retry=ONCE, timeout=5, http_client=http
        )
        interrupted = 0
        for number in range(60 * ROUNDS):
            signal.signal(signal.SIGALRM, signal.default_int_handler)
            try:
                signal.setitimer(signal.ITIMER_REAL, rng.uniform(0.0001, 0.004))
                for _ in range(100):
                    client.jobs.retrieve(f"ftjob-{number}")
            except KeyboardInterrupt:
                interrupted += 1
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, signal.SIG_DFL)
            assert client.jobs.retrieve(f"ftjob-after-{number}").id == f"ftjob-after-{number}"
        # Python itself discards an interrupt that is raised while it frees an object.
        assert interrupted > 50 * ROUNDS
        client.close()
        if http is not None:
            http.close()


def test_interrupt_is_raised_in_place_of_an_error_that_it_causes(
    make_client: Any, server: FakeServer
) -> None:
    """Libraries may raise another error while they handle the interrupt."""

    def fail(_: httpx.Request) -> httpx.Response:
        try:
            raise KeyboardInterrupt  # noqa: TRY301  this is what libraries do
        except KeyboardInterrupt:
            raise RuntimeError("a scope that is not the current one")  # noqa: B904  as libraries do

    server.enqueue(fail)
    with pytest.raises(KeyboardInterrupt):
        make_client().jobs.retrieve("ftjob-1")


# --- cancellation ----------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("own", [True, False], ids=["own pool", "pool of the caller"])
@pytest.mark.parametrize("warm", [True, False], ids=["connected", "not connected"])
def test_cancelled_call_leaks_no_connection(own: bool, warm: bool) -> None:
    """The pool has one connection, so a single leak would block it."""
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=1 if warm else 0)

    async def run(base_url: str) -> int:
        http = None if own else httpx.AsyncClient(limits=limits)
        client = AsyncFineTuning(api_key="k" * 8, base_url=base_url, retry=ONCE, timeout=5, http_client=http)
        cancelled = 0
        # Most steps of the loop wait for the server; increasing gaps make the last steps reachable.
        for steps in [*range(40), *range(40, 400, 23 if ROUNDS == 1 else 1)]:
            task = asyncio.ensure_future(client.jobs.retrieve("ftjob-1"))
            for _ in range(steps):
                await asyncio.sleep(0)
            cancelled += task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert (await client.jobs.retrieve("ftjob-1")).id == "ftjob-1"
        await client.close()
        if http is not None:
            await http.aclose()
        return cancelled

    with serving(each_request(respond_with_the_job)) as server:
        assert asyncio.run(run(server.base_url)) > 5


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_client_works_after_many_cancelled_tasks() -> None:
    """Each task is cancelled by timeouts of random length."""
    rng = random.Random(11)

    @each_request
    def handle(connection: Connection) -> None:
        connection.wait(rng.random() * 0.002)
        connection.reply(JOB)

    async def run(base_url: str) -> None:
        async with AsyncFineTuning(api_key="k" * 8, base_url=base_url, retry=ONCE, timeout=5) as client:

            async def cancelled_again_and_again() -> None:
                for _ in range(30 * ROUNDS):
                    try:
                        async with asyncio.timeout(rng.random() * 0.004):
                            await client.jobs.retrieve("ftjob-1")
                    except TimeoutError:
                        continue

            await asyncio.gather(*[cancelled_again_and_again() for _ in range(8)])
            calls = [client.jobs.retrieve("ftjob-1") for _ in range(100)]
            assert {job.id for job in await asyncio.gather(*calls)} == {"ftjob-1"}

    with serving(handle) as server:
        asyncio.run(run(server.base_url))


def test_a_cancelled_call_does_not_wait_for_a_slow_disk() -> None:
    """A thread cannot be stopped, so it is abandoned after a second."""
    going, end = threading.Event(), threading.Event()

    class Slow:
        """A file whose read blocks."""

        name = "slow.jsonl"

        def read(self, size: int = -1) -> bytes:
            if size:
                going.set()
                end.wait(600)
            return b""

        def seek(self, offset: int, whence: int = 0) -> int:
            return 80

    async def run(base_url: str) -> None:
        async with AsyncFineTuning(api_key="k" * 8, base_url=base_url, retry=ONCE) as client:
            task = asyncio.ensure_future(client.files.upload(Slow()))  # type: ignore[arg-type]
            await asyncio.to_thread(going.wait)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            end.set()

    with serving(each_request(respond_with_the_job)) as server:
        asyncio.run(run(server.base_url))


# --- forks and event loops -------------------------------------------------------------------

FORKING = """
import os, sys, httpx
from finetuning_client import FineTuning, ConfigurationError
http = httpx.Client() if sys.argv[2] == "outside" else None
client = FineTuning(api_key="k" * 8, base_url=sys.argv[1], http_client=http)
assert client.jobs.retrieve("ftjob-parent").id == "ftjob-parent"
children = []
for number in range(4):
    pid = os.fork()
    if pid:
        children.append(pid)
        continue
    try:
        good = all(client.jobs.retrieve(f"ftjob-{number}-{i}").id == f"ftjob-{number}-{i}" for i in range(20))
    except ConfigurationError as error:
        os._exit(3 if "forked" in str(error) else 4)
    os._exit(0 if good else 1)
for i in range(20):
    assert client.jobs.retrieve(f"ftjob-p{i}").id == f"ftjob-p{i}"
print(*[os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize(("pool", "codes"), [("own", "0 0 0 0"), ("outside", "3 3 3 3")])
def test_a_forked_child_does_not_share_connections(pool: str, codes: str) -> None:
    """The child makes its own pool; with a pool passed as `http_client` it raises `ConfigurationError`."""
    used: dict[int, set[bytes]] = {}

    @each_request
    def handle(connection: Connection) -> None:
        job_id = connection.request.split(b" ")[1].rpartition(b"/")[2]
        used.setdefault(id(connection), set()).add(job_id.split(b"-")[1][:1])
        connection.reply(json.dumps(job_json(id=job_id.decode())).encode())

    with serving(handle) as server:
        command = [sys.executable, "-c", FORKING, server.base_url, pool]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout.strip(), done.stderr) == (codes, "")
    assert all(len(owners) == 1 for owners in used.values())


def test_a_client_is_closed_in_its_own_event_loop() -> None:
    """In another event loop, `close` raises `ConfigurationError`, like any call."""
    with serving(each_request(respond_with_the_job)) as server:
        client = AsyncFineTuning(api_key="k" * 8, base_url=server.base_url)

        async def close() -> None:
            await client.close()

        async def use() -> None:
            await client.jobs.retrieve("ftjob-1")

        async def use_and_close() -> None:
            await use()
            with pytest.raises(ConfigurationError, match="another event loop"):
                await asyncio.to_thread(asyncio.run, close())
            await close()
            with pytest.raises(ConfigurationError, match="closed"):
                await use()

        asyncio.run(use_and_close())


def test_a_pool_from_the_environment_that_cannot_be_made_is_one_clear_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The cause is an unknown proxy scheme or a missing certificate file."""
    makers: tuple[Callable[..., Any], ...] = (FineTuning, AsyncFineTuning)
    for name, value in (("HTTPS_PROXY", "foo://x"), ("SSL_CERT_FILE", str(tmp_path / "none.pem"))):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            patch.setenv(name.lower(), value)
            for make in makers:
                try:
                    client = make(api_key="k" * 8, base_url="https://api.test/v1")
                except ConfigurationError as error:
                    assert "environment" in str(error)  # noqa: PT017
                else:
                    # Some releases of the HTTP library ignore a missing file.
                    assert name == "SSL_CERT_FILE" and repr(client)


def test_job_may_exist_if_the_client_is_closed_while_it_is_created() -> None:
    """The request was sent, and the closed client can no longer look for the job."""
    client: list[FineTuning] = []

    @each_request
    def handle(connection: Connection) -> None:
        client[0].close()
        connection.send(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n")

    with serving(handle) as server:
        client.append(FineTuning(api_key="sk-test", base_url=server.base_url))
        with pytest.raises(ConnectionFailed, match="closed during the request") as e:
            client[0].jobs.create(model="gpt-4o-mini-2024-07-18", training_file="file-1")
    assert e.value.may_exist is True
