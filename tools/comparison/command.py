"""The common part of the commands: reports for people and as JSON, and exit codes."""

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
    """What a command found."""

    @property
    def ok(self) -> bool:
        """True if the command succeeds."""

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON data."""

    def lines(self, width: int) -> Iterator[str]:
        """The report for a person."""


def parser(name: str, description: str | None) -> ArgumentParser:
    """The arguments that all commands take."""
    made = ArgumentParser(prog=name, description=(description or "").splitlines()[0])
    made.add_argument("--format", choices=("text", "json"), default="text")
    root = Path(__file__).resolve().parents[2]
    made.add_argument("--contract", type=Path, default=root / "openapi.yaml")
    return made


def show(make: Callable[[], Report], form: str) -> int:
    """Print a report; the exit code is 1 when it is not ok, and 2 when something cannot be read."""
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
        # The reader has seen enough, as with `head`. Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0 if report.ok else 1
