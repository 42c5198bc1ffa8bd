"""`client.archive` saves everything, fetches nothing twice, and only what can have changed the next time."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finetuning_client import (
    ArchiveError,
    AsyncFineTuning,
    FineTuning,
    FineTuningError,
    InvalidRequestError,
    NotFound,
    RetryPolicy,
    ServerError,
)
from finetuning_client.archive import Archive
from finetuning_client.archive.disk import Journal
from finetuning_client.archive.format import decoded, is_whole, log_path, to_line
from finetuning_emulator import Emulator

from .conftest import ADMIN, StillClock, contents, examples, fill

Connect = Callable[..., FineTuning]


def test_everything_of_all_jobs_is_saved(client: FineTuning, tmp_path: Path) -> None:
    """Jobs, events, checkpoints, permissions, metrics and files read the same as at the server."""
    archive = client.archive(tmp_path / "a")
    live = list(client.jobs.list())
    assert [job.to_dict() for job in archive.jobs] == [job.to_dict() for job in live]
    for here, there in zip(archive.jobs, live, strict=True):
        assert [e.to_dict() for e in here.list_events()] == [e.to_dict() for e in there.list_events()]
        points = list(there.list_checkpoints())
        assert [point.to_dict() for point in here.list_checkpoints()] == [p.to_dict() for p in points]
        assert here.metrics() == there.metrics()
        for point in points:
            name = point.fine_tuned_model_checkpoint
            assert archive.permissions(name) == list(client.checkpoints.permissions.list(name))
        for file_id in there.result_files:
            assert archive.content(file_id) == client.files.content(file_id)
    assert {file.id: file.to_dict() for file in archive.files} == {
        file.id: file.to_dict() for file in client.files.list()
    }


def test_no_request_is_sent_twice(client: FineTuning, tmp_path: Path, requests: list[str]) -> None:
    """Files and checkpoints that jobs share are fetched once."""
    client.archive(tmp_path / "a")
    assert len(requests) == len(set(requests))


def test_the_async_client_saves_the_same_bytes(project: Emulator, saved: Path, tmp_path: Path) -> None:
    """The clock is the same too."""

    class Clock(StillClock):
        async def sleep(self, seconds: float) -> None:  # type: ignore[override]
            StillClock.sleep(self, seconds)

    async def run() -> None:
        options: dict[str, Any] = {"admin_key": ADMIN, "clock": Clock()}
        async with AsyncFineTuning(base_url=project.base_url, api_key="sk-test", **options) as client:
            await client.archive(tmp_path / "a")

    asyncio.run(run())
    assert contents(tmp_path / "a") == contents(saved)


def test_second_run_fetches_only_what_can_have_changed(
    client: FineTuning, saved: Path, tmp_path: Path, requests: list[str]
) -> None:
    """It fetches the list, jobs that had not ended, and permissions. The bytes stay the same."""
    directory = shutil.copytree(saved, tmp_path / "a")
    (waiting,) = (job.id for job in Archive(directory).jobs if not job.status.is_terminal)
    client.archive(directory)
    others = [r for r in requests if "/permissions" not in r and not r.startswith("GET /fine_tuning/jobs {")]
    assert len(others) == 2
    assert all(waiting in request for request in others)
    assert contents(directory) == contents(saved)


def test_second_run_adds_new_jobs_and_the_end_of_others(connect: Connect, tmp_path: Path) -> None:
    """Data that was saved before is still there."""
    with Emulator(speed=0) as emulator:
        client = connect(emulator)
        file = client.files.upload(examples("supervised")).id
        first = client.jobs.create(model="gpt-4o-mini", training_file=file)
        archive = client.archive(tmp_path / "a")
        assert [job.status for job in archive.jobs] == ["validating_files"]
        emulator.advance(hours=2)
        second = client.jobs.create(model="gpt-4o-mini", training_file=file)
        archive = client.archive(tmp_path / "a")
        assert [job.id for job in archive.jobs] == [second.id, first.id]
        assert archive.jobs[first.id].status == "succeeded"
        assert archive.jobs[first.id].metrics() == first.retrieve().metrics()
        assert archive.verify()


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({"metadata": {"team": "nlp"}}, lambda jobs: [j for j in jobs if j.metadata.get("team") == "nlp"]),
        ({"limit": 2}, lambda jobs: jobs[:2]),
        ({"limit": 0}, lambda jobs: []),
    ],
    ids=["metadata", "limit", "none"],
)
def test_filters_select_jobs(client: FineTuning, tmp_path: Path, selection: Any, expected: Any) -> None:
    """Each run of another filter adds to the archive."""
    archive = client.archive(tmp_path / "a", **selection)
    live = list(client.jobs.list())
    assert [job.id for job in archive.jobs] == [job.id for job in expected(live)]
    again = client.archive(tmp_path / "a")
    assert [job.id for job in again.jobs] == [job.id for job in live]


def test_jobs_can_be_given_and_be_those_since_or_after(client: FineTuning, tmp_path: Path) -> None:
    """Handles, ids, a moment, or a job of the list."""
    live = list(client.jobs.list())
    some = client.archive(tmp_path / "a", jobs=[live[3], str(live[1].id)])
    assert {job.id for job in some.jobs} == {live[1].id, live[3].id}
    created = live[2].created_at
    assert created
    for since in (created, created.timestamp()):
        recent = client.archive(tmp_path / str(type(since)), since=since)
        assert [job.id for job in recent.jobs] == [
            job.id for job in live if job.created_at and job.created_at >= created
        ]
    later = client.archive(tmp_path / "c", after=live[4].id)
    assert [job.id for job in later.jobs] == [job.id for job in live[5:]]


def test_a_deleted_file_is_recorded_as_missing(client: FineTuning, saved: Path) -> None:
    """It is not an error, and a note counts it."""
    archive = Archive(saved)
    (job,) = (job for job in archive.jobs if job.validation_file)
    with pytest.raises(NotFound, match="no content of the file"):
        archive.content(str(job.validation_file))
    assert any("1 of" in note for note in archive.notes)


@pytest.mark.parametrize("key", [None, "sk-not-an-admin"])
def test_permissions_need_an_admin_key(
    project: Emulator, connect: Connect, tmp_path: Path, requests: list[str], key: str | None
) -> None:
    """Without one they are left out with a note, after one request at most."""
    archive = connect(project, admin_key=key).archive(tmp_path / "a")
    assert any("permissions of checkpoints were not saved" in note for note in archive.notes)
    assert sum("/permissions" in request for request in requests) <= 1
    assert archive.verify()


def test_files_with_the_same_content_are_stored_once(connect: Connect, tmp_path: Path) -> None:
    """The content is stored by its checksum."""
    with Emulator(speed=float("inf")) as emulator:
        client = connect(emulator)
        for _ in range(3):
            file = client.files.upload(examples("supervised")).id
            client.jobs.create(
                model="gpt-4o-mini", training_file=file, metadata={"emulator.error_code": "no"}
            )
        archive = client.archive(tmp_path / "a")
    assert len(archive.files) == 3
    assert len(list((tmp_path / "a" / "files").iterdir())) == 1


def test_progress_counts_jobs(client: FineTuning, tmp_path: Path) -> None:
    """The last call has all of them."""
    seen: list[tuple[int, int]] = []
    archive = client.archive(tmp_path / "a", on_progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(archive.jobs), len(archive.jobs))


def test_an_error_of_the_server_can_be_continued(
    project: Emulator, client: FineTuning, saved: Path, tmp_path: Path, requests: list[str]
) -> None:
    """The run that continues sends no request of the first one that had a response."""
    impatient = client.with_options(retry=RetryPolicy(max_attempts=1))
    for after in (5, 8, 3):
        project.fault("error", after=after, times=1)
        with pytest.raises(ServerError):
            impatient.archive(tmp_path / "a")
    with pytest.raises(ArchiveError, match="is not finished"):
        Archive(tmp_path / "a")
    impatient.archive(tmp_path / "a")
    assert contents(tmp_path / "a") == contents(saved)
    assert len(requests) - len(set(requests)) <= 3 * 8


def test_max_bytes_stops_a_run_that_continues_with_more(
    client: FineTuning, saved: Path, tmp_path: Path
) -> None:
    """Nothing that was fetched is lost."""
    with pytest.raises(ArchiveError, match="max_bytes=4000"):
        client.archive(tmp_path / "a", max_bytes=4000)
    assert sum(map(len, contents(tmp_path / "a").values())) < 40_000
    with pytest.raises(ArchiveError, match="is not finished"):
        Archive(tmp_path / "a")
    client.archive(tmp_path / "a", max_bytes=10_000_000)
    assert contents(tmp_path / "a") == contents(saved)


def test_a_full_disk_is_one_error(
    client: FineTuning, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the directory and the reason, and the run can continue later."""
    append = Journal.append
    calls = iter(range(100))

    def full(self: Journal, *values: Any) -> int:
        if next(calls) == 9:
            with (self._path).open("ab") as file:
                file.write(to_line(values[0])[:30])
            raise ArchiveError("No space left on device") from OSError(errno.ENOSPC, "full")
        return append(self, *values)

    monkeypatch.setattr(Journal, "append", full)
    with pytest.raises(ArchiveError, match="No space left"):
        client.archive(tmp_path / "a")
    monkeypatch.undo()
    client.archive(tmp_path / "a")
    assert contents(tmp_path / "a") == contents(saved)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="needs a file system of its own")
