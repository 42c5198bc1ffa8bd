"""A client for the fine-tuning API: typed, synchronous and asynchronous, creating each job exactly once.

    from finetuning_client import FineTuning

    client = FineTuning()
    job = client.jobs.create(model="gpt-4o-mini-2024-07-18", training_file=Path("train.jsonl"))
    for event in job.follow():
        print(event.message)

Every name is loaded when it is first used. Type checkers read `__init__.pyi`, which `make generate` writes
from the table of names.
"""

from __future__ import annotations

from importlib import import_module

from .version import __version__

_NAMES = {
    "_async.client": "AsyncFineTuning",
    "_async.job": "AsyncJob",
    "_async.pager": "AsyncPager",
    "_sync.client": "FineTuning",
    "_sync.job": "Job",
    "_sync.pager": "Pager",
    "data.checks": "check_dataset",
    "data.report": "DatasetReport",
    "errors": """
        ApiError ArchiveError AuthenticationFailed BadRequest ConfigurationError Conflict ConnectionFailed
        DatasetError FineTuningError InvalidRequestError InvalidResponse InvalidWebhook JobCancelled JobFailed
        NotFound PermissionDenied Problem RateLimited RequestTimedOut ServerError TrainingUnavailable
        UnprocessableEntity WaitTimeout
    """,
    "event_cursor": "EventCursor",
    "identifiers": "CheckpointId FileId JobId ModelId OrganizationId",
    "methods": "DPO Reinforcement Supervised",
    "plans.cursor": "Page",
    "results.charts": "loss_curve",
    "results.metrics": "MetricRow",
    "retry": "RetryPolicy",
    "statuses": "EventLevel FileStatus JobStatus UploadStatus",
    "method_objects": "UnknownMethod",
    "views": """
        Checkpoint Deleted Event File Hyperparameters Integration JobError Model Permission
        StepMetrics Upload UploadPart
    """,
}
_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names.split()}

# Type checkers read the stub instead.
__all__ = ["__version__", *_MODULE_OF]  # noqa: PLE0604  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
