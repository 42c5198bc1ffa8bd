"""State in a file: a restarted emulator gives the same responses as before."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from finetuning_emulator import Clock, Emulator, StateUnavailable
from finetuning_emulator.__main__ import main

from .conftest import Caller, chat


@contextmanager
def opened(state: Path, speed: float = 0) -> Iterator[Caller]:
    """A caller of an emulator with this state."""
    with closing(Emulator(speed, state)) as emulator, Caller(emulator) as caller:
        yield caller


def everything(caller: Caller) -> dict[str, Any]:
    """Return the responses to all requests that read something."""
    jobs = caller.get("/fine_tuning/jobs", limit=100)["data"]
    files = caller.get("/files")["data"]
    return {
        "jobs": jobs,
        "files": files,
        "models": caller.get("/models")["data"],
        "events": [caller.events(job["id"]) for job in jobs],
        "content": [caller.call("GET", f"/files/{file['id']}/content").content for file in files],
    }


def test_a_restart_changes_no_response(tmp_path: Path) -> None:
    """Jobs in every status, their events, files and models are the same."""
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


def test_a_restarted_emulator_continues(tmp_path: Path) -> None:
    """A running job ends at the time that was estimated before the restart."""
    state = tmp_path / "state.db"
    with opened(state) as caller:
        job = caller.create(chat())
        caller.emulator.advance(seconds=75)
        estimate = caller.job(job)["estimated_finish"]
    with opened(state) as caller:
        assert caller.finished(job)["finished_at"] == estimate


def test_time_does_not_go_back_when_the_speed_changes(tmp_path: Path) -> None:
    """A job that had finished at infinite speed is finished at speed 0."""
    state = tmp_path / "state.db"
    with opened(state, speed=float("inf")) as caller:
        job = caller.create(chat())
        assert caller.job(job)["status"] == "succeeded"
    with opened(state, speed=0) as caller:
        assert caller.job(job)["status"] == "succeeded"


def test_a_deleted_object_stays_deleted(tmp_path: Path) -> None:
    """This includes a result file."""
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
    """The second one raises an error with the reason."""
    state = tmp_path / "state.db"
    with closing(Emulator(0, state)), pytest.raises(StateUnavailable, match="another emulator"):
        Emulator(0, state)


@pytest.mark.parametrize("kind", ["text", "folder", "elsewhere", "newer", "nothing"])
def test_an_unusable_state_is_refused(tmp_path: Path, kind: str) -> None:
    """A file that is no database, a folder, a missing folder and another version each give one error."""
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


def overwritten(state: Path) -> None:
    """Overwrite a part of the last page, which is not read at the start."""
    content = bytearray(state.read_bytes())
    content[-4096:-3596] = b"\xff" * 500
    state.write_bytes(content)


def cut(state: Path) -> None:
    """Remove the end of the file."""
    state.write_bytes(state.read_bytes()[:6000])


def changed(statement: str) -> Callable[[Path], None]:
    """Return a function that changes the database by a statement."""

    def change(state: Path) -> None:
        with closing(sqlite3.connect(state, isolation_level=None)) as database:
            database.execute(statement)

    return change


def without_folder(state: Path) -> None:
    """Replace the folder of uploads with a file."""
    folder = Path(f"{state}.files")
    for content in folder.iterdir():
        content.unlink()
    folder.rmdir()
    folder.write_text("x")


@pytest.mark.parametrize(
    "damage",
    [
        overwritten,
        cut,
        changed("DROP TABLE models"),
        changed("UPDATE clock SET anchor = 'x'"),
        changed("""UPDATE clock SET anchor = '{"wall": 1, "emulated": 1e30, "rate": 1}'"""),
        changed("UPDATE jobs SET rests_at = 'soon'"),
        without_folder,
    ],
    ids=["pages", "end", "table", "anchor", "time", "job", "folder"],
)
def test_a_damaged_state_ends_the_command_with_one_line(
    tmp_path: Path, damage: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """The line names the file."""
    state = tmp_path / "state.db"
    with opened(state) as caller:
        for _ in range(20):
            caller.create(chat(), metadata={"team": "nlp"})
    damage(state)
    assert main(["--port", "0", "--state", str(state)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("finetuning-emulator: cannot keep ")
    assert str(state) in line


def test_another_programs_database_is_not_changed(tmp_path: Path) -> None:
    """The emulator creates no tables in it."""
    path = tmp_path / "other.db"
    changed("CREATE TABLE mine (id)")(path)
    with pytest.raises(StateUnavailable, match="not written by this version"):
        Emulator(0, path)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT name FROM sqlite_schema").fetchall() == [("mine",)]


def test_damage_found_later_is_one_line_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An unreadable record or content is a 500 with the reason, without a traceback in the log."""
    state = tmp_path / "state.db"
    with opened(state) as caller:
        job = caller.create(chat())
        file = caller.job(job)["training_file"]
    changed("UPDATE jobs SET record = '{'")(state)
    Path(f"{state}.files", file).unlink()
    with opened(state) as caller:
        for path in (f"/fine_tuning/jobs/{job}", "/fine_tuning/jobs", f"/files/{file}/content"):
            error = caller.refused(500, "GET", path)
            assert "state.db" in error["message"]
            assert error["type"] == "server_error"
    assert caplog.records
    assert all(record.exc_info is None for record in caplog.records)


def test_a_state_in_memory_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its uploads are deleted with it."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with closing(Emulator(0)) as emulator, Caller(emulator) as caller:
        caller.upload(chat())
        assert list(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []


def test_a_test_can_pass_its_own_clock() -> None:
    """The emulator uses the clock that it gets."""
    clock = Clock(speed=0, start=1_700_000_000_000)
    with closing(Emulator(clock=clock)) as emulator, Caller(emulator) as caller:
        assert caller.job(caller.create(chat()))["created_at"] == 1_700_000_000
