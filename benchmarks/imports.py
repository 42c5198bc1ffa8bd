"""What importing costs, each time in a fresh interpreter, over one that imports nothing."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import finetuning_api
from benchmarks.measure import Aim, Comparison, Finding, at_most_times

__all__ = ["comparisons"]

_ENDPOINT = "finetuning_api.api.fine_tuning.retrieve_fine_tuning_job"
# A request names httpx at last, so what is measured is the endpoint in use: its client and its models.
_IN_USE = f"import {_ENDPOINT}, finetuning_api.client, finetuning_api.models.fine_tuning_job"


def comparisons() -> Iterator[Comparison | Finding]:
    """The imports of the client and of one endpoint, beside those of peers; the size of what is generated."""
    bare, ours, endpoint = "bare interpreter", "finetuning_client", "finetuning_api, one endpoint in use"
    yield Comparison(
        title="import, in a fresh interpreter",
        rivals={
            bare: _interpreter("pass"),
            ours: _interpreter("import finetuning_client"),
            endpoint: _interpreter(_IN_USE),
            "httpx": _interpreter("import httpx"),
            "openai": _interpreter("import openai"),
        },
        rounds=7,
        aims=(
            Aim(f"{ours}: at most 10 ms over the {bare}", lambda t: t[ours] - t[bare] <= 0.010),
            at_most_times(endpoint, 1.5, "httpx"),
        ),
    )
    files = list(Path(finetuning_api.__path__[0]).rglob("*.py"))
    lines = sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)
    yield Finding(
        title="the size of the generated library",
        values={"files": len(files), "lines": lines},
        unit="",
        aims=(
            Aim("at most 115 files", lambda size: size["files"] <= 115),
            Aim("at most 5,000 lines", lambda size: size["lines"] <= 5_000),
        ),
    )


def _interpreter(program: str) -> Callable[[], object]:
    command = [sys.executable, "-I", "-c", program]
    return partial(subprocess.run, command, check=True)
