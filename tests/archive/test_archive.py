"""`Archive` needs no key and no network, gives jobs like live ones, and `verify` names every change."""

from __future__ import annotations

import copy
import os
import pickle
import shutil
from pathlib import Path

import pytest

from finetuning_client import ArchiveError, FineTuning, Job, JobFailed, NotFound, loss_curve
from finetuning_client.archive import Archive, ArchivedJob
from finetuning_client.archive.format import is_log
from finetuning_client.results import compare

from .conftest import contents


@pytest.fixture
def directory(saved: Path, tmp_path: Path) -> Path:
    """A copy of the archive."""
    return shutil.copytree(saved, tmp_path / "a")


@pytest.fixture
def archive(saved: Path) -> Archive:
    """The archive."""
    return Archive(saved)


def test_a_good_archive_gives_a_report(archive: Archive, saved: Path) -> None:
    """The report has the number of files and bytes, not counting the manifest."""
    report = archive.verify()
    assert report.ok
    assert report.files == len(contents(saved)) - 1
    assert "all intact" in str(report)


def test_every_changed_byte_is_named(directory: Path) -> None:
    """A changed byte anywhere is named with its file and, in a list, its line; nothing else is named."""
    for name, content in contents(directory).items():
        places = {
            0,
            9,
            len(content) // 2,
            len(content) - 1,
            *range(3, len(content), max(len(content) // 6, 1)),
        }
        for place in sorted(places & set(range(len(content)))):
            changed = content[:place] + bytes([content[place] ^ 2]) + content[place + 1 :]
            (directory / name).write_bytes(changed)
            with pytest.raises(ArchiveError, match=name) as raised:
                Archive(directory).verify()
            found = raised.value.problems
            if found:
                assert {problem.path for problem in found} == {name}
            if name.endswith(".jsonl") and found:
                line = content.count(b"\n", 0, place) + 1
                assert any(problem.line == line for problem in found)
        (directory / name).write_bytes(content)
    assert Archive(directory).verify()


def test_a_changed_file_that_is_deleted_is_fetched_again(
    directory: Path, saved: Path, client: FineTuning
) -> None:
    """The next run fetches it, as the error advises."""
    log = next(name for name, content in contents(directory).items() if is_log(name) and b"Step" in content)
    (directory / log).write_bytes((directory / log).read_bytes().replace(b"Step", b"step", 1))
    with pytest.raises(ArchiveError, match="delete the changed and extra files") as raised:
        Archive(directory).verify()
    for problem in raised.value.problems:
        (directory / problem.path).unlink()
    client.archive(directory)
    assert contents(directory) == contents(saved)


def test_missing_extra_cut_and_reordered_files_are_named(directory: Path) -> None:
    """One report names them all by path."""
    names = sorted(contents(directory))
    blob = next(name for name in names if name.startswith("files/"))
    logs = [name for name in names if is_log(name)]
    (directory / blob).unlink()
    (directory / "files" / "notes.txt").write_text("mine")
    os.truncate(directory / logs[0], (directory / logs[0]).stat().st_size - 7)
    lines = (directory / logs[1]).read_bytes().splitlines(keepends=True)
    (directory / logs[1]).write_bytes(b"".join([lines[1], lines[0], *lines[2:]]))
    report = Archive(directory).verify(check=False)
    assert not report
    messages = {problem.path: problem.message for problem in report.problems}
    assert messages[blob] == "is missing"
    assert "is extra" in messages["files/notes.txt"]
    assert "bytes instead of" in messages[logs[0]] or "is truncated" in messages[logs[0]]
    assert messages[logs[1]] == "was changed"
    assert len(messages) == 4
    assert f"{logs[0]}, line" in str(report)


def test_a_directory_that_is_not_an_archive_is_refused(tmp_path: Path, saved: Path) -> None:
    """The error describes what is in the directory."""
    with pytest.raises(ArchiveError, match="no such directory"):
        Archive(tmp_path / "nothing")
    with pytest.raises(ArchiveError, match=r"is not an archive: it has no manifest\.json"):
        Archive(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(ArchiveError, match="is a file, not a directory"):
        Archive(tmp_path / "file")
    (tmp_path / "manifest.json").write_text('{"format": "other", "version": 1}')
    with pytest.raises(ArchiveError, match="in another format: 'other'"):
        Archive(tmp_path)
    with pytest.raises(ArchiveError):
        Archive(saved / "manifest.json")


def test_a_damaged_line_is_named_when_it_is_read(directory: Path) -> None:
    """The lines that are not damaged are still read."""
    log = next(name for name in sorted(contents(directory)) if is_log(name))
    content = (directory / log).read_bytes()
    (directory / log).write_bytes(content.replace(b"epoch", b"epocH").replace(b"Created", b"created"))
    archive = Archive(directory)
    failures = 0
    for job in archive.jobs:
        try:
            list(job.list_events())
        except ArchiveError as error:
            failures += 1
            assert log in str(error)  # noqa: PT017  only one of the jobs fails
    assert failures == 1


@pytest.mark.parametrize("cut", ["the last line", "within a line", "a line in the middle", "everything"])
def test_a_list_that_lacks_lines_is_not_read_as_a_shorter_one(directory: Path, cut: str) -> None:
    """This holds for the list of jobs and for an event log."""
    archive = Archive(directory)
    job = next(job for job in archive.jobs if job.status == "succeeded")
    log = next(name for name in contents(directory) if is_log(name) and str(job.id).lower() in name)
    for name in ("jobs.jsonl", log):
        lines = (directory / name).read_bytes().splitlines(keepends=True)
        keep = {
            "the last line": lines[:-1],
            "within a line": [*lines[:-2], lines[-2][:30]],
            "a line in the middle": lines[:1] + lines[2:],
            "everything": [],
        }[cut]
        (directory / name).write_bytes(b"".join(keep))
    with pytest.raises(ArchiveError, match=r"jobs\.jsonl.*is damaged"):
        list(Archive(directory).jobs)
    with pytest.raises(ArchiveError, match=r"\.jsonl.*is damaged"):
        list(job.list_events())


def test_jobs_are_a_sequence(archive: Archive) -> None:
    """Jobs are found by position, slice and id, newest first."""
    jobs = archive.jobs
    everything = list(jobs)
    assert jobs[0] == jobs.first() == everything[0]
    assert jobs[-1] == everything[-1]
    assert list(jobs[1:3]) == everything[1:3]
    assert jobs[everything[2].id] == jobs.retrieve(str(everything[2].id)) == everything[2]
    assert everything[2] in jobs
    assert "ftjob-none" not in jobs
    assert len(archive) == len(jobs) == len(everything)
    assert [job.id for job in jobs.list(limit=1, metadata={"team": "nlp"})] == [
        next(job.id for job in everything if job.metadata.get("team") == "nlp")
    ]
    assert str(len(jobs)) in repr(jobs)
    assert str(everything[0].id) in jobs._repr_html_()
    wrong = f"{everything[0].id}"[:-1]
    with pytest.raises(ArchiveError, match=f"did you mean {everything[0].id}"):
        jobs.retrieve(wrong)
    with pytest.raises(ArchiveError, match=r"has no job 'ftjob-none'$"):
        jobs["ftjob-none"]
    with pytest.raises(IndexError):
        jobs[len(jobs)]


def test_an_archived_job_is_read_like_a_live_one(archive: Archive, client: FineTuning) -> None:
    """Fields, metrics, curves, checkpoints and events are the same, and waiting has the same outcome."""
    for job in archive.jobs:
        live = client.jobs.retrieve(str(job.id))
        assert isinstance(job, Job)
        assert (job.status, job.method, job.created_at) == (live.status, live.method, live.created_at)
        assert loss_curve(job.metrics()) == loss_curve(live.metrics())
        assert job.best_checkpoint() == live.best_checkpoint()
        assert job == live
        assert [e.id for e in job.list_events(limit=3)] == [e.id for e in live.list_events(limit=3)]
        if job.status == "succeeded":
            assert job.wait() is job
            assert [e.id for e in job.follow()] == [e.id for e in live.follow()]
        elif job.status == "failed":
            with pytest.raises(JobFailed):
                job.wait()


def test_an_archived_job_is_reported_and_compared_like_a_live_one(
    archive: Archive, client: FineTuning, tmp_path: Path
) -> None:
    """Signs and the comparison are the same; the report says when the job was saved."""
    pairs = [(job, client.jobs.retrieve(str(job.id))) for job in archive.jobs if job.status == "succeeded"]
    for job, live in pairs:
        assert list(job.signs()) == list(live.signs())
        assert (job.suffix, job.duration, job.cost) == (live.suffix, live.duration, live.cost)
        page = job.report(tmp_path / "report.html").read_text(encoding="utf-8")
        assert str(job.id) in page
        assert "2023-11-14" in page
        assert pickle.loads(pickle.dumps(job.snapshot())).job.id == job.id
    assert compare([job for job, _ in pairs]).table() == compare([live for _, live in pairs]).table()


def test_an_archived_job_does_not_change_and_is_not_waited_for(archive: Archive) -> None:
    """The errors name the archive, and say what to do."""
    (job,) = (job for job in archive.jobs if not job.status.is_terminal)
    for change in (job.cancel, job.pause, job.resume):
        with pytest.raises(ArchiveError, match=r"the archive .* is read-only"):
            change()
    with pytest.raises(ArchiveError, match="had not ended when it was saved"):
        job.wait()
    assert job.retrieve() is job


def test_handles_and_archives_are_pickled_and_copied(archive: Archive) -> None:
    """A copy reads the same directory."""
    job = archive.jobs[0]
    for other in (pickle.loads(pickle.dumps(job)), copy.copy(job), copy.deepcopy(job)):
        assert isinstance(other, ArchivedJob)
        assert other.to_dict() == job.to_dict()
        assert list(other.list_events(limit=2)) == list(job.list_events(limit=2))
    assert pickle.loads(pickle.dumps(archive)).jobs[0] == job
    assert not hasattr(job, "no_such_attribute")


def test_pickles_of_a_relative_directory_are_read_elsewhere(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They have the absolute path of the archive."""
    monkeypatch.chdir(archive.directory.parent)
    relative = Archive(archive.directory.name)
    pickled = pickle.dumps((relative, relative.jobs[0]))
    monkeypatch.chdir(tmp_path)
    reopened, job = pickle.loads(pickled)
    assert reopened.jobs[0] == job


def test_a_pickled_handle_needs_its_directory(archive: Archive, tmp_path: Path) -> None:
    """Without it, a copy raises the error that opening the archive gives, which names the directory."""
    moved = shutil.copytree(archive.directory, tmp_path / "moved")
    pickled = pickle.dumps(Archive(moved).jobs[0])
    shutil.rmtree(moved)
    with pytest.raises(ArchiveError) as opening:
        Archive(moved)
    with pytest.raises(ArchiveError, match="no such directory") as loading:
        pickle.loads(pickled)
    assert str(loading.value) == str(opening.value)


def test_file_contents_are_read_and_written(archive: Archive, tmp_path: Path) -> None:
    """A result file is decoded when it is written, as by `client.files.download`."""
    job = next(job for job in archive.jobs if job.result_files)
    path = archive.download(str(job.result_files[0]), tmp_path / "metrics.csv")
    assert path.read_text().startswith("step,")
    assert b"messages" in archive.content(str(job.training_file))
    with pytest.raises(NotFound):
        archive.content("file-none")
    with pytest.raises(NotFound):
        archive.permissions("ft:none")


def test_an_archive_names_its_server_and_time(archive: Archive, client: FineTuning) -> None:
    """The time is that of the client's clock."""
    assert archive.archived_at.timestamp() == 1_700_000_000
    assert archive.source in repr(client)
    assert str(archive.directory) in repr(archive)


def test_heads_of_many_jobs_are_read_lazily(directory: Path) -> None:
    """Only the list of jobs is read for them."""
    shutil.rmtree(directory / "jobs")
    shutil.rmtree(directory / "files")
    assert all(job.id and job.status for job in Archive(directory).jobs)
