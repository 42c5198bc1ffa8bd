"""The program that runs a Python grader's source in its own process, with tight restrictions.

Reads `{"source", "sample", "item"}` from standard input and writes `{"reward"}`, or `{"error"}`, to
standard output. The restrictions prevent accidental damage; they do not contain hostile code.
"""

from __future__ import annotations

import importlib
import io
import json
import math
import os
import sys
from typing import Any

__all__: list[str] = []

_MEMORY = 1024**3
_CPU_SECONDS = 5
_PRELOADED = """
    abc ast base64 bisect calendar cmath collections collections.abc contextlib copy dataclasses
    datetime decimal difflib enum fractions functools hashlib heapq html itertools math numbers
    operator random re statistics string textwrap time types typing unicodedata
""".split()
_FORBIDDEN = """
    ctypes fcntl mmap open os pty resource shutil signal socket sqlite3 subprocess syslog tempfile
    urllib webbrowser winreg
""".split()


def _restrict() -> None:
    """Limit memory and time, and block files, sockets and child processes; loaded modules stay usable."""
    import resource

    for limit, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 65_536),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        try:
            resource.setrlimit(limit, (most, most))
        except (ValueError, OSError):
            continue
    forbidden = frozenset(_FORBIDDEN)

    def guard(event: str, arguments: tuple[Any, ...]) -> None:
        loads = event == "import" and arguments[1] is not None
        if loads or event.partition(".")[0] in forbidden:
            raise PermissionError(f"the grader used {event}, which is not allowed")

    sys.addaudithook(guard)


def _grade(task: dict[str, Any]) -> dict[str, Any]:
    try:
        names: dict[str, Any] = {"__name__": "grader"}
        exec(compile(task["source"], "grader", "exec"), names)  # noqa: S102 - this program's purpose
        reward = float(names["grade"](task["sample"], task["item"]))
        return {"reward": reward if math.isfinite(reward) else None}
    except BaseException as error:  # noqa: BLE001 - any exception is the grader's result
        return {"error": f"{type(error).__name__}: {error}"[:2000]}


def _main() -> None:
    task = json.loads(sys.stdin.buffer.read())
    for name in _PRELOADED:
        importlib.import_module(name)
    write = os.write
    sys.stdin = sys.stdout = sys.stderr = io.StringIO()
    try:
        _restrict()
    except ImportError:
        output = {"unavailable": "this system cannot limit the resources of a program"}
    else:
        output = _grade(task)
    write(1, json.dumps(output).encode())


_main()
