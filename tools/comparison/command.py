"""Common parts of the commands: reports for people and as JSON, and exit codes."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from tools.comparison.layout import terminal_width
from tools.openapi import DocumentError

__all__ = ["Report", "parser", "show"]


class Report(Protocol):
    """Result of a command, which can be printed."""

    @property
    def ok(self) -> bool:
        """True if the command succeeds."""

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON data."""

    def lines(self, width: int) -> Iterator[str]:
        """Yield the lines of the report for a person."""


def parser(name: str, description: str | None) -> ArgumentParser:
    """Return a parser with the arguments of every command."""
    made = ArgumentParser(prog=name, description=(description or "").splitlines()[0])
    made.add_argument("--format", choices=("text", "json"), default="text")
    root = Path(__file__).resolve().parents[2]
    made.add_argument("--contract", type=Path, default=root / "openapi.yaml")
    return made


def show(make: Callable[[], Report], form: str) -> int:
    """Print a report; return the exit code: 1 if it is not ok, 2 if something cannot be read."""
    try:
        report = make()
    except DocumentError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    if form == "json":
        text = json.dumps(report.to_dict(), indent=2, ensure_ascii=False)
    else:
        text = "\n".join(report.lines(terminal_width()))
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # The reader closed the pipe, as `head` does. Python would fail again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0 if report.ok else 1
