"""Operations on graders: run one on a model's output, as many at a time as there are CPU cores."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread

from finetuning_emulator.grading import Grader, Result, run_grader

__all__ = ["grade"]

_LIMITER: anyio.lowlevel.RunVar[anyio.CapacityLimiter] = anyio.lowlevel.RunVar("finetuning_emulator.graders")


async def grade(grader: Grader, sample: str, item: Mapping[str, Any], *, python: bool) -> Result:
    """Grade a model's output for a row of data; `python` allows Python graders to run."""
    return await anyio.to_thread.run_sync(
        lambda: run_grader(grader, sample, item, python=python), limiter=_limiter()
    )


def _limiter() -> anyio.CapacityLimiter:
    """Return the limiter of this event loop."""
    try:
        return _LIMITER.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(os.cpu_count() or 1)
        _LIMITER.set(limiter)
        return limiter
