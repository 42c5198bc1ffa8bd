"""What importing costs, each time in a fresh interpreter, over one that imports nothing."""

import subprocess
import sys
from collections.abc import Callable
from functools import partial

from benchmarks.measure import Comparison

__all__ = ["comparisons"]


def comparisons() -> list[Comparison]:
    """The import of the client and of one endpoint, beside those of its peers."""
    endpoint = "finetuning_api.api.fine_tuning.retrieve_fine_tuning_job"
    rivals = {
        "bare interpreter": _interpreter("pass"),
        "finetuning_client": _interpreter("import finetuning_client"),
        "finetuning_api, one endpoint": _interpreter(f"import {endpoint}"),
        "httpx": _interpreter("import httpx"),
        "openai": _interpreter("import openai"),
    }
    return [
        Comparison(
            title="import, in a fresh interpreter",
            rivals=rivals,
            rounds=21,
            ours="finetuning_client",
            target="at most 10 ms over the bare interpreter",
        )
    ]


def _interpreter(program: str) -> Callable[[], object]:
    command = [sys.executable, "-I", "-c", program]
    return partial(subprocess.run, command, check=True)
