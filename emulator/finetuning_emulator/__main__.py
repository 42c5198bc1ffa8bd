"""The command `finetuning-emulator`: serve until interrupted."""

from __future__ import annotations

import argparse
import ipaddress
import math
import signal
import sys
import threading
from collections.abc import Sequence

from finetuning_emulator.errors import StateUnavailable
from finetuning_emulator.server import Emulator

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 after a signal, 1 when it cannot start."""
    options = _parser().parse_args(arguments)
    try:
        emulator = Emulator(
            options.speed,
            options.state,
            options.port,
            host=options.host,
            python_graders=options.python_graders,
        )
        with emulator:
            if not _is_loopback(options.host):
                _warn(options.host)
            print(f"Fine-tuning emulator (simulated) at {emulator.base_url}", flush=True)
            _wait_for_signal()
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
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (default 127.0.0.1)")
    parser.add_argument(
        "--python-graders",
        action="store_true",
        help="run the programs of Python graders, in a restricted process (default: do not)",
    )
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError
    return port


def _speed(text: str) -> float:
    speed = float(text)
    if math.isnan(speed) or speed < 0:
        raise ValueError
    return speed


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _warn(host: str) -> None:
    print(
        f"WARNING: bound to {host}: anybody who reaches this machine can use the emulator,"
        " read its files and fill its disk. It accepts almost any key.",
        file=sys.stderr,
        flush=True,
    )


def _wait_for_signal() -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(3600):
        pass


if __name__ == "__main__":
    sys.exit(main())
