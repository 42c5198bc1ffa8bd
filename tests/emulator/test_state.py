"""State in a file: a restarted emulator gives the answers that it gave before."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from finetuning_emulator import Clock, Emulator, StateUnavailable

from .conftest import Caller, chat


@contextmanager
def opened(state: Path, speed: float = 0) -> Iterator[Caller]:
    """A caller of an emulator on this state."""
    with closing(Emulator(speed, state)) as emulator, Caller(emulator) as caller:
        yield caller


def everything(caller: Caller) -> dict[str, Any]:
    """All that can be read."""
    jobs = caller.get("/fine_tuning/jobs", limit=100)["data"]
    files = caller.get("/files")["data"]
    return {
        "jobs": jobs,
        "files": files,
        "models": caller.get("/models")["data"],
        "events": [caller.events(job["id"]) for job in jobs],
        "content": [caller.call("GET", f"/files/{file['id']}/content").content for file in files],
    }


def test_a_restart_changes_no_answer(tmp_path: Path) -> None:
    """Jobs in every state, their events, files and models read the same afterwards."""
    state = tmp_path / "state.db"
    with opened(state) as caller:
        done = caller.create(chat(), metadata={"state": "done"})
        caller.finished(done)
        for action in ("pause", "cancel"):
            job = caller.create(chat())
            caller.emulator.advance(seconds=60)
            caller.ask("POST", f"/fine_tuning/jobs/{job}/{action}")
        caller.create(chat(7))
        caller.create(chat())
        caller.emulator.advance(seconds=75)
        before = everything(caller)
    with opened(state) as caller:
        assert everything(caller) == before
        assert len({job["status"] for job in before["jobs"]}) == 5


def test_a_restarted_emulator_carries_on(tmp_path: Path) -> None:
    """A job that was running ends when it would have ended."""
    state = tmp_path / "state.db"
    with opened(state) as caller:
        job = caller.create(chat())
        caller.emulator.advance(seconds=75)
        estimate = caller.job(job)["estimated_finish"]
    with opened(state) as caller:
        assert caller.finished(job)["finished_at"] == estimate


def test_time_does_not_go_back_when_the_speed_changes(tmp_path: Path) -> None:
    """What was finished in an infinitely fast emulator is finished in a slow one."""
    state = tmp_path / "state.db"
    with opened(state, speed=float("inf")) as caller:
        job = caller.create(chat())
        assert caller.job(job)["status"] == "succeeded"
    with opened(state, speed=0) as caller:
        assert caller.job(job)["status"] == "succeeded"


def test_a_deleted_thing_stays_deleted(tmp_path: Path) -> None:
    """Deletions survive a restart, of results too."""
    state = tmp_path / "state.db"
    with opened(state) as caller:
        job = caller.finished(caller.create(chat()))
        for file in caller.get("/files")["data"]:
            caller.ask("DELETE", f"/files/{file['id']}")
        caller.ask("DELETE", f"/models/{job['fine_tuned_model']}")
    with opened(state) as caller:
        assert caller.get("/files")["data"] == []
        caller.refused(404, "GET", f"/models/{job['fine_tuned_model']}")


def test_two_emulators_cannot_share_a_state(tmp_path: Path) -> None:
    """The second is told why."""
    state = tmp_path / "state.db"
    with closing(Emulator(0, state)), pytest.raises(StateUnavailable, match="another emulator"):
        Emulator(0, state)


@pytest.mark.parametrize("kind", ["text", "folder", "elsewhere", "newer", "nothing"])
def test_a_state_that_cannot_be_used_says_so(tmp_path: Path, kind: str) -> None:
    """Not a database, a folder, a missing folder, another version: one clear error."""
    state: Path | str = tmp_path / "state.db"
    if kind == "text":
        Path(state).write_text("This is not a database. " * 100)
    elif kind == "folder":
        Path(state).mkdir()
    elif kind == "elsewhere":
        state = tmp_path / "missing" / "state.db"
    elif kind == "newer":
        with closing(sqlite3.connect(state)) as database:
            database.execute("PRAGMA user_version = 99")
    else:
        state = ""
    with pytest.raises(StateUnavailable):
        Emulator(0, state)


def test_a_state_in_memory_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads of an emulator in memory are gone with it."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with closing(Emulator(0)) as emulator, Caller(emulator) as caller:
        caller.upload(chat())
        assert list(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []


def test_a_clock_can_be_brought_along() -> None:
    """A test may give the emulator a clock of its own."""
    clock = Clock(speed=0, start=1_700_000_000_000)
    with closing(Emulator(clock=clock)) as emulator, Caller(emulator) as caller:
        assert caller.job(caller.create(chat()))["created_at"] == 1_700_000_000
