"""The command `finetuning-emulator`: serve until interrupted."""

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

from finetuning_emulator.addresses import is_loopback
from finetuning_emulator.errors import StateUnavailable
from finetuning_emulator.server import EXPOSED, Emulator

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 after a signal, 1 when it cannot start."""
    options = _parser().parse_args(arguments)
    try:
        # A stale one would send those who wait for it to whoever has the port now.
        _remove(options.ready_file)
        emulator = Emulator(
            options.speed,
            options.state,
            options.port,
            host=options.host,
            python_graders=options.python_graders,
        )
        with _told_to_stop() as stop, _served(emulator, options.host):
            print(f"Fine-tuning emulator (simulated) at {emulator.base_url}", flush=True)
            _write(options.ready_file, emulator.base_url)
            # In turns, since no signal arrives during a wait without end on some systems.
            while not stop.wait(3600):
                pass
            _remove(options.ready_file)
    except _NotWritable as error:
        return _failed(str(error))
    except StateUnavailable as error:
        return _failed(str(error))
    except OSError as error:
        return _failed(f"cannot serve on {options.host} port {options.port}: {error}")
    return 0


def _failed(reason: str) -> int:
    print(f"finetuning-emulator: {reason}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="finetuning-emulator",
        description="An offline server for the fine-tuning API. It trains nothing: jobs, losses"
        " and models are simulated.",
    )
    parser.add_argument("--port", type=_port, default=8000, help="0 takes a free one (default 8000)")
    parser.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        help="emulated seconds in one real second; inf finishes jobs at once (default 1)",
    )
    parser.add_argument(
        "--state",
        metavar="PATH",
        default=":memory:",
        help="keep the state in this file, and uploads beside it (default: in memory)",
    )
    parser.add_argument(
        "--ready-file",
        metavar="FILE",
        type=Path,
        help="write the base URL, and nothing else, to this file once the emulator answers",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (default 127.0.0.1)")
    parser.add_argument(
        "--python-graders",
        action="store_true",
        help="run the programs of Python graders, in a restricted process (default: do not)",
    )
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a number from 0 to 65535")
    return int(text)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if math.isnan(speed) or speed < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a speed: a number from 0 up, or inf")
    return speed


@contextlib.contextmanager
def _served(emulator: Emulator, host: str) -> Iterator[None]:
    """Serve within, with the warning of an open emulator in a form that is seen."""
    if not is_loopback(host):
        print(f"WARNING: {EXPOSED.format(host=host)}", file=sys.stderr, flush=True)
        warnings.simplefilter("ignore", RuntimeWarning)
    with emulator:
        yield


class _NotWritable(Exception):
    pass


def _write(ready: Path | None, base_url: str) -> None:
    """Have the file there with all that is in it, or not at all."""
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
def _told_to_stop() -> Iterator[threading.Event]:
    """What is set, within, when the command is told to end."""
    stop = threading.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    earlier = [signal.signal(number, lambda *_: stop.set()) for number in signals]
    try:
        yield stop
    finally:
        for number, handler in zip(signals, earlier, strict=True):
            signal.signal(number, handler)


if __name__ == "__main__":
    sys.exit(main())
