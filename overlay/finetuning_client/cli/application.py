"""The group `finetuning`, and the end of a run: errors in one line, exit codes, interrupts, broken pipes."""

from __future__ import annotations

import codecs
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click

from ..version import __version__
from .declarations import Group
from .invocation import Invocation
from .terminal import paint, plain

COMPLETION_VARIABLE = "_FINETUNING_COMPLETE"
"""Environment variable by which completion scripts ask for completions."""

_MEMBERS = {
    "run": ("run:run", "Go from a dataset to a model: check, price, upload, train and report."),
    "jobs": ("jobs:jobs", "Create, read, follow and compare jobs."),
    "files": ("files:files", "Upload, list, download and delete files."),
    "checkpoints": ("checkpoints:checkpoints", "List and share the checkpoints of jobs."),
    "graders": ("graders:graders", "Run and validate graders."),
    "models": ("models:models", "List and delete models."),
    "data": ("data:data", "Check and prepare datasets, without a server."),
    "archive": ("archive:archive", "Save jobs with their files; read, verify and replay them."),
    "emulator": ("emulator:emulator", "Serve the API offline, for tests and trials."),
    "doctor": ("doctor:doctor", "Check the key, the base URL, the connection and the versions."),
    "profiles": ("profiles:profiles", "List and edit profiles: named servers and keys."),
    "completion": ("completion:completion", "Print the completion script for a shell."),
}


def _print_version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"finetuning {__version__}")
        context.exit()


application = Group(
    "finetuning",
    members=_MEMBERS,
    help="Fine-tune models: from a dataset to a model, on a server or on an emulator.",
    examples=(
        "finetuning run train.jsonl --emulate",
        "finetuning jobs list --status running --since yesterday",
        "finetuning jobs watch ftjob-abc123 --profile work",
    ),
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_print_version,
            help="Print the version.",
        )
    ],
)


def run_command_line(arguments: Sequence[str]) -> int:
    """Run the command; return its exit code. Raises nothing, except with `--debug`."""
    invocation = Invocation()
    with _second_interrupt_ends(), _readable_streams():
        try:
            try:
                code = _invoke(arguments, invocation)
                sys.stdout.flush()
            finally:
                invocation.close()
        except BrokenPipeError:
            return _broken_pipe()
        except BaseException as error:  # noqa: BLE001  each has an exit code
            if invocation.debug and not isinstance(error, click.ClickException | click.Abort):
                import traceback

                traceback.print_exc()
            code = _report(error, invocation)
    return code


def _invoke(arguments: Sequence[str], invocation: Invocation) -> int:
    """Run the command of the arguments, or complete them for a shell; return the exit code."""
    # `main` of click is not used, since it ends the process at a broken pipe, with another code.
    if instruction := os.environ.get(COMPLETION_VARIABLE):
        from click.shell_completion import shell_complete

        options = {"obj": invocation}
        return shell_complete(application, options, "finetuning", COMPLETION_VARIABLE, instruction)
    try:
        with application.make_context("finetuning", list(arguments), obj=invocation) as context:
            code = application.invoke(context)
    except click.exceptions.Exit as end:
        code = end.exit_code
    return code if isinstance(code, int) else 0


def _report(error: BaseException, invocation: Invocation) -> int:
    """Write the line of an error, and return its exit code."""
    from . import exit_codes
    from .error_lines import line_of

    if isinstance(error, KeyboardInterrupt | click.Abort):
        # A command that raises `Interrupted` has shown its own message.
        code, line = exit_codes.INTERRUPTED, None if isinstance(error, Interrupted) else "interrupted"
    else:
        code, line = line_of(error, invocation)
    if line is not None:
        sys.stderr.write(f"{paint('finetuning:', 'red', sys.stderr)} {line}\n")
    try:
        sys.stdout.flush()
    except OSError:
        # For example a full disk, which the error line has named.
        _broken_pipe()
    return code


class Interrupted(KeyboardInterrupt):
    """An interrupt that the command has explained to the user."""


def _broken_pipe() -> int:
    """Silence the output whose reader has gone, also at the end of the interpreter; return the exit code."""
    from . import exit_codes

    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123  a device
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:
                os.dup2(nowhere.fileno(), stream.fileno())
    return exit_codes.BROKEN_PIPE


@contextmanager
def _second_interrupt_ends() -> Iterator[None]:
    """Turn the first Ctrl-C into `KeyboardInterrupt`; let the second end the process at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    count = 0

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal count
        count += 1
        if count > 1:
            os._exit(130)
        raise KeyboardInterrupt

    earlier = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        # Not restored after an interrupt: the process is about to end, and a second one may follow.
        if not count:
            signal.signal(signal.SIGINT, earlier)


@contextmanager
def _readable_streams() -> Iterator[None]:
    """Replace characters that a stream cannot show, instead of failing at them; a closed stream is empty."""
    opened = []
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115  a device
            opened.append(name)
    codecs.register_error("finetuning", plain)
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="finetuning")
    try:
        yield
    finally:
        for name in opened:
            getattr(sys, name).close()
            setattr(sys, name, None)
