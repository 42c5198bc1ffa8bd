"""Cost of parsing a page of JSON into typed objects, compared with `json.loads` and with peers."""

import importlib
import json
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.comparison import Comparison, at_least_faster, at_most_times
from benchmarks.pages_of_json import PAGE, events, jobs
from finetuning_api.models.list_fine_tuning_job_events_response import ListFineTuningJobEventsResponse
from finetuning_api.models.list_paginated_fine_tuning_jobs_response import (
    ListPaginatedFineTuningJobsResponse,
)

__all__ = ["comparisons"]

_CONTRACT = Path(__file__).resolve().parents[1] / "openapi.yaml"


def comparisons() -> Iterator[Comparison]:
    """Measure a page of 100 jobs and a page of 100 events."""
    with tempfile.TemporaryDirectory() as folder:
        _generate_stock(Path(folder))
        yield _comparison("jobs", jobs(), ListPaginatedFineTuningJobsResponse, "FineTuningJob", 1.7, 15)
        yield _comparison("events", events(), ListFineTuningJobEventsResponse, "FineTuningJobEvent", 1.5, 12)


def _comparison(name: str, page: bytes, model: Any, item: str, most: float, faster: float) -> Comparison:
    stock = importlib.import_module("stock_api.models").__dict__[model.__name__]
    return Comparison(
        title=f"parse a page of {PAGE} {name}, {len(page) / 1024:.0f} KiB",
        rivals={
            "json.loads": lambda: json.loads(page),
            "finetuning_api": lambda: model.from_dict(msgspec.json.decode(page)),
            "stock output of the generator": lambda: stock.from_dict(json.loads(page)),
            "openai": _openai_reader(page, item),
        },
        rounds=101,
        aims=(
            at_most_times("finetuning_api", most, "json.loads"),
            at_least_faster("finetuning_api", faster, "openai"),
        ),
    )


def _openai_reader(page: bytes, item: str) -> Callable[[], object]:
    """Return a call that parses a page as the official client does."""
    construct = importlib.import_module("openai._models").construct_type
    pages = importlib.import_module("openai.pagination").SyncCursorPage
    model = getattr(importlib.import_module("openai.types.fine_tuning"), item)
    kind = pages[model]
    return lambda: construct(type_=kind, value=json.loads(page))


def _generate_stock(folder: Path) -> None:
    """Generate a library with the generator's own templates, to be imported as `stock_api`."""
    config = folder / "config.yaml"
    config.write_text("post_hooks: []\n", encoding="utf-8")
    program = str(Path(sysconfig.get_path("scripts")) / "openapi-python-client")
    options = {
        "--path": _CONTRACT,
        "--config": config,
        "--output-path": folder / "stock_api",
        "--meta": "none",
    }
    arguments = [str(part) for option in options.items() for part in option]
    subprocess.run([program, "generate", *arguments], check=True, capture_output=True)
    sys.path.insert(0, str(folder))
    try:
        importlib.import_module("stock_api.models")
    finally:
        sys.path.remove(str(folder))
