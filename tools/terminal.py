"""A pseudo-terminal in which the command `finetuning` runs, and whose screen can be read.

Tests use it, and docs/cli.md shows screens that are recorded in it.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

__all__ = ["COLUMNS", "LINES", "Terminal"]

COLUMNS, LINES = 100, 30
_SECONDS = 30.0
# The terminal becomes the controlling terminal of the process, so that Ctrl-C reaches it.
_PROGRAM = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""


class Terminal:
    """The terminal: a context manager that ends the program in it.

    Attributes:
        process: the command, once it has started.
    """

    process: subprocess.Popen[bytes]

    def __init__(self, folder: Path, *, columns: int = COLUMNS, lines: int = LINES) -> None:
        self._folder = folder
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._master, self._slave = pty.openpty()
        self._set_size(columns, lines)
        self.bytes = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if hasattr(self, "process") and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)
        os.close(self._slave)

    def start(self, *arguments: str, **variables: str) -> None:
        """Start `finetuning` with these arguments; `variables` are added to the environment."""
        self.start_program([sys.executable, "-m", "finetuning_client.cli", *arguments], **variables)

    def start_program(self, program: Sequence[str], **variables: str) -> None:
        """Start any program."""
        surroundings = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "LINES")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *program],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            cwd=self._folder,
            env={**surroundings, "TERM": "xterm-256color", **variables},
            start_new_session=True,
        )

    def resize(self, columns: int, lines: int) -> None:
        """Change the size of the window."""
        self._screen.resize(lines, columns)
        self._set_size(columns, lines)

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def type(self, text: str) -> None:
        """Type on the keyboard; the control character 3 is Ctrl-C."""
        os.write(self._master, text.encode())

    def wait_for(self, text: str) -> str:
        """Read until the screen shows a text (a regular expression); return the screen."""
        return self._read(lambda: re.search(text, self.screen) is not None, text)

    def settle(self) -> str:
        """Read until the screen stops changing; return the screen."""
        before = None
        while before != self.screen:
            before, end = self.screen, time.monotonic() + 0.5
            # A live view is redrawn even if it has not changed.
            self._read(lambda end=end: time.monotonic() > end, "end")  # type: ignore[misc]
        return self.screen

    def wait_for_joined(self, text: str) -> None:
        """Read until the screen shows a text that lines may break."""
        self._read(lambda: text in "".join(self._screen.display).replace("\n", ""), text)

    def end(self) -> int:
        """Read until the command has ended; return its exit code."""
        self._read(lambda: self.process.poll() is not None, "the end")
        self._drain(0.1)
        return self.process.returncode

    @property
    def screen(self) -> str:
        """The lines of the screen, without blanks at their ends and without blank lines at its end."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    def colours(self, text: str) -> set[str]:
        """Return the colours of the characters of the first line that has a text."""
        for number, line in enumerate(self._screen.display):
            place = line.find(text)
            if place >= 0:
                return {self._screen.buffer[number][place + index].fg for index in range(len(text))}
        raise AssertionError(f"{text!r} is not on the screen:\n{self.screen}")

    def _read(self, is_done: Callable[[], bool], wanted: str) -> str:
        deadline = time.monotonic() + _SECONDS
        while not is_done():
            assert time.monotonic() < deadline, f"no {wanted!r} on the screen:\n{self.screen}"
            self._drain(0.05)
        return self.screen

    def _drain(self, seconds: float) -> None:
        while select.select([self._master], [], [], seconds)[0]:
            data = os.read(self._master, 65536)
            self.bytes += data
            self._stream.feed(data)
