"""Live display in a pseudo-terminal, questions, interrupts and broken pipes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from finetuning_client import FineTuning
from finetuning_emulator import Emulator
from tools.terminal import Terminal

from .conftest import DATA, MODEL, CommandLine

COMMAND = [sys.executable, "-m", "finetuning_client.cli"]


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """An emulator whose clock stands still until a test moves it."""
    with Emulator(speed=0) as serving:
        yield serving


@pytest.fixture(scope="module")
def training_file(client: FineTuning) -> str:
    """The id of an uploaded training file."""
    return client.files.upload(DATA / "support_triage_train.jsonl").id


def new_job(client: FineTuning, training_file: str) -> str:
    """Create a job of 72 steps that is being validated."""
    method = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 1, "batch_size": 1}}}
    return client.jobs.create(model=MODEL, training_file=training_file, method=method, seed=1).id


def test_watched_job_is_drawn_until_its_end(
    terminal: Terminal, emulator: Emulator, client: FineTuning, training_file: str
) -> None:
    """The screen has status, steps, estimated end, last loss, sparkline and events, then the model."""
    job = new_job(client, training_file)
    emulator.advance(seconds=90)
    terminal.start("jobs", "watch", job)
    screen = terminal.wait_for(r"\d+/72 steps")
    lines = screen.splitlines()
    assert lines[0] == f"{job}  running  {MODEL}"
    assert lines[1].startswith("█") and "░" in lines[1] and "estimated end " in lines[1]
    assert lines[2].startswith("loss ") and "▁" in lines[2]
    assert "training loss=" in lines[-1]
    assert terminal.colours("running") == {"cyan"}
    emulator.advance(minutes=30)
    assert terminal.end() == 0
    lines = terminal.screen.splitlines()
    assert lines[0] == f"{job}  succeeded  {MODEL}"
    assert lines[1].startswith("█" * 24 + "  72/72 steps  ended ")
    assert lines[-1] == f"model  {client.jobs.retrieve(job).fine_tuned_model}"
    assert terminal.colours("succeeded") == {"green"}


def test_watched_jobs_are_a_table_that_ends_with_them(
    terminal: Terminal, emulator: Emulator, client: FineTuning, training_file: str
) -> None:
    """Each job takes a line; the command ends when all have ended, with the exit code of a failure."""
    emulator.scenario(fail_at_step=10, error_code="exceeded_quota")
    jobs = [new_job(client, training_file) for _ in range(2)]
    emulator.advance(seconds=55)
    terminal.start("jobs", "watch", *jobs)
    terminal.wait_for(r"JOB +STATUS +STEPS +LOSS +END")
    emulator.advance(minutes=30)
    assert terminal.end() == 10
    header, first, second = terminal.screen.splitlines()
    assert header.split() == ["JOB", "STATUS", "STEPS", "LOSS", "END"]
    assert first.startswith(f"{jobs[0]}  failed     10/72 steps")
    assert second.startswith(f"{jobs[1]}  succeeded  72/72 steps")


def test_no_color_removes_colours(terminal: Terminal, client: FineTuning, training_file: str) -> None:
    """With `NO_COLOR` the output has no colours."""
    job = new_job(client, training_file)
    terminal.start("jobs", "show", job, NO_COLOR="1")
    assert terminal.end() == 0
    assert terminal.colours("validating_files") == {"default"}
    assert b"\x1b[3" not in terminal.bytes


def test_narrow_terminal_cuts_wide_columns(
    terminal: Terminal, client: FineTuning, training_file: str
) -> None:
    """Each job takes one line that fits the terminal."""
    new_job(client, training_file)
    count = len(list(client.jobs.list()))
    terminal.start("jobs", "list")
    assert terminal.end() == 0
    assert len(terminal.screen.splitlines()) == count + 1


def test_interrupt_shows_how_to_watch_again(
    terminal: Terminal, client: FineTuning, training_file: str, emulator: Emulator
) -> None:
    """Ctrl-C stops watching; the job is still running, and the command to watch it again is shown."""
    job = new_job(client, training_file)
    terminal.start("jobs", "watch", job, "--base-url", emulator.base_url)
    terminal.wait_for("validating_files")
    terminal.type("\x03")
    assert terminal.end() == 130
    screen = terminal.screen.replace("\n", "")
    assert f"{job} is still running" in screen
    assert f"to resume watching: finetuning jobs watch {job} --base-url {emulator.base_url}" in screen
    assert "Traceback" not in screen
    assert not client.jobs.retrieve(job).status.is_terminal
    # The cursor, which the live display hides, is shown again.
    assert terminal.bytes.rfind(b"\x1b[?25h") > terminal.bytes.rfind(b"\x1b[?25l")


def test_two_interrupts_end_at_once(cli: CommandLine, tmp_path: Path) -> None:
    """A second SIGINT ends the process, even while the first is being handled."""
    program = (
        "import signal, sys, time\n"
        "from finetuning_client.cli.invocation import Invocation\n"
        "def close(self):\n"
        "    while True:\n"
        "        try:\n"
        "            print('closing', flush=True)\n"
        "            time.sleep(600)\n"
        "        except KeyboardInterrupt:\n"
        "            pass\n"
        "Invocation.close = close\n"
        "from finetuning_client.cli import main\n"
        "sys.exit(main(['jobs', 'list', '-q']))\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with child:
        assert child.stdout is not None and child.stderr is not None
        for _ in range(2):
            # Two pending signals would be delivered as one.
            assert b"closing\n" in iter(child.stdout.readline, b"")
            child.send_signal(signal.SIGINT)
        assert child.wait(30) == 130
        assert b"Traceback" not in child.stderr.read()


def test_question_is_asked_in_a_terminal(terminal: Terminal, client: FineTuning, training_file: str) -> None:
    """Without `--yes`, a destructive command asks; `n` stops it."""
    job = new_job(client, training_file)
    terminal.start("jobs", "cancel", job)
    terminal.wait_for(r"Cancel .*\[y/N\]")
    terminal.type("n\n")
    assert terminal.end() == 13
    assert client.jobs.retrieve(job).status == "validating_files"


def test_question_is_repeated_until_it_is_answered(
    terminal: Terminal, client: FineTuning, training_file: str
) -> None:
    """Any answer but y or n repeats the question; the end of the input means no."""
    job = new_job(client, training_file)
    terminal.start("jobs", "cancel", job)
    terminal.wait_for(r"\[y/N\]")
    terminal.type("perhaps\n")
    terminal.wait_for("Please answer y or n")
    terminal.type("\x04")
    assert terminal.end() == 13
    assert terminal.screen.splitlines()[-1] == "finetuning: nothing was done"


def test_server_that_is_down_is_named_at_once(terminal: Terminal) -> None:
    """In a terminal, the first failed attempt is reported together with the retry."""
    terminal.start("jobs", "list", "--base-url", "http://127.0.0.1:1/v1")
    terminal.wait_for("Connection refused: trying again in")
    terminal.type("\x03")
    assert terminal.end() == 130


def test_live_table_fits_a_narrow_terminal(
    terminal: Terminal, emulator: Emulator, client: FineTuning, training_file: str
) -> None:
    """The last columns are left out, and ids are not cut."""
    jobs = [new_job(client, training_file) for _ in range(2)]
    terminal.resize(44, 20)
    terminal.start("jobs", "watch", *jobs)
    terminal.wait_for(r"JOB +STATUS")
    assert all(job in terminal.screen for job in jobs)
    emulator.advance(minutes=30)
    assert terminal.end() == 0
    assert max(map(len, terminal.screen.splitlines())) <= 44


def test_yes_carries_the_command_out(terminal: Terminal, client: FineTuning, training_file: str) -> None:
    """`y` carries the command out."""
    job = new_job(client, training_file)
    terminal.start("jobs", "cancel", job)
    terminal.wait_for(r"\[y/N\]")
    terminal.type("y\n")
    assert terminal.end() == 0
    assert client.jobs.retrieve(job).status == "cancelled"


def test_broken_pipe_is_silent(cli: CommandLine, client: FineTuning, training_file: str) -> None:
    """If the reader closes the pipe, the command ends without a message, with SIGPIPE's exit code."""
    new_job(client, training_file)
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*COMMAND, "jobs", "list", "--output", "jsonl"], stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_emulate_leaves_no_process(cli: CommandLine, tmp_path: Path) -> None:
    """A command that is killed also ends its temporary emulator."""
    program = (
        "import sys, time\n"
        "from finetuning_client.cli.child_emulator import ChildEmulator\n"
        "child = ChildEmulator(1.0)\n"
        "print(child._process.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    descriptor = None
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        import select

        assert select.select([descriptor], [], [], 20)[0], "the emulator is still running"
    finally:
        os.close(descriptor)
