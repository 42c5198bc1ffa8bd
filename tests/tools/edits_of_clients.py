"""Edits of the extensions for the client: outcomes of statuses, methods and views."""

from __future__ import annotations

from typing import Any

from .edits import CALL_FINE, JOBS, NOTHING, READ, READ_FINE, Details
from .small import Edit, at

__all__ = ["CLIENT"]


def outcomes(**meanings: str) -> Edit:
    """Set the outcomes of the values of a status."""
    return lambda d: at(d, "JobStatus").update({"x-outcomes": meanings})


def idle(*values: str) -> Edit:
    """Set a final value, and the values at which a job waits for an action of the user."""
    return lambda d: at(d, "JobStatus").update({"x-outcomes": {"done": "succeeded"}, "x-idle": list(values)})


def method(**extension: Any) -> Edit:
    """Set the client method of an operation."""
    return lambda d: at(d, *JOBS, "get").update({"x-client": extension})


def view(shows: str, **absent: Any) -> Edit:
    """Set the repr of a view, and the values of its fields that the server omits."""

    def edit(data: dict[str, Any]) -> None:
        at(data, "Job").update({"x-client": {"view": "Job", "shows": shows}})
        for name, value in absent.items():
            at(data, "Job", "properties", name).update({"x-client": {"absent": value}})

    return edit


GET = "GET /jobs"

CLIENT: Details = {
    # Outcomes of statuses
    "value becomes final": (
        outcomes(done="succeeded"), outcomes(done="succeeded", running="failed"),
        [("JobStatus", "outcome: running: none -> running: failed", READ)],
    ),
    "outcomes written down": (
        NOTHING, outcomes(done="succeeded"), [],
    ),
    "outcome changed": (
        outcomes(done="succeeded"), outcomes(done="failed"),
        [("JobStatus", "outcome: done: succeeded -> done: failed", READ)],
    ),
    "new value with an outcome": (
        NOTHING,
        lambda d: at(d, "JobStatus").update({
            "enum": ["queued", "running", "done", "lost"], "x-outcomes": {"lost": "failed"}}),
        [("JobStatus", "value added: lost", READ_FINE)],
    ),
    "outcomes are gone": (
        outcomes(done="succeeded"), NOTHING, [("JobStatus", "outcome: done: succeeded -> done: none", READ)],
    ),
    "idle status": (
        idle(), idle("queued"), [("JobStatus", "idle status: queued: none -> queued: idle", READ)],
    ),
    "idle status becomes final": (
        idle("queued"), outcomes(done="succeeded", queued="failed"),
        [("JobStatus", "outcome: queued: idle -> queued: failed", READ)],
    ),
    # Methods
    "page size": (
        method(plan="page", page_size=100), method(plan="page", page_size=20),
        [(GET, "page size: 100 -> 20", CALL_FINE)],
    ),
    "page size given": (
        method(plan="page"), method(plan="page", page_size=20), [(GET, "page size: none -> 20", CALL_FINE)],
    ),
    "plan and reached statuses": (
        method(plan="action", reaches=["done"]), method(plan="fetch"),
        [(GET, "plan: action -> fetch", CALL_FINE), (GET, "reached statuses: done -> none", CALL_FINE)],
    ),
    "method added": (NOTHING, method(plan="page", page_size=20), []),
    "what signatures show": (
        method(plan="page", resource="jobs", method="list"),
        method(plan="page", resource="jobs", method="all"),
        [],
    ),
    # Views
    "short form": (
        view("{id}"), view("{id}: {status}"), [("Job", "short form: {id} -> {id}: {status}", READ_FINE)],
    ),
    "value when absent": (
        view("{id}", loss=0), view("{id}", loss=1), [("Job.loss", "value when absent: 0 -> 1", READ)],
    ),
    "value when absent is empty": (
        view("{id}"), view("{id}", loss=""), [("Job.loss", "value when absent: none -> ''", READ)],
    ),
}  # fmt: skip
