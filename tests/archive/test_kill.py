"""A run that is killed at any moment continues, to the same bytes, without repeating a saved request.

`SOAK_ROUNDS` is the number of kills: a few in the tests, many in `make soak`.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from finetuning_client.archive import Archive
from finetuning_emulator import Emulator

from .conftest import ADMIN, contents

ROUNDS = int(os.environ.get("SOAK_ROUNDS", "3"))
# Requests in flight when the process was killed, or whose response was not saved yet.
AT_ONCE = 8

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")

# Kills itself before its N-th step, where a step is a request, or opens, renames or deletes a file.
PROGRAM = """
import os, signal, sys
from finetuning_client import FineTuning

url, directory, log, steps = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])

class Clock:
    def time(self): return 1_700_000_000.0
    def sleep(self, seconds): pass

def step():
    global steps
    steps -= 1
    if steps == 0:
        os.kill(os.getpid(), signal.SIGKILL)

def audit(event, arguments):
    if event in ("open", "os.rename", "os.remove", "os.truncate", "os.rmdir", "os.mkdir"):
        if directory in str(arguments[0]):
            step()

def on_request(request):
    step()
    with open(log, "a") as file:
        file.write(f"{request} {request.options.get('params')}\\n")

client = FineTuning(base_url=url, api_key="sk-test", admin_key="ADMIN", clock=Clock(), on_request=on_request)
sys.addaudithook(audit)
client.archive(directory)
""".replace("ADMIN", ADMIN)


def run(project: Emulator, directory: Path, log: Path, steps: int) -> int:
    """Archive the project in a process that kills itself after some steps; return its exit code."""
    arguments = [project.base_url, str(directory), str(log), str(steps)]
    return subprocess.run([sys.executable, "-c", PROGRAM, *arguments], check=False).returncode


def test_a_run_that_is_killed_again_and_again_makes_the_same_archive(
    project: Emulator, saved: Path, tmp_path: Path
) -> None:
    """This includes kills during a later run, and while files are moved into the archive."""
    directory, log = tmp_path / "killed", tmp_path / "requests"
    chance = random.Random(11)
    finished = 0
    log.touch()
    for _ in range(ROUNDS):
        code = run(project, directory, log, chance.choice([chance.randint(1, 60), chance.randint(60, 400)]))
        assert code in (0, -signal.SIGKILL)
        if code == 0:
            finished += 1
            assert contents(directory) == contents(saved)
    assert run(project, directory, log, 0) == 0
    assert contents(directory) == contents(saved)
    assert Archive(directory).verify()
    counts = Counter(log.read_text().splitlines())
    # Data of a job that has ended, and its files, are requested once, and again only if not saved.
    lasting = {r: n for r, n in counts.items() if r.startswith("GET /files/")}
    assert sum(lasting.values()) - len(lasting) <= AT_ONCE * ROUNDS
    if not finished:
        assert sum(counts.values()) - len(counts) <= AT_ONCE * (ROUNDS + 1)


def test_an_archive_can_be_read_while_a_later_run_is_killed(
    project: Emulator, saved: Path, tmp_path: Path
) -> None:
    """Nothing in the archive changes until the later run has fetched everything."""
    import shutil

    directory = shutil.copytree(saved, tmp_path / "a")
    assert run(project, directory, tmp_path / "requests", 12) == -signal.SIGKILL
    assert (directory / ".unfinished").is_dir()
    assert Archive(directory).verify()
    assert run(project, directory, tmp_path / "requests", 0) == 0
    assert contents(directory) == contents(saved)
