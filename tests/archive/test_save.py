"""`client.archive` saves everything once; a later run fetches only what can have changed."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from finetuning_client import (
    ArchiveError,
    AsyncFineTuning,
    FineTuning,
    InvalidRequestError,
    NotFound,
)
from finetuning_client.archive import Archive
from finetuning_emulator import Emulator

from ..training_files import examples
from .conftest import ADMIN, AsyncStillClock, contents, fill

Connect = Callable[..., FineTuning]


def test_everything_of_all_jobs_is_saved(client: FineTuning, tmp_path: Path) -> None:
    """Jobs, events, checkpoints, permissions, metrics and files are read as from the server."""
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
    """Both clients use the same fixed clock."""

    async def run() -> None:
        options: dict[str, Any] = {"admin_key": ADMIN, "clock": AsyncStillClock()}
        async with AsyncFineTuning(base_url=project.base_url, api_key="sk-test", **options) as client:
            await client.archive(tmp_path / "a")

    asyncio.run(run())
    assert contents(tmp_path / "a") == contents(saved)


def test_second_run_fetches_only_what_can_have_changed(
    client: FineTuning, saved: Path, tmp_path: Path, requests: list[str]
) -> None:
    """The run fetches the list, unfinished jobs and permissions; all bytes stay the same."""
    directory = shutil.copytree(saved, tmp_path / "a")
    (waiting,) = (job.id for job in Archive(directory).jobs if not job.status.is_terminal)
    client.archive(directory)
    others = [r for r in requests if "/permissions" not in r and not r.startswith("GET /fine_tuning/jobs {")]
    assert len(others) == 2
    assert all(waiting in request for request in others)
    assert contents(directory) == contents(saved)


def test_second_run_adds_new_jobs_and_the_end_of_others(connect: Connect, tmp_path: Path) -> None:
    """The data that was saved before is kept."""
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
    """A run with another filter adds its jobs to the archive."""
    archive = client.archive(tmp_path / "a", **selection)
    live = list(client.jobs.list())
    assert [job.id for job in archive.jobs] == [job.id for job in expected(live)]
    again = client.archive(tmp_path / "a")
    assert [job.id for job in again.jobs] == [job.id for job in live]


def test_jobs_are_selected_by_handle_id_or_time(client: FineTuning, tmp_path: Path) -> None:
    """Jobs are selected by handle, id, a time, or a job of the list."""
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
    """A missing file is counted in a note, and is not an error."""
    archive = Archive(saved)
    (job,) = (job for job in archive.jobs if job.validation_file)
    with pytest.raises(NotFound, match="no content for the file"):
        archive.content(str(job.validation_file))
    assert any("1 of" in note for note in archive.notes)


@pytest.mark.parametrize("key", [None, "sk-not-an-admin"])
def test_permissions_need_an_admin_key(
    project: Emulator, connect: Connect, tmp_path: Path, requests: list[str], key: str | None
) -> None:
    """Without one, permissions are left out with a note, after at most one request."""
    archive = connect(project, admin_key=key).archive(tmp_path / "a")
    assert any("checkpoint permissions were not saved" in note for note in archive.notes)
    assert sum("/permissions" in request for request in requests) <= 1
    assert archive.verify()


def test_files_with_the_same_content_are_stored_once(connect: Connect, tmp_path: Path) -> None:
    """The path of the content is its checksum."""
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
    """The last call reports all jobs."""
    seen: list[tuple[int, int]] = []
    archive = client.archive(tmp_path / "a", on_progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(archive.jobs), len(archive.jobs))


def test_two_runs_in_one_directory_are_refused(client: FineTuning, tmp_path: Path) -> None:
    """The error of the second run explains it; the lock is released when the first run ends."""
    errors: list[str] = []

    def again(done: int, total: int) -> None:
        with pytest.raises(ArchiveError, match="another process or thread") as raised:
            client.archive(tmp_path / "a")
        errors.append(str(raised.value))

    client.archive(tmp_path / "a", on_progress=again)
    assert errors
    assert not (tmp_path / "a" / ".lock").exists()
    client.archive(tmp_path / "a")


def test_a_lock_of_a_dead_process_does_not_count(client: FineTuning, tmp_path: Path) -> None:
    """The lock file may exist, but no process holds the lock."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ".lock").touch()
    assert client.archive(tmp_path / "a").verify()


@pytest.mark.parametrize("wrong", ["", 7, None])
def test_a_directory_must_be_a_path(client: FineTuning, wrong: Any) -> None:
    """Another type is refused before a request is sent."""
    with pytest.raises(InvalidRequestError, match="directory: must be a path"):
        client.archive(wrong)


def test_a_directory_with_other_files_is_refused(client: FineTuning, tmp_path: Path) -> None:
    """Nothing in the directory is changed."""
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ArchiveError, match="is neither empty nor an archive"):
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
        ({"jobs": ["ftjob-1"], "limit": 1}, "jobs: must be given without any other filter"),
        ({"metadata": {"a": 1}}, "metadata"),
        ({"max_bytes": 0}, "max_bytes: must be"),
        ({"on_progress": 1}, "on_progress: must be"),
        ({"after": ""}, "after: must be"),
    ],
    ids=str,
)
def test_wrong_arguments_are_refused_before_any_request(
    client: FineTuning, tmp_path: Path, requests: list[str], arguments: Any, message: str
) -> None:
    """The error names the argument."""
    with pytest.raises(InvalidRequestError, match=message):
        client.archive(tmp_path / "a", **arguments)
    assert not requests
    assert not (tmp_path / "a").exists()


def test_a_newer_format_is_refused(client: FineTuning, saved: Path, tmp_path: Path) -> None:
    """Reading and writing name both versions, and nothing is changed."""
    directory = shutil.copytree(saved, tmp_path / "a")
    manifest = json.loads((directory / "manifest.json").read_text())
    (directory / "manifest.json").write_text(json.dumps({**manifest, "version": 2, "new": True}))
    before = contents(directory)
    for use in (Archive, client.archive):
        with pytest.raises(ArchiveError, match="version 2 of the format, but this release reads 1"):
            use(directory)
    assert contents(directory) == before


def test_since_takes_any_time(client: FineTuning, tmp_path: Path) -> None:
    """A time in the future selects no job."""
    future = datetime.now(UTC).replace(year=2100)
    assert len(client.archive(tmp_path / "a", since=future).jobs) == 0
    assert Archive(tmp_path / "a").jobs.first() is None


def test_fill_makes_every_kind_of_job(project: Emulator, saved: Path) -> None:
    """The project has each kind of job that these tests need."""
    jobs = Archive(saved).jobs
    assert {job.status for job in jobs} == {"succeeded", "failed", "queued"}
    assert {type(job.method).__name__ for job in jobs} == {"Supervised", "DPO", "Reinforcement"}
    assert fill.__doc__
