"""Plans of the plain operations, one function for each.

Generated from openapi.yaml by `make generate`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from finetuning_api.types import UNSET

from ..limits_setting import Limits
from ..operation_settings import Settings
from ..validation import as_json, require, require_argument
from .attempts import fetch
from .effects import Plan, Request
from .exactly_once import act, remove
from .list_pages import Listing
from .responses import JsonObject

if TYPE_CHECKING:
    from collections.abc import Callable

    from finetuning_api.models.fine_tuning_checkpoint_permission import FineTuningCheckpointPermission
    from finetuning_api.models.fine_tuning_job import FineTuningJob
    from finetuning_api.models.fine_tuning_job_checkpoint import FineTuningJobCheckpoint
    from finetuning_api.models.fine_tuning_job_event import FineTuningJobEvent
    from finetuning_api.models.model import Model
    from finetuning_api.models.open_ai_file import OpenAIFile
    from finetuning_api.types import ApiObject

__all__ = [
    "cancel_fine_tuning_job",
    "cancel_upload",
    "delete_file",
    "delete_fine_tuning_checkpoint_permission",
    "delete_model",
    "list_files",
    "list_fine_tuning_checkpoint_permissions",
    "list_fine_tuning_events",
    "list_fine_tuning_job_checkpoints",
    "list_models",
    "list_paginated_fine_tuning_jobs",
    "pause_fine_tuning_job",
    "resume_fine_tuning_job",
    "retrieve_file",
    "retrieve_fine_tuning_job",
    "retrieve_model",
    "run_grader",
    "validate_grader",
]

T = TypeVar("T")


def list_paginated_fine_tuning_jobs(
    read: Callable[[FineTuningJob], T],
    *,
    limit: int | None = None,
    page_size: int | None = None,
    after: str | None = None,
    metadata: Mapping[str, str] | None = None,
    limits: Limits = "contract",
) -> Listing[T]:
    """List fine-tuning jobs (`listPaginatedFineTuningJobs` in the contract)."""
    from finetuning_api.api.fine_tuning import list_paginated_fine_tuning_jobs as operation
    from finetuning_api.models.list_paginated_fine_tuning_jobs_response import (
        ListPaginatedFineTuningJobsResponse,
    )

    if metadata is not None:
        metadata = as_json("metadata", metadata)
        require_argument("listPaginatedFineTuningJobs", "metadata", metadata, limits=limits)

    def request(after: str | None, size: int | None) -> Request:
        return Request.of(
            operation.build_request, metadata=_sent(metadata), after=_sent(after), limit=_sent(size)
        )

    return Listing(
        request,
        ListPaginatedFineTuningJobsResponse,
        read,
        limit,
        100 if page_size is None else page_size,
        after,
    )


def retrieve_fine_tuning_job(job_id: str, settings: Settings) -> Plan[JsonObject]:
    """Retrieve a fine-tuning job (`retrieveFineTuningJob` in the contract)."""
    from finetuning_api.api.fine_tuning import retrieve_fine_tuning_job as operation

    request = Request.of(operation.build_request, job_id)
    return fetch(request, settings, "FineTuningJob", object_id=job_id)


def cancel_fine_tuning_job(job_id: str, settings: Settings) -> Plan[JsonObject]:
    """Cancel a fine-tuning job (`cancelFineTuningJob` in the contract)."""
    from finetuning_api.api.fine_tuning import cancel_fine_tuning_job as operation

    request = Request.of(operation.build_request, job_id)
    return act(
        request,
        settings,
        "FineTuningJob",
        object_id=job_id,
        look=partial(retrieve_fine_tuning_job, job_id, settings),
        reaches=("cancelled",),
    )


def pause_fine_tuning_job(job_id: str, settings: Settings) -> Plan[JsonObject]:
    """Pause a fine-tuning job (`pauseFineTuningJob` in the contract)."""
    from finetuning_api.api.fine_tuning import pause_fine_tuning_job as operation

    request = Request.of(operation.build_request, job_id)
    return act(
        request,
        settings,
        "FineTuningJob",
        object_id=job_id,
        look=partial(retrieve_fine_tuning_job, job_id, settings),
        reaches=("paused",),
    )


def resume_fine_tuning_job(job_id: str, settings: Settings) -> Plan[JsonObject]:
    """Resume a fine-tuning job (`resumeFineTuningJob` in the contract)."""
    from finetuning_api.api.fine_tuning import resume_fine_tuning_job as operation

    request = Request.of(operation.build_request, job_id)
    return act(
        request,
        settings,
        "FineTuningJob",
        object_id=job_id,
        look=partial(retrieve_fine_tuning_job, job_id, settings),
        reaches=("queued", "running"),
    )


def list_fine_tuning_events(
    read: Callable[[FineTuningJobEvent], T],
    job_id: str,
    *,
    limit: int | None = None,
    page_size: int | None = None,
    after: str | None = None,
) -> Listing[T]:
    """List the events of a fine-tuning job (`listFineTuningEvents` in the contract)."""
    from finetuning_api.api.fine_tuning import list_fine_tuning_events as operation
    from finetuning_api.models.list_fine_tuning_job_events_response import ListFineTuningJobEventsResponse

    def request(after: str | None, size: int | None) -> Request:
        return Request.of(operation.build_request, job_id, after=_sent(after), limit=_sent(size))

    return Listing(
        request, ListFineTuningJobEventsResponse, read, limit, 100 if page_size is None else page_size, after
    )


def list_fine_tuning_job_checkpoints(
    read: Callable[[FineTuningJobCheckpoint], T],
    job_id: str,
    *,
    limit: int | None = None,
    page_size: int | None = None,
    after: str | None = None,
) -> Listing[T]:
    """List the checkpoints of a fine-tuning job (`listFineTuningJobCheckpoints` in the contract)."""
    from finetuning_api.api.fine_tuning import list_fine_tuning_job_checkpoints as operation
    from finetuning_api.models.list_fine_tuning_job_checkpoints_response import (
        ListFineTuningJobCheckpointsResponse,
    )

    def request(after: str | None, size: int | None) -> Request:
        return Request.of(operation.build_request, job_id, after=_sent(after), limit=_sent(size))

    return Listing(
        request,
        ListFineTuningJobCheckpointsResponse,
        read,
        limit,
        100 if page_size is None else page_size,
        after,
    )


def list_fine_tuning_checkpoint_permissions(
    read: Callable[[FineTuningCheckpointPermission], T],
    checkpoint: str,
    *,
    limit: int | None = None,
    page_size: int | None = None,
    after: str | None = None,
    project_id: str | None = None,
    order: str | None = None,
    limits: Limits = "contract",
) -> Listing[T]:
    """List the permissions of a checkpoint (`listFineTuningCheckpointPermissions` in the contract)."""
    from finetuning_api.api.checkpoint_permissions import list_fine_tuning_checkpoint_permissions as operation
    from finetuning_api.models.list_fine_tuning_checkpoint_permission_response import (
        ListFineTuningCheckpointPermissionResponse,
    )

    if project_id is not None:
        require_argument("listFineTuningCheckpointPermissions", "project_id", project_id, limits=limits)
    if order is not None:
        require_argument("listFineTuningCheckpointPermissions", "order", order, limits=limits)

    def request(after: str | None, size: int | None) -> Request:
        return Request.of(
            operation.build_request,
            checkpoint,
            project_id=_sent(project_id),
            order=_sent(order),
            after=_sent(after),
            limit=_sent(size),
        ).for_admin

    return Listing(
        request,
        ListFineTuningCheckpointPermissionResponse,
        read,
        limit,
        100 if page_size is None else page_size,
        after,
    )


def delete_fine_tuning_checkpoint_permission(
    checkpoint: str, permission_id: str, settings: Settings
) -> Plan[JsonObject]:
    """Revoke a permission (`deleteFineTuningCheckpointPermission` in the contract)."""
    from finetuning_api.api.checkpoint_permissions import (
        delete_fine_tuning_checkpoint_permission as operation,
    )

    request = Request.of(operation.build_request, checkpoint, permission_id).for_admin
    return remove(request, settings, "DeleteFineTuningCheckpointPermissionResponse", object_id=permission_id)


def run_grader(
    settings: Settings,
    *,
    grader: ApiObject | Mapping[str, Any],
    model_sample: str,
    item: Mapping[str, Any] | None = None,
) -> Plan[JsonObject]:
    """Run a grader (`runGrader` in the contract)."""
    from finetuning_api.api.graders import run_grader as operation
    from finetuning_api.models.run_grader_request import RunGraderRequest

    body: dict[str, Any] = {"grader": as_json("grader", grader), "model_sample": model_sample}
    if item is not None:
        body["item"] = as_json("item", item)
    require("RunGraderRequest", body, limits=settings.limits)
    request = Request.of(operation.build_request, body=RunGraderRequest.from_dict(body))
    return fetch(request, settings, "RunGraderResponse")


def validate_grader(settings: Settings, *, grader: ApiObject | Mapping[str, Any]) -> Plan[JsonObject]:
    """Validate a grader (`validateGrader` in the contract)."""
    from finetuning_api.api.graders import validate_grader as operation
    from finetuning_api.models.validate_grader_request import ValidateGraderRequest

    body: dict[str, Any] = {"grader": as_json("grader", grader)}
    require("ValidateGraderRequest", body, limits=settings.limits)
    request = Request.of(operation.build_request, body=ValidateGraderRequest.from_dict(body))
    return fetch(request, settings, "ValidateGraderResponse")


def list_files(
    read: Callable[[OpenAIFile], T],
    *,
    limit: int | None = None,
    page_size: int | None = None,
    after: str | None = None,
    purpose: str | None = None,
    order: str | None = None,
    limits: Limits = "contract",
) -> Listing[T]:
    """List files (`listFiles` in the contract)."""
    from finetuning_api.api.files import list_files as operation
    from finetuning_api.models.list_files_response import ListFilesResponse

    if purpose is not None:
        require_argument("listFiles", "purpose", purpose, limits=limits)
    if order is not None:
        require_argument("listFiles", "order", order, limits=limits)

    def request(after: str | None, size: int | None) -> Request:
        return Request.of(
            operation.build_request,
            purpose=_sent(purpose),
            order=_sent(order),
            after=_sent(after),
            limit=UNSET if size is None else min(size, 10000),
        )

    listing = Listing(request, ListFilesResponse, read, limit, page_size, after)
    if page_size is not None:
        require_argument("listFiles", "limit", page_size, name="page_size", limits=limits)
    return listing


def retrieve_file(file_id: str, settings: Settings) -> Plan[JsonObject]:
    """Retrieve information about a file (`retrieveFile` in the contract)."""
    from finetuning_api.api.files import retrieve_file as operation

    request = Request.of(operation.build_request, file_id)
    return fetch(request, settings, "OpenAIFile", object_id=file_id)


def delete_file(file_id: str, settings: Settings) -> Plan[JsonObject]:
    """Delete a file (`deleteFile` in the contract)."""
    from finetuning_api.api.files import delete_file as operation

    request = Request.of(operation.build_request, file_id)
    return remove(request, settings, "DeleteFileResponse", object_id=file_id)


def cancel_upload(upload_id: str, settings: Settings) -> Plan[JsonObject]:
    """Cancel an upload (`cancelUpload` in the contract)."""
    from finetuning_api.api.uploads import cancel_upload as operation

    request = Request.of(operation.build_request, upload_id)
    return act(request, settings, "Upload", object_id=upload_id)


def list_models(read: Callable[[Model], T], *, limit: int | None = None) -> Listing[T]:
    """List models (`listModels` in the contract)."""
    from finetuning_api.api.models import list_models as operation
    from finetuning_api.models.list_models_response import ListModelsResponse

    def request(_after: str | None, _size: int | None) -> Request:
        return Request.of(operation.build_request)

    return Listing(request, ListModelsResponse, read, limit)


def retrieve_model(model: str, settings: Settings) -> Plan[JsonObject]:
    """Retrieve a model (`retrieveModel` in the contract)."""
    from finetuning_api.api.models import retrieve_model as operation

    request = Request.of(operation.build_request, model)
    return fetch(request, settings, "Model")


def delete_model(model: str, settings: Settings) -> Plan[JsonObject]:
    """Delete a fine-tuned model (`deleteModel` in the contract)."""
    from finetuning_api.api.models import delete_model as operation

    request = Request.of(operation.build_request, model)
    return remove(request, settings, "DeleteModelResponse", object_id=model)


def _sent(value: Any) -> Any:
    """Return an argument as a request builder takes it: UNSET if it is left out."""
    return UNSET if value is None else value
