"""Runs the source of a Python grader in a process of its own, and says what came of it."""

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

DISABLED = "disabled: the emulator runs Python graders only when it is told to"
_CHILD = Path(__file__).with_name("child.py")
_SECONDS = 10.0
_LONGEST_ANSWER = 65_536


class Verdict(msgspec.Struct, frozen=True):
    """A reward, or the text of the exception (`failed`), or what kept it from running (`broken`)."""

    reward: float | None = None
    failed: str | None = None
    broken: str | None = None


class _Answer(msgspec.Struct):
    reward: float | None = None
    error: str | None = None
    unavailable: str | None = None


def run_python(source: str, sample: Mapping[str, Any], item: Mapping[str, Any]) -> Verdict:
    """Call `grade(sample, item)` of this source; it has 5 s of one processor and 1 GB."""
    task = msgspec.json.encode({"source": source, "sample": sample, "item": item})
    with tempfile.TemporaryDirectory(prefix="finetuning-grader-") as folder:
        written, late = _answer_of(task, folder)
    if late:
        return Verdict(failed=f"TimeoutError: the grader took longer than {_SECONDS:g} s")
    try:
        answer = msgspec.json.decode(written, type=_Answer)
    except (msgspec.MsgspecError, ValueError):
        return Verdict(failed="the grader ended without a reward: out of time or memory, or by itself")
    if answer.unavailable is not None:
        return Verdict(broken=answer.unavailable)
    if answer.error is not None:
        return Verdict(failed=answer.error)
    finite = answer.reward is not None and math.isfinite(answer.reward)
    return Verdict(reward=answer.reward if finite else None)


def _answer_of(task: bytes, folder: str) -> tuple[bytes, bool]:
    """What the child wrote, and whether it was stopped for being late."""
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
            written = stdout.read(_LONGEST_ANSWER)
    finally:
        timer.cancel()
        child.kill()
        child.wait()
    return written, late.is_set()