def test_a_full_file_system_is_one_error(client: FineTuning, saved: Path, tmp_path: Path) -> None:
    """On a file system with too little room."""
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "none", small], check=False).returncode:
        pytest.skip("cannot mount")
    try:
        with pytest.raises(ArchiveError, match="No space left on device"):
            client.archive(small / "a")
        subprocess.run(["mount", "-o", "remount,size=8m", small], check=True)
        client.archive(small / "a")
        assert contents(small / "a") == contents(saved)
    finally:
        subprocess.run(["umount", small], check=True)


def test_two_runs_in_one_directory_are_refused(client: FineTuning, tmp_path: Path) -> None:
    """The second one says so; the lock ends with the first."""
    errors: list[str] = []

    def again(done: int, total: int) -> None:
        with pytest.raises(ArchiveError, match="another process or thread") as raised:
            client.archive(tmp_path / "a")
        errors.append(str(raised.value))

    client.archive(tmp_path / "a", on_progress=again)
    assert errors
    assert not (tmp_path / "a" / ".lock").exists()
    client.archive(tmp_path / "a")


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_run_leaves_no_lock_and_continues(
    client: FineTuning, saved: Path, tmp_path: Path, error: type[BaseException]
) -> None:
    """An error of a callback reaches the caller."""

    def interrupt(done: int, total: int) -> None:
        raise error

    with pytest.raises(error):
        client.archive(tmp_path / "a", on_progress=interrupt)
    client.archive(tmp_path / "a")
    assert contents(tmp_path / "a") == contents(saved)


