"""Sandbox of Python graders: a separate process with limits."""

from __future__ import annotations

import contextlib
import math
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

__all__ = ["DISABLED", "Verdict", "run_python"]

DISABLED = "disabled: start the emulator with --python-graders, or Emulator(python_graders=True)"
_CHILD = Path(__file__).with_name("python_child.py")
_SECONDS = 10.0
_MAX_OUTPUT = 65_536


class Verdict(msgspec.Struct, frozen=True):
    """A reward, or the text of the exception (`failed`), or why the program did not run (`broken`)."""

    reward: float | None = None
    failed: str | None = None
    broken: str | None = None


class _Output(msgspec.Struct):
    reward: float | None = None
    error: str | None = None
    unavailable: str | None = None


def run_python(source: str, sample: Mapping[str, Any], item: Mapping[str, Any]) -> Verdict:
    """Call `grade(sample, item)` of this source limited to 5 s of CPU time and 1 GB of memory."""
    task = msgspec.json.encode({"source": source, "sample": sample, "item": item})
    with tempfile.TemporaryDirectory(prefix="finetuning-grader-") as folder:
        written, late = _output_of(task, folder)
    if late:
        return Verdict(failed=f"TimeoutError: the grader took longer than {_SECONDS:g} s")
    try:
        output = msgspec.json.decode(written, type=_Output)
    except (msgspec.MsgspecError, ValueError):
        return Verdict(
            failed="the grader ended without a reward: out of time or memory, or it ended its process"
        )
    if output.unavailable is not None:
        return Verdict(broken=output.unavailable)
    if output.error is not None:
        return Verdict(failed=output.error)
    finite = output.reward is not None and math.isfinite(output.reward)
    return Verdict(reward=output.reward if finite else None)


def _output_of(task: bytes, folder: str) -> tuple[bytes, bool]:
    """Return the output of the child process, and whether it was stopped by the time limit."""
    late = threading.Event()
    with tempfile.TemporaryFile() as stdin:
        stdin.write(task)
        stdin.seek(0)
        child = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-I", "-S", "-B", str(_CHILD)],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={},
            start_new_session=True,
        )

    def stop() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(_SECONDS, stop)
    timer.start()
    try:
        assert child.stdout is not None
        with contextlib.closing(child.stdout) as stdout:
            written = stdout.read(_MAX_OUTPUT)
    finally:
        timer.cancel()
        child.kill()
        child.wait()
    return written, late.is_set()
