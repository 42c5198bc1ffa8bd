"""Emulator: cost of starting and serving it, and the effect of the amount of stored data."""

import json
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

import httpx
import msgspec

from benchmarks.comparison import Aim, Comparison, at_most_times
from finetuning_emulator import Emulator
from finetuning_emulator.simulation.job import Job as SimulatedJob
from finetuning_emulator.state.store import Store

__all__ = ["comparisons"]

_GETS = 100
_FEW, _MANY = 10, 100_000
_EXAMPLE = '{"messages": [{"role": "user", "content": "%d"}, {"role": "assistant", "content": "yes"}]}\n'
_DATA = "".join(_EXAMPLE % number for number in range(60)).encode()


def comparisons() -> Iterator[Comparison]:
    """Measure starting, the life of a job, and reading with few and with many stored jobs."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        yield Comparison(
            title="starting and stopping an emulator",
            rivals={
                "fixture": _start_and_stop,
                "process": partial(_process_once, folder),
            },
            rounds=11,
            aims=(
                Aim("process: at most 1 s of CPU", lambda times: times["process"] <= 1),
                Aim("fixture: at most 50 ms of CPU", lambda times: times["fixture"] <= 0.050),
            ),
        )
        emulator = stack.enter_context(Emulator(speed=float("inf")))
        client = stack.enter_context(_client(emulator.base_url))
        file = _upload(client)
        yield Comparison(
            title="a whole job at infinite speed: create, retrieve, events, checkpoints, result",
            rivals={"emulator": partial(_run_job, client, file)},
            rounds=51,
            aims=(Aim("at most 40 ms of CPU", lambda times: times["emulator"] <= 0.040),),
        )
        few = stack.enter_context(_stocked_emulator(folder / "few", _FEW))
        many = stack.enter_context(_stocked_emulator(folder / "many", _MANY))
        names = (f"{_FEW} jobs stored", f"{_MANY} jobs stored")
        for title, read in _READS.items():
            yield Comparison(
                title=f"{_GETS} times {title}",
                rivals={
                    name: partial(read, stocked) for name, stocked in zip(names, (few, many), strict=True)
                },
                rounds=21,
                clock=partial(_cpu_seconds, (few.process, many.process)),
                aims=(at_most_times(names[1], 2, names[0]), *_AIMS.get(title, ())),
            )


class _StockedEmulator:
    """A running emulator, with the ids of its jobs."""

    def __init__(self, base_url: str, process: int, jobs: list[str]) -> None:
        self.process = process
        self._url = httpx.URL(base_url)
        self._random = random.Random(7)  # noqa: S311 - it picks, and must pick alike
        self.jobs = jobs

    def job(self) -> str:
        return self._random.choice(self.jobs)

    def connect(self) -> socket.socket:
        """Return a new connection; the server closes one that was not used for some seconds."""
        connection = socket.create_connection((self._url.host, self._url.port or 80))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def get(self, connection: socket.socket, path: str) -> bytes:
        """Return the body of a response, with little work, so that mainly the server is measured."""
        head = (
            f"GET /v1/fine_tuning/jobs{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer k\r\n\r\n"
        )
        connection.sendall(head.encode())
        came = b""
        while (end := came.find(b"\r\n\r\n")) < 0:
            came += _received(connection)
        fields = dict(line.lower().split(b": ", 1) for line in came[:end].split(b"\r\n")[1:])
        size = end + 4 + int(fields[b"content-length"])
        while len(came) < size:
            came += _received(connection)
        assert came.startswith(b"HTTP/1.1 200"), came
        return came[end + 4 :]


def _received(connection: socket.socket) -> bytes:
    if not (piece := connection.recv(65536)):
        raise ConnectionError("the emulator closed the connection")
    return piece


def _read(path: Callable[[_StockedEmulator], str], stocked: _StockedEmulator) -> None:
    with stocked.connect() as connection:
        for _ in range(_GETS):
            stocked.get(connection, path(stocked))


_READS = {
    "GET of a job": partial(_read, lambda stocked: f"/{stocked.job()}"),
    "list of jobs, first page": partial(_read, lambda _: "?limit=10"),
    "list of jobs, any page": partial(
        _read, lambda stocked: f"?after={stocked.jobs[len(stocked.jobs) // 2]}&limit=10"
    ),
    "list of jobs by metadata": partial(_read, lambda _: "?metadata[team]=nlp&limit=10"),
    "list of events of any job": partial(_read, lambda stocked: f"/{stocked.job()}/events"),
}


_AIMS = {"GET of a job": (Aim("each at most 100 ms of CPU", lambda times: max(times.values()) <= 0.100),)}


def _cpu_seconds(processes: Sequence[int]) -> float:
    """Return the CPU seconds so far of running processes; elapsed time where CPU time is not available."""
    try:
        # Linux derives the id of a process's CPU clock in this way.
        return sum(time.clock_gettime(~process << 3 | 2) for process in processes)
    except (AttributeError, OSError):
        return time.perf_counter()


def _start_and_stop() -> None:
    with Emulator(speed=float("inf")):
        pass


def _process_once(folder: Path) -> None:
    with _process(folder / "ready", "--speed", "inf"):
        pass


@contextmanager
def _process(ready: Path, *options: str) -> Iterator[tuple[str, int]]:
    """Run an emulator; yield its base URL and the id of its process."""
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "finetuning_emulator", "--port", "0", "--ready-file", str(ready)]
    with subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL) as process:
        while not ready.exists():
            time.sleep(0.001)
        yield ready.read_text(encoding="utf-8"), process.pid
        process.terminate()


@contextmanager
def _stocked_emulator(state: Path, count: int) -> Iterator[_StockedEmulator]:
    """Yield an emulator with `count` jobs, each with the same history of about 200 events."""
    with Emulator(speed=float("inf"), state=state) as emulator, _client(emulator.base_url) as client:
        job = client.post("/fine_tuning/jobs", json=_job(_upload(client))).json()["id"]
    with closing(Store(state)) as store:
        template = store.jobs.get(job)
        assert isinstance(template, SimulatedJob)
        jobs = [f"ftjob-{number:024}" for number in range(count)]
        with store.database.transaction() as database:
            for identifier in jobs:
                copy = msgspec.structs.replace(template, id=identifier)
                row = database.execute(
                    "INSERT INTO jobs (id, rests_at, has_metadata, record) VALUES (?, ?, 1, ?)",
                    (identifier, copy.timeline.settled, msgspec.json.encode(copy)),
                ).lastrowid
                database.execute("INSERT INTO job_metadata VALUES ('team', 'nlp', ?)", (row,))
    with _process(state.with_suffix(".ready"), "--speed", "inf", "--state", str(state)) as (
        base_url,
        process,
    ):
        yield _StockedEmulator(base_url, process, jobs)


def _client(base_url: str) -> httpx.Client:
    return httpx.Client(base_url=base_url, headers={"Authorization": "Bearer k"}, trust_env=False)


def _upload(client: httpx.Client) -> str:
    answer = client.post("/files", files={"file": ("a.jsonl", _DATA)}, data={"purpose": "fine-tune"})
    return str(answer.json()["id"])


def _job(file: str) -> dict[str, object]:
    return {"model": "gpt-4o-mini", "training_file": file, "seed": 7, "metadata": {"team": "nlp"}}


def _run_job(client: httpx.Client, file: str) -> None:
    job = client.post("/fine_tuning/jobs", json=_job(file)).json()["id"]
    done = json.loads(client.get(f"/fine_tuning/jobs/{job}").content)
    assert done["status"] == "succeeded"
    client.get(f"/fine_tuning/jobs/{job}/events").raise_for_status()
    client.get(f"/fine_tuning/jobs/{job}/checkpoints").raise_for_status()
    client.get(f"/files/{done['result_files'][0]}/content").raise_for_status()