def test_a_cancelled_run_continues(project: Emulator, saved: Path, tmp_path: Path) -> None:
    """In the middle of requests that run at the same time."""

    class Clock(StillClock):
        async def sleep(self, seconds: float) -> None:  # type: ignore[override]
            StillClock.sleep(self, seconds)

    async def run() -> None:
        options: dict[str, Any] = {"admin_key": ADMIN, "clock": Clock(), "api_key": "sk-test"}
        count = 0

        def on_request(request: object) -> None:
            nonlocal count
            count += 1
            if count == 12:
                task.cancel()

        async with AsyncFineTuning(base_url=project.base_url, on_request=on_request, **options) as client:
            task = asyncio.create_task(client.archive(tmp_path / "a"))
            with pytest.raises(asyncio.CancelledError):
                await task
            await client.archive(tmp_path / "a")

    asyncio.run(run())
    assert contents(tmp_path / "a") == contents(saved)


def test_a_lock_of_a_dead_process_does_not_count(client: FineTuning, tmp_path: Path) -> None:
    """The file may exist, but no process holds it."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ".lock").touch()
    assert client.archive(tmp_path / "a").verify()


@pytest.mark.parametrize("wrong", ["", 7, None])
def test_a_directory_must_be_a_path(client: FineTuning, wrong: Any) -> None:
    """Nothing is sent."""
    with pytest.raises(InvalidRequestError, match="directory: must be a path"):
        client.archive(wrong)


def test_a_directory_with_other_files_is_refused(client: FineTuning, tmp_path: Path) -> None:
    """Nothing of it is changed."""
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ArchiveError, match="is not an archive, and is not empty"):
        client.archive(tmp_path)
    with pytest.raises(ArchiveError, match=r"notes\.txt: is a file, not a directory"):
        client.archive(tmp_path / "notes.txt")
    assert contents(tmp_path) == {"notes.txt": b"mine"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"since": "yesterday"}, "since: must be a datetime"),
        ({"since": float("nan")}, "since: must be a datetime"),
        ({"limit": -1}, "limit: must be a whole number"),
        ({"jobs": [1]}, "jobs: must be job handles or job ids"),
        ({"jobs": 5}, "jobs: must be job handles or job ids"),
        ({"jobs": ["ftjob-1"], "limit": 1}, "jobs: must be given alone"),
        ({"metadata": {"a": 1}}, "metadata"),
        ({"max_bytes": 0}, "max_bytes: must be"),
        ({"on_progress": 1}, "on_progress: must be"),
        ({"after": ""}, "after: must be"),
    ],
    ids=str,
)
def test_wrong_arguments_are_refused_before_anything_is_done(
    client: FineTuning, tmp_path: Path, requests: list[str], arguments: Any, message: str
) -> None:
    """The error names the argument."""
    with pytest.raises(InvalidRequestError, match=message):
        client.archive(tmp_path / "a", **arguments)
    assert not requests
    assert not (tmp_path / "a").exists()


class OddServer:
    """A server of odd jobs, events without fields, and ids that are not file names."""

    IDS = (
        *("ftjob-a", "FTJOB-A", "..", "../../etc/passwd", "a/b", "con", "nul.txt", "x" * 500, "ä ö", "a\\b"),
        *("job:1", "trailing.", "%2e%2e", "gs%3A%2F%2Fb%2Ft"),
    )

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Return a page of whatever is asked for."""
        path = request.url.raw_path.decode().partition("?")[0]
        if path == "/v1/fine_tuning/jobs":
            jobs = [{"id": i, "status": "COMPLETED_WELL", "weights": [1, None]} for i in self.IDS]
            return httpx.Response(200, json={"data": [] if "after" in request.url.params else jobs})
        if path.endswith("/events"):
            content = (
                b'{"data": [{"id": "e1", "data": {"train_loss": NaN}, "more": 12345678901234567890123}]}'
            )
            return httpx.Response(200, content=b'{"data": []}' if "after" in request.url.params else content)
        return httpx.Response(404, json={"detail": "Not Found"})


