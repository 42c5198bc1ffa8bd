"""The program in which the source of a Python grader runs: on its own, with next to nothing allowed.

Reads `{"source", "sample", "item"}` from standard input and writes `{"reward"}`, or `{"error"}`, to
standard output. The restrictions keep an honest mistake from doing harm; they are no prison.
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
_READY = """
    abc ast base64 bisect calendar cmath collections collections.abc contextlib copy dataclasses
    datetime decimal difflib enum fractions functools hashlib heapq html itertools math numbers
    operator random re statistics string textwrap time types typing unicodedata
""".split()
_FORBIDDEN = """
    ctypes fcntl mmap open os pty resource shutil signal socket sqlite3 subprocess syslog tempfile
    urllib webbrowser winreg
""".split()


def _restrict() -> None:
    """Take away memory, time, files, sockets and children; what was loaded before stays."""
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
            raise PermissionError(f"a grader may not use {event}")

    sys.addaudithook(guard)


def _graded(task: dict[str, Any]) -> dict[str, Any]:
    try:
        names: dict[str, Any] = {"__name__": "grader"}
        exec(compile(task["source"], "grader", "exec"), names)  # noqa: S102 - what it is for
        reward = float(names["grade"](task["sample"], task["item"]))
        return {"reward": reward if math.isfinite(reward) else None}
    except BaseException as error:  # noqa: BLE001 - whatever a grader does is its result
        return {"error": f"{type(error).__name__}: {error}"[:2000]}


def _main() -> None:
    task = json.loads(sys.stdin.buffer.read())
    for name in _READY:
        importlib.import_module(name)
    write = os.write
    sys.stdin = sys.stdout = sys.stderr = io.StringIO()
    try:
        _restrict()
    except ImportError:
        answer = {"unavailable": "this system cannot limit what a program uses"}
    else:
        answer = _graded(task)
    write(1, json.dumps(answer).encode())


_main()
