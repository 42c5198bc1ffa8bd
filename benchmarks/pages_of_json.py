"""Pages of lists as the service sends them, for benchmarks of their readers."""

import json
from typing import Any

__all__ = ["PAGE", "event", "events", "job", "jobs"]

PAGE = 100
"""Number of items in a page."""


def jobs(first: int = 0) -> bytes:
    """Return a page of jobs."""
    return _page([job(first + number) for number in range(PAGE)])


def events(first: int = 0) -> bytes:
    """Return a page of events."""
    return _page([event(first + number) for number in range(PAGE)])


def _page(items: list[dict[str, Any]]) -> bytes:
    return json.dumps({"object": "list", "data": items, "has_more": True}).encode()


def job(number: int) -> dict[str, Any]:
    """Return job number `number`, which has succeeded."""
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


def event(number: int) -> dict[str, Any]:
    """Return event number `number`, with the metrics of a step."""
    return {
        "object": "fine_tuning.job.event",
        "id": f"ftevent-{number:024}",
        "created_at": 1_760_000_000 + number,
        "level": "info",
        "message": f"Step {number}/{PAGE}: training loss=0.42",
        "type": "metrics",
        "data": {"step": number, "total_steps": PAGE, "train_loss": 0.42, "train_mean_token_accuracy": 0.9},
    }