def test_odd_jobs_are_kept_as_they_came(tmp_path: Path) -> None:
    """Unknown statuses, missing fields, numbers that JSON lacks, and ids that are not file names."""
    server = OddServer()
    with httpx.Client(transport=httpx.MockTransport(server.respond)) as http:
        client = FineTuning(api_key="k", base_url="https://api.test/v1", http_client=http, clock=StillClock())
        archive = client.archive(tmp_path / "root" / "a")
    assert archive.verify()
    assert [job.id for job in archive.jobs] == list(server.IDS)
    assert archive.jobs[0].to_dict() == {"id": "ftjob-a", "status": "COMPLETED_WELL", "weights": [1, None]}
    for job in archive.jobs:
        if job.id in ("..", "ä ö") or "/" in job.id or "\\" in job.id:
            continue
        (event,) = job.list_events()
        assert repr(event.to_dict()["data"]) == "{'train_loss': nan}"
        assert event.to_dict()["more"] == 12345678901234567890123
    assert {path.name for path in tmp_path.iterdir()} == {"root"}
    logs = list((tmp_path / "root" / "a" / "jobs").iterdir())
    assert len({path.name.lower() for path in logs}) == len(server.IDS)


def test_events_that_the_server_does_not_give_are_noted(tmp_path: Path) -> None:
    """An archive without them is not taken for one of jobs that had none."""
    jobs = [{"id": f"ftjob-{n}", "object": "fine_tuning.job", "status": "succeeded"} for n in range(3)]

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/jobs"):
            return httpx.Response(200, json={"data": jobs, "has_more": False})
        if request.url.path.endswith(("/ftjob-1/events", "/ftjob-1/checkpoints")):
            return httpx.Response(200, json={"data": [], "has_more": False})
        return httpx.Response(404, json={"detail": "Not Found"})

    with httpx.Client(transport=httpx.MockTransport(respond)) as http:
        client = FineTuning(api_key="k", base_url="https://api.test/v1", http_client=http, clock=StillClock())
        for _ in range(2):
            archive = client.archive(tmp_path / "a")
            assert "events or checkpoints of 2 of 3 jobs were not saved" in " ".join(archive.notes)
    assert archive.verify()


