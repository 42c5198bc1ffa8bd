"""`finetuning emulator`: the emulator as a child process, until it is interrupted."""

from __future__ import annotations

import signal
import subprocess
import sys
from types import FrameType

import click

from ..declarations import Command
from ..installation import INSTALL_EMULATOR


def _serve(arguments: tuple[str, ...]) -> int:
    """Run the emulator with its own options; return its exit code."""
    from importlib.util import find_spec

    from ...errors import ConfigurationError

    if find_spec("finetuning_emulator") is None:
        raise ConfigurationError(f"the emulator is not installed: run {INSTALL_EMULATOR}")
    process = subprocess.Popen([sys.executable, "-m", "finetuning_emulator", *arguments])  # noqa: S603

    def forward(number: int, _frame: FrameType | None) -> None:
        process.send_signal(number)
        if sys.stderr.isatty():
            # The terminal has shown ^C.
            sys.stderr.write("\n")

    # A terminal sends Ctrl-C to both; a signal to this process alone has to be passed on.
    earlier = {number: signal.signal(number, forward) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        return process.wait()
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


emulator = Command(
    "emulator",
    examples=(
        "finetuning emulator --port 8000 --speed 60 --state jobs.db",
        "OPENAI_BASE_URL=http://127.0.0.1:8000/v1 OPENAI_API_KEY=any finetuning jobs list",
    ),
    connects=False,
    help=(
        "Serve the API offline, until Ctrl-C. Nothing is trained: jobs, losses and models are simulated.\n\n"
        "The options are those of finetuning-emulator, including --port, --speed, --state and --host; "
        "run finetuning-emulator --help to see them all."
    ),
    params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED, metavar="[OPTIONS]")],
    context_settings={"ignore_unknown_options": True},
    options_metavar="",
    callback=_serve,
)
