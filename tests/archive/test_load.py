"""An emulator that loads an archive, using only the documented format, responds as the first server did."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import httpx
import pytest

from finetuning_client import BadRequest, FineTuning, NotFound
from finetuning_client.archive import Archive
from finetuning_client.archive.format import is_log
from finetuning_emulator import Emulator, StateUnavailable

from ..training_files import examples
from .conftest import ADMIN, contents

Connect = Callable[..., FineTuning]

# These jobs are odd on purpose, or name a file whose content is not in the archive.
pytestmark = pytest.mark.off_contract


@pytest.fixture(scope="module")
def loaded(saved: Path) -> Iterator[Emulator]:
    """An emulator that has loaded the archive."""
    with Emulator(speed=float("inf"), load=saved) as emulator:
        yield emulator


def responses(emulator: Emulator) -> dict[str, Any]:
    """Return the responses of a server to every request for data about its jobs."""
    found: dict[str, Any] = {}
    headers = {"Authorization": f"Bearer {ADMIN}"}
    with httpx.Client(base_url=emulator.base_url, headers=headers, trust_env=False) as http:

        def ask(path: str, **params: Any) -> Any:
            response = http.get(path, params=params)
            is_json = response.headers["content-type"] == "application/json"
            body = response.json() if is_json else response.content
            found[f"{path} {params}"] = response.status_code, body
            return body

        jobs = ask("/fine_tuning/jobs", limit=100)["data"]
        ask("/fine_tuning/jobs")
        ask("/fine_tuning/jobs", limit=2, after=jobs[1]["id"])
        ask("/fine_tuning/jobs", **{"metadata[team]": "nlp"})
        ask("/fine_tuning/jobs", after="ftjob-none")
        ask("/models")
        ask("/files")
        ask("/files", order="asc", limit=2)
        ask("/files", purpose="fine-tune-results")
        for job in jobs:
            path = f"/fine_tuning/jobs/{job['id']}"
            ask(path)
            events = ask(f"{path}/events", limit=4)["data"]
            ask(f"{path}/events", limit=1000)
            ask(f"{path}/events", limit=3, after=events[-1]["id"])
            ask(f"{path}/events", after="ftevent-none")
            checkpoints = ask(f"{path}/checkpoints")["data"]
            ask(f"{path}/checkpoints", limit=1)
            for checkpoint in checkpoints:
                name = checkpoint["fine_tuned_model_checkpoint"]
                ask(f"{path}/checkpoints", after=checkpoint["id"])
                ask(f"/models/{name}")
                ask(f"/fine_tuning/checkpoints/{name}/permissions")
                ask(f"/fine_tuning/checkpoints/{name}/permissions", order="ascending", limit=1)
            for file in filter(None, [job["training_file"], job["validation_file"], *job["result_files"]]):
                ask(f"/files/{file}")
                ask(f"/files/{file}/content")
    return found


def test_the_emulator_responds_as_the_first_server_did(project: Emulator, loaded: Emulator) -> None:
    """Jobs, events, checkpoints, models, files, permissions, pages, filters and refusals are equal."""
    expected = responses(project)
    assert len(expected) > 100
    assert responses(loaded) == expected


def test_an_archive_of_the_emulator_is_the_same(
    loaded: Emulator, saved: Path, connect: Connect, tmp_path: Path
) -> None:
    """Only the base URL of the server differs."""
    connect(loaded).archive(tmp_path / "a")
    here, there = contents(tmp_path / "a"), contents(saved)
    assert here.pop("manifest.json") != there.pop("manifest.json")
    assert here == there


def test_recorded_files_and_models_can_be_used(loaded: Emulator, connect: Connect) -> None:
    """New jobs are simulated as usual, and are listed first."""
    client = connect(loaded)
    recorded = next(iter(client.jobs.list(metadata={"team": "search"})))
    job = client.jobs.create(model=str(recorded.fine_tuned_model), training_file=str(recorded.training_file))
    assert job.wait().status == "succeeded"
    assert next(iter(client.jobs.list())).id == job.id


def test_recorded_jobs_do_not_change(loaded: Emulator, connect: Connect) -> None:
    """Changes are refused: of an ended job as usual, of an unfinished one because it is a recording."""
    client = connect(loaded)
    for job in client.jobs.list():
        message = "has already completed" if job.status.is_terminal else "is a recording"
        with pytest.raises(BadRequest, match=message):
            job.cancel()


def test_recorded_objects_can_be_deleted(saved: Path, connect: Connect) -> None:
    """Files, models and permissions are deleted from the state of the emulator."""
    with Emulator(load=saved) as emulator:
        client = connect(emulator)
        file = next(iter(client.files.list()))
        client.files.delete(file.id)
        with pytest.raises(NotFound):
            client.files.retrieve(file.id)
        shared = next(
            job.fine_tuned_model
            for job in client.jobs.list()
            if job.fine_tuned_model and list(client.checkpoints.permissions.list(job.fine_tuned_model))
        )
        for permission in list(client.checkpoints.permissions.list(shared)):
            client.checkpoints.permissions.delete(shared, permission.id)
        assert not list(client.checkpoints.permissions.list(shared))
        client.models.delete(shared)
    assert Archive(saved).verify()


def test_a_state_keeps_what_was_loaded(saved: Path, project: Emulator, tmp_path: Path) -> None:
    """The archive is not needed afterwards, and loading it again changes nothing."""
    directory = shutil.copytree(saved, tmp_path / "a")
    with Emulator(speed=float("inf"), state=tmp_path / "state.db", load=directory) as emulator:
        expected = responses(emulator)
    shutil.rmtree(directory)
    with Emulator(speed=float("inf"), state=tmp_path / "state.db") as emulator:
        assert responses(emulator) == expected
    with Emulator(speed=float("inf"), state=tmp_path / "state.db", load=saved) as emulator:
        assert responses(emulator) == expected


def test_a_later_archive_replaces_recordings(connect: Connect, tmp_path: Path) -> None:
    """A job that was unfinished is replaced by its ended state; a simulated job stays."""
    with Emulator(speed=0) as first:
        client = connect(first)
        file = client.files.upload(examples("supervised")).id
        job = client.jobs.create(model="gpt-4o-mini", training_file=file)
        client.archive(tmp_path / "a")
        with Emulator(speed=0, state=tmp_path / "state.db", load=tmp_path / "a") as second:
            assert connect(second).jobs.retrieve(job.id).status == "validating_files"
        first.advance(hours=2)
        client.archive(tmp_path / "a")
        with Emulator(speed=0, state=tmp_path / "state.db", load=tmp_path / "a") as second:
            again = connect(second).jobs.retrieve(job.id)
            assert again.status == "succeeded"
            assert again.metrics() == job.retrieve().metrics()
            connect(second).models.retrieve(str(again.fine_tuned_model))


def line_of(value: dict[str, Any]) -> str:
    """Return a value as a line of a list, in the format that `docs/archive.md` documents."""
    rest = json.dumps(value)[1:]
    return f'{{"crc":"{crc32(rest.encode()):08x}",{rest}\n'


def test_an_archive_of_another_program_with_odd_values_is_shown(tmp_path: Path) -> None:
    """Missing fields, unknown statuses, NaN and infinity, and ids that are not file names are shown."""
    job = {
        "id": "../x",
        "status": "DONE_WELL",
        "created_at": "2026",
        "metadata": {"a": 1, "b": "c"},
        "w": [None],
    }
    event = {"id": "e", "data": {"train_loss": float("nan")}}
    file = {"id": "../../file", "bytes": None, "created_at": 1e300}
    digest = "0" * 64
    content = {"path": f"files/{digest}", "bytes": 2, "sha256": digest}
    lists: dict[str, list[dict[str, Any]]] = {
        "jobs.jsonl": [{"log": "jobs/x.jsonl", "job": job}, {"end": "jobs", "count": 1}],
        "jobs/x.jsonl": [
            *({"checkpoint": {"id": 5}}, {"end": "checkpoints", "count": 1}),
            *({"event": event}, {"end": "events", "count": 1}),
        ],
        "files.jsonl": [{"id": "../../file", "file": file, "content": content}, {"end": "files", "count": 1}],
        "permissions.jsonl": [{"end": "permissions", "count": 0}],
    }
    for name in ("jobs", "files"):
        (tmp_path / "a" / name).mkdir(parents=True)
    for name, values in lists.items():
        (tmp_path / "a" / name).write_text("".join(map(line_of, values)))
    (tmp_path / "a" / "files" / digest).write_bytes(b"{}")
    (tmp_path / "a" / "manifest.json").write_text('{"format": "finetuning-archive", "version": 1}')
    with Emulator(load=tmp_path / "a", state=tmp_path / "state.db") as emulator:
        headers = {"Authorization": "Bearer k"}
        with httpx.Client(base_url=emulator.base_url, headers=headers, trust_env=False) as http:
            assert http.get("/fine_tuning/jobs", params={"metadata[b]": "c"}).json()["data"] == [job]
            assert http.get("/files").json()["data"] == [file]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "state.db", "state.db.files"]


@pytest.mark.parametrize("damage", ["line", "cut", "log", "content", "version", "nothing", "manifest"])
def test_a_damaged_archive_is_refused_in_one_line(saved: Path, tmp_path: Path, damage: str) -> None:
    """The line names the file; the state is unchanged."""
    directory = shutil.copytree(saved, tmp_path / "a")
    names = sorted(contents(directory))
    log = next(name for name in names if is_log(name))
    content = next(name for name in names if name.startswith("files/"))
    expected = {
        "line": r"line 2 of jobs\.jsonl is damaged",
        "cut": r"jobs\.jsonl is incomplete",
        "log": f"{log}.* is damaged",
        "content": f"{content} is missing",
        "version": "version 7, but this emulator reads version 1",
        "nothing": "manifest.json cannot be read",
        "manifest": "its format 'other' is unknown",
    }[damage]
    jobs = (directory / "jobs.jsonl").read_bytes().splitlines(keepends=True)
    if damage == "line":
        jobs[1] = jobs[1].replace(b"ftjob", b"ftjoB", 1)
    elif damage == "cut":
        jobs.pop()
    elif damage == "log":
        (directory / log).write_bytes((directory / log).read_bytes()[:-9])
    elif damage == "content":
        (directory / content).unlink()
    elif damage == "nothing":
        shutil.rmtree(directory)
        directory.mkdir()
    else:
        manifest = {"format": "other" if damage == "manifest" else "finetuning-archive", "version": 7}
        (directory / "manifest.json").write_text(json.dumps(manifest))
    (directory / "jobs.jsonl").write_bytes(b"".join(jobs))
    with pytest.raises(StateUnavailable, match=expected):
        Emulator(load=directory, state=tmp_path / "state.db")
    with Emulator(state=tmp_path / "state.db") as emulator, httpx.Client(trust_env=False) as http:
        headers = {"Authorization": "Bearer k"}
        assert http.get(f"{emulator.base_url}/fine_tuning/jobs", headers=headers).json()["data"] == []


def test_the_command_loads_an_archive(saved: Path, tmp_path: Path) -> None:
    """A directory that is not an archive ends the command with a message of one line."""
    command = [sys.executable, "-m", "finetuning_emulator", "--port", "0", "--load"]
    ran = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"finetuning-emulator: cannot load the archive {tmp_path}: ")
    assert ran.stderr.count("\n") == 1
    ready = tmp_path / "ready"
    with subprocess.Popen(
        [*command, str(saved), "--ready-file", str(ready)], stdout=subprocess.DEVNULL
    ) as process:
        try:
            while not ready.exists():
                assert process.poll() is None
            with FineTuning(base_url=ready.read_text(), api_key="k") as client:
                assert len(list(client.jobs.list())) == len(Archive(saved).jobs)
        finally:
            process.terminate()


@pytest.mark.parametrize("wrong", ["", 5])
def test_load_must_be_a_directory(wrong: Any) -> None:
    """A wrong value is refused before anything is opened."""
    with pytest.raises(ValueError, match="load must be the directory of an archive"):
        Emulator(load=wrong)
