"""Upload of a file in parts: several at once, each retried on its own, the whole file checked by its MD5.

An interrupted upload is resumed from a small state file (`upload_state`), even by another process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from finetuning_api.api.uploads import add_upload_part, complete_upload, create_upload
from finetuning_api.models.add_upload_part_request import AddUploadPartRequest
from finetuning_api.models.complete_upload_request import CompleteUploadRequest
from finetuning_api.models.create_upload_request import CreateUploadRequest
from finetuning_api.models.open_ai_file import OpenAIFile
from finetuning_api.models.upload import Upload
from finetuning_api.types import File

from ..errors import (
    ApiError,
    ConnectionFailed,
    FineTuningError,
    InvalidRequestError,
    RateLimited,
    ServerError,
)
from ..operation_settings import Settings
from ..upload_source import Payload, Source, open_source
from ..validation import require
from ..views.field_readers import seconds
from . import operations
from .attempts import fetch
from .effects import Now, Plan, Request, Response, Together, Work
from .exactly_once import complete_once, create_once
from .responses import JsonObject
from .upload_in_one_request import FileCreation
from .upload_state import UploadState, discard_state, load_state, save_state

Progress = Callable[[int, int], object]
"""Called with the number of bytes sent so far, and the size of the file."""

PART_SIZE = 64 * 1024 * 1024
"""Size limit of a part, in bytes."""

_AT_ONCE = 4


def create(body: Mapping[str, Any], settings: Settings) -> Plan[JsonObject]:
    """Create an upload. One whose response was lost costs nothing, and expires."""
    require("CreateUploadRequest", dict(body), limits=settings.limits)
    request = Request.of(create_upload.build_request, body=CreateUploadRequest.from_dict(body))
    return fetch(request, settings, "Upload")


def add_part(upload_id: str, source: Source, settings: Settings) -> Plan[JsonObject]:
    """Send a part. Raises `InvalidRequestError` for one that is larger than `PART_SIZE`."""
    payload: Payload = yield Work(partial(open_source, source, "part"))
    with payload:
        if payload.size > PART_SIZE:
            rule, end = f"at most {PART_SIZE:,} bytes", f", not {payload.size:,}: split it into smaller parts"
            raise InvalidRequestError.of("data", rule, payload.size, end)
        part = yield from _send_part(upload_id, payload.part(), settings)
    return part


def _send_part(upload_id: str, data: BinaryIO, settings: Settings) -> Plan[JsonObject]:
    """Send a part. One whose response was lost is sent again: only the parts named on completion count."""
    body = AddUploadPartRequest(data=File(data, "part", "application/octet-stream"))
    request = Request.of(add_upload_part.build_request, upload_id, body=body)
    return fetch(request, settings, "UploadPart")


def complete(
    upload_id: str, part_ids: Sequence[str], md5: str | None, settings: Settings
) -> Plan[JsonObject]:
    """Join the parts into a file. An upload makes at most one file, however often it is completed."""
    request = _complete_request(upload_id, part_ids, md5, settings)
    return complete_once(request, settings, "Upload", object_id=upload_id, creates=FileCreation)


def send_in_parts(
    payload: Payload,
    fields: Mapping[str, Any],
    settings: Settings,
    *,
    state: Path | None = None,
    on_progress: Progress | None = None,
) -> Plan[OpenAIFile]:
    """Upload a file of any size, and return it.

    With a `state` file, an upload that fails temporarily is kept, and the next call resumes it; any other
    failure cancels it.
    """
    body = {**fields, "filename": payload.name, "bytes": payload.size, "mime_type": "text/jsonl"}
    require("CreateUploadRequest", body, limits=settings.limits)
    md5: str = yield Work(payload.md5)
    now: float = yield Now()
    identity = {**body, "md5": md5, "part_size": PART_SIZE}
    kept: UploadState = yield Work(partial(load_state, state, identity, now))
    if kept.upload_id:
        lost = ConnectionFailed("the outcome of the interrupted call is unknown")
        try:
            sent = yield from _send_rest(payload, kept, state, on_progress, settings, lost)
        except ApiError as error:
            if _may_pass(error):
                raise
            # The service no longer knows the upload, or has rejected it: start a new one.
        else:
            return sent
    kept = UploadState(identity)
    # Saved before the upload is created, in case the state cannot be written.
    yield Work(partial(save_state, state, kept))
    created = yield from create(body, settings)
    kept.upload_id, kept.began = created["id"], now
    kept.expires_at = seconds(created.get("expires_at")) or now + 3600.0
    sent = yield from _send_rest(payload, kept, state, on_progress, settings)
    return sent


def _send_rest(
    payload: Payload,
    kept: UploadState,
    state: Path | None,
    on_progress: Progress | None,
    settings: Settings,
    lost: ConnectionFailed | None = None,
) -> Plan[OpenAIFile]:
    """Send the missing parts, join all parts, and return the file."""
    try:
        yield from _send_parts(payload, kept, state, on_progress, settings)
        yield Work(payload.require_unchanged)
        file = yield from create_once(_JoinedFile(payload, kept, settings), lost=lost)
    except FineTuningError as error:
        if state is None or not _may_pass(error):
            with suppress(FineTuningError):
                yield from operations.cancel_upload(kept.upload_id, settings)
            yield Work(partial(discard_state, state))
        raise
    yield Work(partial(discard_state, state))
    return file


def _may_pass(error: FineTuningError) -> bool:
    """Return whether another call can resume the same upload."""
    if isinstance(error, ServerError | RateLimited):
        return True
    return not isinstance(error, ApiError | InvalidRequestError)


def _send_parts(
    payload: Payload,
    kept: UploadState,
    state: Path | None,
    on_progress: Progress | None,
    settings: Settings,
) -> Plan[None]:
    """Send the parts that have not arrived, a few at a time, and save each in the state."""
    starts = range(0, payload.size, PART_SIZE)
    sizes = [min(PART_SIZE, payload.size - start) for start in starts]
    sent = [size if number in kept.parts else 0 for number, size in enumerate(sizes)]

    def part(number: int) -> BinaryIO:
        def report(position: int) -> None:
            sent[number] = position
            if on_progress is not None:
                on_progress(sum(sent), payload.size)

        return payload.part(starts[number], sizes[number], report)

    yield Work(partial(save_state, state, kept))
    missing = [number for number in range(len(sizes)) if number not in kept.parts]
    for batch in (missing[i : i + _AT_ONCE] for i in range(0, len(missing), _AT_ONCE)):
        plans = [_send_part(kept.upload_id, part(number), settings) for number in batch]
        results: list[Any] = yield Together(plans)
        arrived = {n: r["id"] for n, r in zip(batch, results, strict=True) if isinstance(r, dict)}
        kept.parts.update(arrived)
        yield Work(partial(save_state, state, kept))
        for result in results:
            if isinstance(result, FineTuningError):
                raise result


class _JoinedFile(FileCreation):
    """The creation of a file by joining the parts of an upload."""

    def __init__(self, payload: Payload, kept: UploadState, settings: Settings) -> None:
        super().__init__(payload, str(kept.file["purpose"]), settings)
        self._kept = kept
        # An earlier call may have created the file.
        self.began = kept.began

    def request(self) -> Request:
        """Return the request that joins the parts, in order."""
        parts = self._kept.parts
        part_ids = [parts[number] for number in sorted(parts)]
        md5 = str(self._kept.file["md5"])
        return _complete_request(self._kept.upload_id, part_ids, md5, self.settings)

    def read(self, response: Response) -> OpenAIFile:
        """Read the file from the upload that is complete."""
        done = self.read_as(Upload, response, self._kept.upload_id)
        if not isinstance(done.file, OpenAIFile):
            raise self.invalid(response, "the upload is complete, but the body has no file")
        return self.require_ours(done.file, response)


def _complete_request(
    upload_id: str, part_ids: Sequence[str], md5: str | None, settings: Settings
) -> Request:
    # A string is a sequence too, of its letters.
    is_list = isinstance(part_ids, Sequence) and not isinstance(part_ids, str | bytes)
    body: dict[str, Any] = {"part_ids": list(part_ids) if is_list else part_ids}
    if md5 is not None:
        body["md5"] = md5
    require("CompleteUploadRequest", body, limits=settings.limits)
    return Request.of(complete_upload.build_request, upload_id, body=CompleteUploadRequest.from_dict(body))