@given(st.text())
def test_the_log_of_any_id_has_a_safe_name(job_id: str) -> None:
    """It is short, lower case, and of letters that every file system has."""
    name = Path(log_path(job_id)).name
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert 10 < len(name) < 100
    assert Path(log_path(job_id)).parent == Path("jobs")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(_JSON)
def test_a_line_reads_as_it_was_written_and_no_byte_can_change(value: Any) -> None:
    """Whatever JSON the server sends."""
    line = to_line({"event": value})
    assert line.count(b"\n") == 1
    assert is_whole(line)
    assert decoded(line)["event"] == value
    for place in range(len(line)):
        assert not is_whole(line[:place] + bytes([line[place] ^ 1]) + line[place + 1 :])
    assert not any(is_whole(line[:size]) for size in range(len(line)))


def cut(directory: Path, data: st.DataObject) -> None:
    """Cut or delete some files of a directory."""
    names = sorted(contents(directory))
    for name in data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)):
        size = (directory / name).stat().st_size
        left = data.draw(st.integers(-1, max(size - 1, 0)))
        if left < 0:
            (directory / name).unlink()
        else:
            os.truncate(directory / name, left)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_an_archive_that_is_cut_anywhere_is_continued(
    project: Emulator, connect: Connect, saved: Path, tmp_path: Path, data: st.DataObject
) -> None:
    """Whichever files are cut or gone, the next run makes the same bytes of it."""
    shutil.rmtree(tmp_path / "a", ignore_errors=True)
    directory = shutil.copytree(saved, tmp_path / "a")
    cut(directory, data)
    if any("/" not in name for name in contents(directory)):
        connect(project).archive(directory)
        assert contents(directory) == contents(saved)


