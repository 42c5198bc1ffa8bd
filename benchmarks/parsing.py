"""What it costs to make typed objects of a page of JSON, beside `json.loads` of the same bytes."""

import json
from typing import Any

import msgspec

from benchmarks.measure import Comparison
from finetuning_api.models.list_fine_tuning_job_events_response import ListFineTuningJobEventsResponse
from finetuning_api.models.list_paginated_fine_tuning_jobs_response import (
    ListPaginatedFineTuningJobsResponse,
)

__all__ = ["comparisons"]

_PAGE = 100


def comparisons() -> list[Comparison]:
    """A page of jobs and a page of events, each of 100."""
    return [
        _comparison("jobs", [_job(n) for n in range(_PAGE)], ListPaginatedFineTuningJobsResponse, 2.2),
        _comparison("events", [_event(n) for n in range(_PAGE)], ListFineTuningJobEventsResponse, 1.2),
    ]


def _comparison(name: str, items: list[dict[str, Any]], model: Any, most: float) -> Comparison:
    page = json.dumps({"object": "list", "data": items, "has_more": True}).encode()
    return Comparison(
        title=f"parse a page of {_PAGE} {name}, {len(page) / 1024:.0f} KiB",
        rivals={
            "json.loads": lambda: json.loads(page),
            "finetuning_api": lambda: model.from_dict(msgspec.json.decode(page)),
        },
        rounds=301,
        ours="finetuning_api",
        target=f"at most {most}",
    )


def _job(number: int) -> dict[str, Any]:
    settings = {"n_epochs": 3, "batch_size": "auto", "learning_rate_multiplier": 1.8}
    return {
        "object": "fine_tuning.job",
        "id": f"ftjob-{number:024}",
        "model": "gpt-4o-mini-2024-07-18",
        "created_at": 1_760_000_000 + number,
        "finished_at": 1_760_000_900 + number,
        "estimated_finish": None,
        "fine_tuned_model": f"ft:gpt-4o-mini-2024-07-18:lab:tone:{number:08}",
        "organization_id": "org-123",
        "result_files": [f"file-{number:022}"],
        "status": "succeeded",
        "training_file": "file-training",
        "validation_file": None,
        "hyperparameters": settings,
        "trained_tokens": 5_768,
        "error": {},
        "integrations": [],
        "seed": number,
        "method": {"type": "supervised", "supervised": {"hyperparameters": settings}},
        "metadata": {"team": "nlp", "run": str(number)},
    }


def _event(number: int) -> dict[str, Any]:
    return {
        "object": "fine_tuning.job.event",
        "id": f"ftevent-{number:024}",
        "created_at": 1_760_000_000 + number,
        "level": "info",
        "message": f"Step {number}/{_PAGE}: training loss=0.42",
        "type": "metrics",
        "data": {"step": number, "total_steps": _PAGE, "train_loss": 0.42, "train_mean_token_accuracy": 0.9},
    }
