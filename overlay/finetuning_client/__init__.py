"""A client for the fine-tuning API: typed, sync and async, exactly once.

    from finetuning_client import FineTuning

    client = FineTuning()
    job = client.jobs.create(model="gpt-4o-mini-2024-07-18", training_file=Path("train.jsonl"))
    for event in job.follow():
        print(event.message)

Every name is loaded when it is first used, so importing this package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module

from .version import __version__

# Type checkers take this for typing.TYPE_CHECKING, whose module costs more to load than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from .chart import loss_curve
    from .client import AsyncFineTuning, FineTuning
    from .cursors import EventCursor
    from .datasets import DatasetReport, check_dataset
    from .errors import (
        ApiError,
        AuthenticationFailed,
        BadRequest,
        ConfigurationError,
        Conflict,
        ConnectionFailed,
        DatasetError,
        FineTuningError,
        InvalidRequestError,
        InvalidResponse,
        InvalidWebhook,
        JobCancelled,
        JobFailed,
        NotFound,
        PermissionDenied,
        Problem,
        RateLimited,
        RequestTimedOut,
        ServerError,
        TrainingUnavailable,
        UnprocessableEntity,
        WaitTimeout,
    )
    from .handles import AsyncJob, Job
    from .identifiers import CheckpointId, FileId, JobId, ModelId, OrganizationId
    from .methods import DPO, Reinforcement, Supervised
    from .metrics import MetricRow
    from .pager import AsyncPager, Pager
    from .plans.pages import Page
    from .policies import RetryPolicy
    from .statuses import EventLevel, FileStatus, JobStatus

_MODULES = {
    "chart": ("loss_curve",),
    "client": ("AsyncFineTuning", "FineTuning"),
    "cursors": ("EventCursor",),
    "datasets": ("DatasetReport", "check_dataset"),
    "errors": (
        "ApiError",
        "AuthenticationFailed",
        "BadRequest",
        "ConfigurationError",
        "Conflict",
        "ConnectionFailed",
        "DatasetError",
        "FineTuningError",
        "InvalidRequestError",
        "InvalidResponse",
        "InvalidWebhook",
        "JobCancelled",
        "JobFailed",
        "NotFound",
        "PermissionDenied",
        "Problem",
        "RateLimited",
        "RequestTimedOut",
        "ServerError",
        "TrainingUnavailable",
        "UnprocessableEntity",
        "WaitTimeout",
    ),
    "handles": ("AsyncJob", "Job"),
    "identifiers": ("CheckpointId", "FileId", "JobId", "ModelId", "OrganizationId"),
    "methods": ("DPO", "Reinforcement", "Supervised"),
    "metrics": ("MetricRow",),
    "pager": ("AsyncPager", "Pager"),
    "plans.pages": ("Page",),
    "policies": ("RetryPolicy",),
    "statuses": ("EventLevel", "FileStatus", "JobStatus"),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "DPO",
    "ApiError",
    "AsyncFineTuning",
    "AsyncJob",
    "AsyncPager",
    "AuthenticationFailed",
    "BadRequest",
    "CheckpointId",
    "ConfigurationError",
    "Conflict",
    "ConnectionFailed",
    "DatasetError",
    "DatasetReport",
    "EventCursor",
    "EventLevel",
    "FileId",
    "FileStatus",
    "FineTuning",
    "FineTuningError",
    "InvalidRequestError",
    "InvalidResponse",
    "InvalidWebhook",
    "Job",
    "JobCancelled",
    "JobFailed",
    "JobId",
    "JobStatus",
    "MetricRow",
    "ModelId",
    "NotFound",
    "OrganizationId",
    "Page",
    "Pager",
    "PermissionDenied",
    "Problem",
    "RateLimited",
    "Reinforcement",
    "RequestTimedOut",
    "RetryPolicy",
    "ServerError",
    "Supervised",
    "TrainingUnavailable",
    "UnprocessableEntity",
    "WaitTimeout",
    "__version__",
    "check_dataset",
    "loss_curve",
]


def __getattr__(name: str) -> object:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
