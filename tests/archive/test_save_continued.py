"""A run that fails, is interrupted, is cut off or fills the disk is continued by the next run."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finetuning_client import (
    ArchiveError,
    AsyncFineTuning,
    FineTuning,
    FineTuningError,
    RetryPolicy,
    ServerError,
)
from finetuning_client.archive import Archive
from finetuning_client.archive.disk import Journal
from finetuning_client.archive.format import log_path, to_line
from finetuning_emulator import Emulator

from .conftest import ADMIN, AsyncStillClock, StillClock, contents

Connect = Callable[..., FineTuning]


def test_an_error_of_the_server_can_be_continued(
    project: Emulator, client: FineTuning, saved: Path, tmp_path: Path, requests: list[str]
) -> None:
    """The next run repeats no request that had a response."""
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
    """Fetched data is kept."""
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
    """The error names the directory and the reason, and the run can be continued later."""
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


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="needs a separate file system")
def test_a_full_file_system_is_one_error(client: FineTuning, saved: Path, tmp_path: Path) -> None:
    """A run on a file system with too little space raises the same error."""
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


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_run_leaves_no_lock_and_continues(
    client: FineTuning, saved: Path, tmp_path: Path, error: type[BaseException]
) -> None:
    """An exception of a callback reaches the caller."""

    def interrupt(done: int, total: int) -> None:
        raise error

    with pytest.raises(error):
        client.archive(tmp_path / "a", on_progress=interrupt)
    client.archive(tmp_path / "a")
    assert contents(tmp_path / "a") == contents(saved)


def test_a_cancelled_run_continues(project: Emulator, saved: Path, tmp_path: Path) -> None:
    """The run is cancelled while several requests are in flight."""

    async def run() -> None:
        options: dict[str, Any] = {"admin_key": ADMIN, "clock": AsyncStillClock(), "api_key": "sk-test"}
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
    """The next run restores the same bytes, whichever files are cut or missing."""
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
    """The file is cut at the end of a line, within a line, or completely."""
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
    """Any stopped run continues, whichever of its files are cut or missing."""
    shutil.rmtree(tmp_path / "a", ignore_errors=True)
    directory = shutil.copytree(data.draw(st.sampled_from(unfinished)), tmp_path / "a")
    cut(directory, data)
    connect(project).archive(directory)
    assert contents(directory) == contents(saved)


def test_an_unfinished_run_of_another_filter_or_day_lists_again(
    project: Emulator, client: FineTuning, saved: Path, tmp_path: Path, requests: list[str]
) -> None:
    """The data that the unfinished run fetched is kept."""
    impatient = client.with_options(retry=RetryPolicy(max_attempts=1))
    project.fault("error", after=9, times=1)
    with pytest.raises(FineTuningError):
        impatient.archive(tmp_path / "a", limit=4)
    client.archive(tmp_path / "a")
    assert contents(tmp_path / "a") == contents(saved)
    assert sum(request.startswith("GET /fine_tuning/jobs {") for request in requests) == 2
