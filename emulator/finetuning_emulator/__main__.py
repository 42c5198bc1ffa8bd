"""The command `finetuning-emulator`: serves until it is interrupted."""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from finetuning_emulator.errors import StateUnavailable, missing_dependency
from finetuning_emulator.version import emulator_version

if TYPE_CHECKING:
    from finetuning_emulator.emulator import Emulator

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0 after a signal, 1 if it cannot start."""
    options = _parser().parse_args(arguments)
    try:
        from finetuning_emulator.emulator import Emulator
    except ModuleNotFoundError as error:
        return _fail(str(missing_dependency(error)))
    try:
        # A program that waits for the file must not find the URL of an earlier emulator.
        _remove(options.ready_file)
        emulator = Emulator(
            options.speed,
            options.state,
            options.port,
            host=options.host,
            python_graders=options.python_graders,
            allow_hosts=options.allow_host,
            load=options.load,
        )
        with _stop_signal() as stop, _serving(emulator, options.host):
            _write(options.ready_file, emulator.base_url)
            print(f"Fine-tuning emulator (simulated) at {emulator.base_url}", flush=True)
            if options.end_with_input:
                threading.Thread(target=_stop_at_end_of_input, args=(stop,), daemon=True).start()
            _wait(stop)
            _remove(options.ready_file)
    except (_NotWritable, StateUnavailable, ValueError) as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"cannot serve on {options.host} port {options.port}: {error}")
    return 0


def _fail(reason: str) -> int:
    print(f"finetuning-emulator: {reason}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="finetuning-emulator",
        description="An offline emulator of the fine-tuning API. It trains nothing: jobs, losses"
        " and models are simulated.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {emulator_version()}")
    parser.add_argument("--port", type=_port, default=8000, help="0 picks a free one (default: 8000)")
    parser.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        help="emulated seconds per real second; inf finishes jobs at once (default: 1)",
    )
    parser.add_argument(
        "--state",
        metavar="PATH",
        default=":memory:",
        help="keep the state in this file, and uploads in a directory next to it (default: in memory)",
    )
    parser.add_argument(
        "--load",
        metavar="DIR",
        help="show the jobs of this archive, as client.archive saved them",
    )
    parser.add_argument(
        "--ready-file",
        metavar="FILE",
        type=Path,
        help="write the base URL to this file when the emulator accepts requests",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to bind to (default: 127.0.0.1)")
    parser.add_argument(
        "--allow-host",
        metavar="NAME",
        action="append",
        default=[],
        help="accept requests whose Host header has this name; can be repeated",
    )
    parser.add_argument(
        "--python-graders",
        action="store_true",
        help="run the programs of Python graders, in a restricted process (default: off)",
    )
    parser.add_argument(
        "--end-with-input",
        action="store_true",
        help="exit when standard input closes, so as not to outlive the program that started it",
    )
    return parser


def _stop_at_end_of_input(stop: SimpleQueue[None]) -> None:
    # Not through `sys.stdin`: the interpreter would wait for its lock at exit.
    while os.read(0, 4096):
        pass
    stop.put(None)


def _wait(stop: SimpleQueue[None]) -> None:
    # On some systems a signal does not interrupt a wait without a timeout.
    while True:
        with contextlib.suppress(Empty):
            return stop.get(timeout=3600)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 5) or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 0 to 65535")
    return int(text)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if math.isnan(speed) or speed < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a speed: give a number, at least 0, or inf")
    return speed


@contextlib.contextmanager
def _serving(emulator: Emulator, host: str) -> Iterator[None]:
    """Serve during the block; print the warning about an exposed emulator as a line of the command."""
    from finetuning_emulator.emulator import EXPOSED
    from finetuning_emulator.http.addresses import is_loopback

    if not is_loopback(host):
        print(f"WARNING: {EXPOSED.format(host=host)}", file=sys.stderr, flush=True)
        warnings.simplefilter("ignore", RuntimeWarning)
    with emulator:
        yield


class _NotWritable(Exception):
    pass


def _write(ready: Path | None, base_url: str) -> None:
    """Write the file atomically, so that no reader sees a part of it."""
    if ready is None:
        return
    unfinished = ready.with_name(f"{ready.name}.{os.getpid()}")
    try:
        unfinished.write_text(base_url, encoding="utf-8")
        unfinished.replace(ready)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise _NotWritable(f"cannot write the ready file {ready}: {error}") from error


def _remove(ready: Path | None) -> None:
    if ready is not None:
        try:
            ready.unlink(missing_ok=True)
        except OSError as error:
            raise _NotWritable(f"cannot write the ready file {ready}: {error}") from error


@contextlib.contextmanager
def _stop_signal() -> Iterator[SimpleQueue[None]]:
    """Yield a queue that receives an item at each SIGINT and SIGTERM during the block.

    A signal may arrive while the handler of another runs, where an event would wait for its own lock.
    """
    stop: SimpleQueue[None] = SimpleQueue()
    signals = (signal.SIGINT, signal.SIGTERM)
    earlier = [signal.signal(number, lambda *_: stop.put(None)) for number in signals]
    try:
        yield stop
    finally:
        for number, handler in zip(signals, earlier, strict=True):
            signal.signal(number, handler)


if __name__ == "__main__":
    sys.exit(main())
