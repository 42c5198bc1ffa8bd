"""What each list operation asks for, and how it reads what comes: one function an operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from finetuning_api.api.checkpoint_permissions import list_fine_tuning_checkpoint_permissions
from finetuning_api.api.files import list_files
from finetuning_api.api.fine_tuning import (
    list_fine_tuning_job_checkpoints,
    list_paginated_fine_tuning_jobs,
)
from finetuning_api.api.models import list_models
from finetuning_api.models.checkpoint_permission_order import CheckpointPermissionOrder
from finetuning_api.models.file_order import FileOrder
from finetuning_api.models.fine_tuning_checkpoint_permission import FineTuningCheckpointPermission
from finetuning_api.models.fine_tuning_job import FineTuningJob
from finetuning_api.models.fine_tuning_job_checkpoint import FineTuningJobCheckpoint
from finetuning_api.models.fine_tuning_job_event import FineTuningJobEvent
from finetuning_api.models.list_files_response import ListFilesResponse
from finetuning_api.models.list_fine_tuning_checkpoint_permission_response import (
    ListFineTuningCheckpointPermissionResponse,
)
from finetuning_api.models.list_fine_tuning_job_checkpoints_response import (
    ListFineTuningJobCheckpointsResponse,
)
from finetuning_api.models.list_fine_tuning_job_events_response import (
    ListFineTuningJobEventsResponse,
)
from finetuning_api.models.list_models_response import ListModelsResponse
from finetuning_api.models.list_paginated_fine_tuning_jobs_response import (
    ListPaginatedFineTuningJobsResponse,
)
from finetuning_api.models.model import Model
from finetuning_api.models.open_ai_file import OpenAIFile
from finetuning_api.types import UNSET

from ..contract import require
from ..methods import as_json
from .effects import Request
from .jobs import events_request
from .pages import Listing, as_listed

__all__ = ["checkpoints", "events", "files", "jobs", "models", "permissions"]

T = TypeVar("T")

# Fewer requests than the service's own defaults of 10 and 20, and as many as it gives at once.
_PAGE_SIZE = 100


def jobs(
    read: Callable[[FineTuningJob], T],
    *,
    limit: int | None,
    page_size: int | None,
    after: str | None,
    metadata: Mapping[str, str] | None,
) -> Listing[T]:
    """Jobs, newest first, that have all the pairs of `metadata`."""
    if metadata is not None:
        metadata = as_json("metadata", metadata)
        require("Metadata", metadata, prefix="metadata")

    def request(after: str | None, size: int | None) -> Request:
        return Request.of(
            list_paginated_fine_tuning_jobs.build_request,
            after=_or_unset(after),
            limit=_or_unset(size),
            metadata=UNSET if metadata is None else dict(metadata),
        )

    size = _PAGE_SIZE if page_size is None else page_size
    return Listing(request, ListPaginatedFineTuningJobsResponse, read, limit, size, after)


def events(
    job_id: str, *, limit: int | None, page_size: int | None, after: str | None
) -> Listing[FineTuningJobEvent]:
    """A job's events, newest first."""
    size = _PAGE_SIZE if page_size is None else page_size
    return Listing(events_request(job_id), ListFineTuningJobEventsResponse, as_listed, limit, size, after)


def checkpoints(
    job_id: str, *, limit: int | None, page_size: int | None, after: str | None
) -> Listing[FineTuningJobCheckpoint]:
    """A job's checkpoints, newest first."""

    def request(after: str | None, size: int | None) -> Request:
        return Request.of(
            list_fine_tuning_job_checkpoints.build_request,
            job_id,
            after=_or_unset(after),
            limit=_or_unset(size),
        )

    size = _PAGE_SIZE if page_size is None else page_size
    return Listing(request, ListFineTuningJobCheckpointsResponse, as_listed, limit, size, after)


def files(
    *,
    limit: int | None,
    page_size: int | None,
    after: str | None,
    purpose: str | None,
    order: str | None,
) -> Listing[OpenAIFile]:
    """Files, newest first unless `order` is `asc`."""
    if order is not None:
        require("FileOrder", order, prefix="order")

    def request(after: str | None, size: int | None) -> Request:
        return Request.of(
            list_files.build_request,
            after=_or_unset(after),
            limit=_or_unset(size),
            purpose=_or_unset(purpose),
            order=UNSET if order is None else FileOrder(order),
        )

    return Listing(request, ListFilesResponse, as_listed, limit, page_size, after)


def permissions(
    checkpoint: str,
    *,
    limit: int | None = None,
    page_size: int | None = None,
    after: str | None = None,
    project_id: str | None = None,
    order: str | None = None,
) -> Listing[FineTuningCheckpointPermission]:
    """A checkpoint's permissions, newest first unless `order` is `ascending`."""
    if order is not None:
        require("CheckpointPermissionOrder", order, prefix="order")

    def request(after: str | None, size: int | None) -> Request:
        return Request.of(
            list_fine_tuning_checkpoint_permissions.build_request,
            checkpoint,
            project_id=_or_unset(project_id),
            after=_or_unset(after),
            limit=_or_unset(size),
            order=UNSET if order is None else CheckpointPermissionOrder(order),
        ).for_admin

    size = page_size or _PAGE_SIZE
    return Listing(request, ListFineTuningCheckpointPermissionResponse, as_listed, limit, size, after)


def models(*, limit: int | None) -> Listing[Model]:
    """All models; the service lists them in one page."""
    return Listing(lambda *_: Request.of(list_models.build_request), ListModelsResponse, as_listed, limit)


def _or_unset(value: object) -> Any:
    return UNSET if value is None else value
