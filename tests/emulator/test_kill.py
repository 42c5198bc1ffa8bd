"""An emulator that is killed at any moment loses nothing that it acknowledged.

`SOAK_ROUNDS` is the number of kills: a few in the tests, many in `make soak`.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from .conftest import MODEL, chat

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "4"))
WORKERS = 4
HEADERS = {"Authorization": "Bearer sk-test"}
DONE = ("succeeded", "failed", "cancelled")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


@dataclass
class Acknowledged:
    """The changes that were acknowledged to one worker. Its last change may be made or not."""

    files: dict[str, bytes] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)


@contextmanager
def emulator_process(state: Path, ready: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Yield the process of an emulator with this state, and its base URL."""
    command = [sys.executable, "-m", "finetuning_emulator", "--port", "0", "--speed", "5000"]
    ready.unlink(missing_ok=True)
    paths = ["--state", str(state), "--ready-file", str(ready)]
    with subprocess.Popen([*command, *paths], stdout=subprocess.DEVNULL) as process:
        try:
            while not ready.exists():
                assert process.poll() is None, "the emulator did not start"
            yield process, ready.read_text(encoding="utf-8")
        finally:
            process.kill()


def keep_busy(url: str, chance: random.Random, known: Acknowledged, changed: threading.Semaphore) -> None:
    """Create, change and delete objects until the emulator is killed."""
    with httpx.Client(base_url=url, headers=HEADERS, trust_env=False) as client:
        try:
            while True:
                act(client, chance, known)
                changed.release()
        except httpx.TransportError:
            changed.release()


def act(client: httpx.Client, chance: random.Random, known: Acknowledged) -> None:
    """Change the state once, and record the change when it is acknowledged."""
    what = chance.choice(["upload", "create", "create", "interrupt", "delete"])
    if what == "upload" or not known.files:
        content = chat(chance.randint(5, 40))
        form: Any = {"files": {"file": ("a.jsonl", content)}, "data": {"purpose": "fine-tune"}}
        known.files[client.post("/files", **form).json()["id"]] = content
    elif what == "create":
        metadata = {"round": str(chance.random())}
        body = {"model": MODEL, "training_file": chance.choice(list(known.files)), "metadata": metadata}
        job = client.post("/fine_tuning/jobs", json=body).json()
        known.jobs[job["id"]] = job
    elif what == "interrupt" and known.jobs:
        job = chance.choice(list(known.jobs))
        action = chance.choice(["pause", "resume", "cancel"])
        known.doubtful.add(job)
        response = client.post(f"/fine_tuning/jobs/{job}/{action}")
        if response.status_code == 200:
            known.jobs[job] = response.json()
        known.doubtful.discard(job)
    elif what == "delete":
        file = chance.choice(list(known.files))
        del known.files[file]
        known.doubtful.add(file)
        assert client.delete(f"/files/{file}").status_code == 200
        known.doubtful.discard(file)
        known.deleted.add(file)


def check(client: httpx.Client, known: Acknowledged) -> None:
    """Check that every acknowledged object exists, is complete, and has at least the acknowledged status."""
    for file, content in known.files.items():
        assert client.get(f"/files/{file}/content").content == content
    for file in known.deleted:
        assert client.get(f"/files/{file}").status_code == 404
    for identifier, acknowledged in known.jobs.items():
        response = client.get(f"/fine_tuning/jobs/{identifier}")
        assert response.status_code == 200
        job = response.json()
        fixed = ("created_at", "seed", "metadata", "training_file")
        assert all(job[name] == acknowledged[name] for name in fixed)
        if acknowledged["status"] in (*DONE, "paused") and identifier not in known.doubtful:
            assert job["status"] == acknowledged["status"]
        known.jobs[identifier] = job
    known.doubtful.clear()


def check_complete(client: httpx.Client) -> int:
    """Check that every listed object is complete; return the number of jobs."""
    after: dict[str, str] = {}
    count = 0
    while True:
        page = client.get("/fine_tuning/jobs", params={"limit": "1000", **after}).json()
        for job in page["data"]:
            count += 1
            events = client.get(f"/fine_tuning/jobs/{job['id']}/events").json()["data"]
            assert events
            for file in job["result_files"]:
                assert client.get(f"/files/{file}/content").content
        if not page["has_more"]:
            break
        after = {"after": page["data"][-1]["id"]}
    for file in client.get("/files", params={"purpose": "fine-tune"}).json()["data"]:
        assert len(client.get(f"/files/{file['id']}/content").content) == file["bytes"]
    return count


def test_nothing_acknowledged_is_lost_when_killed(tmp_path: Path) -> None:
    """Several clients change the state, and the kill happens while requests are in flight."""
    state, ready = tmp_path / "state.db", tmp_path / "ready"
    chance = random.Random(5)
    known = [Acknowledged() for _ in range(WORKERS)]
    for number in range(ROUNDS + 1):
        with emulator_process(state, ready) as (process, url):
            with httpx.Client(base_url=url, headers=HEADERS, trust_env=False) as client:
                for one in known:
                    check(client, one)
                if number == ROUNDS:
                    assert check_complete(client) >= sum(len(one.jobs) for one in known) > 0
                    break
            changed = threading.Semaphore(0)
            workers = [
                threading.Thread(target=keep_busy, args=(url, random.Random(chance.random()), one, changed))
                for one in known
            ]
            for worker in workers:
                worker.start()
            for _ in range(chance.randint(1, 60)):
                changed.acquire()
            process.send_signal(signal.SIGKILL)
            process.wait()
            for worker in workers:
                worker.join()
    with closing(sqlite3.connect(state)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
