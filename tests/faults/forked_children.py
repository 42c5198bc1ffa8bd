"""Program that forks children of a process whose client is in use; prints the number of wrong jobs.

Arguments: the client ("ours", "ours, async", "openai"), its base URL, the number of children, and of calls.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from collections.abc import Callable
from typing import Any

from finetuning_client import AsyncFineTuning, FineTuning

_MODEL = "gpt-4o-mini-2024-07-18"


def _creating(name: str, base_url: str) -> Callable[[int, list[str]], list[str]]:
    """Return a function that creates a job for each file, and returns the training files of these jobs."""
    if name == "ours, async":
        client = AsyncFineTuning(api_key="sk-secret", base_url=base_url)

        async def create_all(files: list[str]) -> list[str]:
            jobs = [await client.jobs.create(model=_MODEL, training_file=file) for file in files]
            return [str(job.training_file) for job in jobs]

        return lambda _, files: asyncio.run(create_all(files))
    if name == "ours":
        jobs: Any = FineTuning(api_key="sk-secret", base_url=base_url).jobs
    else:
        jobs = (
            importlib.import_module("openai").OpenAI(api_key="sk-secret", base_url=base_url).fine_tuning.jobs
        )
    return lambda _, files: [jobs.create(model=_MODEL, training_file=file).training_file for file in files]


def main() -> None:
    """Create a job, fork, and create jobs in every child at the same time."""
    name, base_url, children, calls = sys.argv[1:]
    create = _creating(name, base_url)
    if name != "ours, async":
        # This opens a connection that could be shared; the asynchronous client belongs to one event loop.
        create(0, ["file-parent"])
    pids = []
    for number in range(int(children)):
        pid = os.fork()
        if pid:
            pids.append(pid)
            continue
        files = [f"file-{number}-{turn}" for turn in range(int(calls))]
        try:
            wrong = sum(a != b for a, b in zip(create(number, files), files, strict=True))
        except Exception:  # noqa: BLE001  any exception is counted
            os._exit(255)
        os._exit(min(wrong, 254))
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    sys.stdout.write(str([sum(code for code in codes if code < 255), codes.count(255)]))


if __name__ == "__main__":
    main()