@pytest.mark.parametrize("kind", ["files/", "jobs/", "list"])
def test_every_kind_of_file_is_fetched_again_when_it_was_cut(
    client: FineTuning, saved: Path, tmp_path: Path, requests: list[str], kind: str
) -> None:
    """At the end of a line, within one, or as a whole."""
    directory = shutil.copytree(saved, tmp_path / "a")
    ended = {log_path(str(job.id)) for job in Archive(saved).jobs if job.status.is_terminal}
    names = [name for name in sorted(contents(saved)) if name.startswith(kind)]
    names = names or ["files.jsonl", "permissions.jsonl", "checksums.jsonl"]
    for number, name in enumerate(name for name in names if kind != "jobs/" or name in ended):
        content = (saved / name).read_bytes()
        left = (content.rfind(b"\n", 0, -1) + 1, len(content) // 2, 0)[number % 3]
        (directory / name).write_bytes(content[:left])
    client.archive(directory)
    assert contents(directory) == contents(saved)
    assert len(requests) == len(set(requests))


@pytest.fixture(scope="module")
def unfinished(project: Emulator, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Runs that ended after some requests, and one that was moving its files into the archive."""
    directories = [tmp_path_factory.mktemp("unfinished") / str(number) for number in range(4)]
    options: dict[str, Any] = {
        "admin_key": ADMIN,
        "clock": StillClock(),
        "retry": RetryPolicy(max_attempts=1),
    }
    with FineTuning(base_url=project.base_url, api_key="sk-test", **options) as client:
        for directory, requests in zip(directories, (1, 14, 35), strict=False):
            project.fault("error", after=requests)
            with pytest.raises(FineTuningError):
                client.archive(directory)
        with pytest.MonkeyPatch.context() as patch, pytest.raises(ArchiveError):
            moved = iter(range(100))
            replace = Path.replace

            def fail(self: Path, target: Path) -> Path:
                if ".unfinished" not in str(target) and next(moved) == 5:
                    raise OSError(errno.EIO, "no")
                return replace(self, target)

            patch.setattr(Path, "replace", fail)
            client.archive(directories[3])
    return directories


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_run_whose_files_are_cut_continues(
    project: Emulator,
    connect: Connect,
    saved: Path,
    unfinished: list[Path],
    tmp_path: Path,
    data: st.DataObject,
) -> None:
    """Wherever it stopped, and whichever of its files are cut or gone."""
    shutil.rmtree(tmp_path / "a", ignore_errors=True)
    directory = shutil.copytree(data.draw(st.sampled_from(unfinished)), tmp_path / "a")
    cut(directory, data)
    connect(project).archive(directory)
    assert contents(directory) == contents(saved)


def test_an_unfinished_run_of_another_filter_or_day_lists_again(
    project: Emulator, client: FineTuning, saved: Path, tmp_path: Path, requests: list[str]
) -> None:
    """Everything that it has fetched is kept."""
    impatient = client.with_options(retry=RetryPolicy(max_attempts=1))
    project.fault("error", after=9, times=1)
    with pytest.raises(FineTuningError):
        impatient.archive(tmp_path / "a", limit=4)
    client.archive(tmp_path / "a")
    assert contents(tmp_path / "a") == contents(saved)
    assert sum(request.startswith("GET /fine_tuning/jobs {") for request in requests) == 2


def test_a_newer_format_is_refused(client: FineTuning, saved: Path, tmp_path: Path) -> None:
    """Reading and writing name both versions, and change nothing."""
    directory = shutil.copytree(saved, tmp_path / "a")
    manifest = json.loads((directory / "manifest.json").read_text())
    (directory / "manifest.json").write_text(json.dumps({**manifest, "version": 2, "new": True}))
    before = contents(directory)
    for use in (Archive, client.archive):
        with pytest.raises(ArchiveError, match="version 2 of the format, and this release reads 1"):
            use(directory)
    assert contents(directory) == before


def test_since_takes_any_moment(client: FineTuning, tmp_path: Path) -> None:
    """No job is saved for a time in the future."""
    future = datetime.now(UTC).replace(year=2100)
    assert len(client.archive(tmp_path / "a", since=future).jobs) == 0
    assert Archive(tmp_path / "a").jobs.first() is None


def test_fill_makes_every_kind_of_job(project: Emulator, saved: Path) -> None:
    """The project of these tests has what they need."""
    jobs = Archive(saved).jobs
    assert {job.status for job in jobs} == {"succeeded", "failed", "queued"}
    assert {type(job.method).__name__ for job in jobs} == {"Supervised", "DPO", "Reinforcement"}
    assert fill.__doc__
