"""Sending a file in parts: several at once, each tried on its own, the whole checked by its MD5.

An upload that stopped half way, the process gone with it, goes on from a small state file. It holds the
upload's id, the ids of the parts that arrived, and what file they are of: no key and no content.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from finetuning_api.api.uploads import add_upload_part, cancel_upload, complete_upload, create_upload
from finetuning_api.models.add_upload_part_request import AddUploadPartRequest
from finetuning_api.models.complete_upload_request import CompleteUploadRequest
from finetuning_api.models.create_upload_request import CreateUploadRequest
from finetuning_api.models.open_ai_file import OpenAIFile
from finetuning_api.models.upload import Upload
from finetuning_api.models.upload_part import UploadPart
from finetuning_api.types import File

from ..contract import require
from ..errors import (
    ApiError,
    ConnectionFailed,
    FineTuningError,
    InvalidRequestError,
    InvalidResponse,
    RateLimited,
    ServerError,
)
from ..policies import Conduct, is_retried
from ..sources import Payload
from .effects import Answer, Now, Outcome, Plan, Request, Together, Work
from .exchange import Attempts, fetch, noted
from .files import find_sent

__all__ = ["PART_SIZE", "Progress", "add_part", "cancel", "complete", "create", "send_in_parts", "too_large"]

Progress = Callable[[int, int], object]
"""Called with how many bytes have been sent, and how many there are."""

PART_SIZE = 64 * 1024 * 1024
"""The largest part that the service takes, in bytes."""

_AT_ONCE = 4
# An upload that is about to expire is not worth going on with.
_TIME_LEFT = 60.0


def create(body: Mapping[str, Any], conduct: Conduct) -> Plan[Upload]:
    """Open an upload. One whose answer was lost costs nothing, and expires."""
    require("CreateUploadRequest", dict(body))
    request = Request.of(create_upload.build_request, body=CreateUploadRequest.from_dict(body))
    return fetch(request, conduct, Upload, "id")


def add_part(upload_id: str, data: BinaryIO, conduct: Conduct) -> Plan[UploadPart]:
    """Send a part. One whose answer was lost is sent again: only parts that are named count."""
    body = AddUploadPartRequest(data=File(data, "part", "application/octet-stream"))
    request = Request.of(add_upload_part.build_request, upload_id, body=body)
    return fetch(request, conduct, UploadPart, "id")


def too_large(size: int) -> InvalidRequestError:
    """The error for a part of more bytes than the service takes."""
    rule = f"at most {PART_SIZE:,} bytes"
    return InvalidRequestError(
        f"data: a part must be {rule}, and has {size:,}", field="data", limit=rule, value=size
    )


def complete(upload_id: str, part_ids: Sequence[str], md5: str | None, conduct: Conduct) -> Plan[Upload]:
    """Join the parts into a file."""
    return fetch(_complete_request(upload_id, part_ids, md5), conduct, Upload, "id")


def cancel(upload_id: str, conduct: Conduct) -> Plan[Upload]:
    """Give an upload up."""
    return fetch(Request.of(cancel_upload.build_request, upload_id), conduct, Upload, "id")


class _Kept(msgspec.Struct):
    """The state file's content, but for what file it is of."""

    upload_id: str
    began: float
    expires_at: float
    parts: dict[int, str]


@dataclass(slots=True)
class _State:
    """What is known of an upload on its way, kept in `path` where there is one."""

    path: Path | None
    identity: dict[str, Any]
    upload_id: str = ""
    began: float = 0.0
    expires_at: float = 0.0
    parts: dict[int, str] = field(default_factory=dict)

    def load(self, now: float) -> bool:
        """Take up what an earlier call left, if it is of the same file and not about to expire."""
        try:
            kept = msgspec.json.decode(self.path.read_bytes()) if self.path else None
            if not isinstance(kept, dict) or kept.get("file") != self.identity:
                return False
            left = msgspec.convert(kept, _Kept, str_keys=True)
        except (OSError, ValueError, msgspec.MsgspecError, RecursionError):
            return False
        if not left.upload_id or left.expires_at <= now + _TIME_LEFT:
            return False
        self.upload_id, self.began = left.upload_id, left.began
        self.expires_at, self.parts = left.expires_at, left.parts
        return True

    def save(self) -> None:
        """Write the state, whole or not at all."""
        if self.path is None:
            return
        kept = {
            "file": self.identity,
            "upload_id": self.upload_id,
            "began": self.began,
            "expires_at": self.expires_at,
            "parts": {str(number): part for number, part in self.parts.items()},
        }
        fresh = self.path.with_name(f"{self.path.name}.new")
        try:
            fresh.write_bytes(msgspec.json.encode(kept))
            fresh.replace(self.path)
        except (OSError, ValueError) as error:
            with suppress(OSError, ValueError):
                fresh.unlink(missing_ok=True)
            reason = getattr(error, "strerror", None) or error
            raise InvalidRequestError(
                f"{self.path}: cannot be written: {reason}", field="state", value=self.path
            ) from error

    def forget(self) -> None:
        """Begin anew, and leave nothing behind."""
        self.upload_id, self.began, self.expires_at, self.parts = "", 0.0, 0.0, {}
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)


def send_in_parts(
    payload: Payload,
    fields: Mapping[str, Any],
    conduct: Conduct,
    *,
    state: Path | None = None,
    on_progress: Progress | None = None,
) -> Plan[OpenAIFile]:
    """Send a file of any size, and return it.

    With a `state` file, an upload that failed in a way that may pass is kept, and the next call goes on with
    it; any other failure cancels it.
    """
    body = {**fields, "filename": payload.name, "bytes": payload.size, "mime_type": "text/jsonl"}
    require("CreateUploadRequest", body)
    md5: str = yield Work(payload.md5)
    kept = _State(state, {**body, "md5": md5, "part_size": PART_SIZE})
    now: float = yield Now()
    if kept.load(now):
        try:
            sent = yield from _sent(payload, kept, on_progress, conduct, resumed=True)
        except ApiError as error:
            if _may_pass(error):
                raise
            # The service no longer knows it, or will not have it: it is begun again.
        else:
            return sent
    kept.save()
    opened = yield from create(body, conduct)
    kept.upload_id, kept.began = opened.id, now
    kept.expires_at = float(opened.expires_at) if isinstance(opened.expires_at, int) else now + 3600.0
    sent = yield from _sent(payload, kept, on_progress, conduct)
    return sent


def _sent(
    payload: Payload,
    kept: _State,
    on_progress: Progress | None,
    conduct: Conduct,
    *,
    resumed: bool = False,
) -> Plan[OpenAIFile]:
    """Send what has not arrived, join the parts, and return the file."""
    try:
        yield from _send_parts(payload, kept, on_progress, conduct)
        payload.require_unchanged()
        file = yield from _completed(kept, payload, conduct, resumed=resumed)
    except FineTuningError as error:
        if kept.path is None or not _may_pass(error):
            with suppress(FineTuningError):
                yield from cancel(kept.upload_id, conduct)
            kept.forget()
        raise
    kept.forget()
    return file


def _may_pass(error: FineTuningError) -> bool:
    """Whether another call may get further with the same upload."""
    if isinstance(error, ServerError | RateLimited):
        return True
    return not isinstance(error, ApiError | InvalidRequestError)


def _send_parts(
    payload: Payload,
    kept: _State,
    on_progress: Progress | None,
    conduct: Conduct,
) -> Plan[None]:
    """Send the parts that have not arrived, a few at a time, and note each."""
    starts = range(0, payload.size, PART_SIZE)
    sizes = [min(PART_SIZE, payload.size - start) for start in starts]
    sent = [size if number in kept.parts else 0 for number, size in enumerate(sizes)]

    def part(number: int) -> BinaryIO:
        def tell(position: int) -> None:
            sent[number] = position
            if on_progress is not None:
                on_progress(sum(sent), payload.size)

        return payload.part(starts[number], sizes[number], tell)

    kept.save()
    missing = [number for number in range(len(sizes)) if number not in kept.parts]
    for batch in (missing[i : i + _AT_ONCE] for i in range(0, len(missing), _AT_ONCE)):
        results: list[Any] = yield Together([add_part(kept.upload_id, part(n), conduct) for n in batch])
        arrived = {n: r.id for n, r in zip(batch, results, strict=True) if isinstance(r, UploadPart)}
        kept.parts.update(arrived)
        kept.save()
        for result in results:
            if isinstance(result, FineTuningError):
                raise result


def _completed(kept: _State, payload: Payload, conduct: Conduct, *, resumed: bool) -> Plan[OpenAIFile]:
    """Join the parts, at most once.

    When an answer is lost the file is looked for, and again when the service refuses: perhaps because the
    lost attempt, or the earlier call that this one resumes, was carried out after all.
    """
    part_ids = [kept.parts[number] for number in sorted(kept.parts)]
    request = _complete_request(kept.upload_id, part_ids, str(kept.identity["md5"]))
    attempts = Attempts(request, conduct)
    lost: FineTuningError | None = None
    if resumed:
        lost = ConnectionFailed(f"{request}: what became of the earlier call is not known")
    while True:
        sent: float = yield Now()
        outcome = yield from attempts.send()
        result = yield from attempts.judge(outcome, Upload, "id")
        if isinstance(result, Upload):
            if isinstance(result.file, OpenAIFile):
                return result.file
            result = InvalidResponse(f"{request}: the upload is complete, but the answer names no file")
        if result is not None and not conduct.exactly_once:
            raise noted(result, "Whether the file was made is not known: look at the list of files first.")
        lost = result or lost
        if lost is not None and (result is not None or _is_refusal(outcome)):
            purpose = str(kept.identity["purpose"])
            found = yield from find_sent(payload.name, payload.size, purpose, kept.began, sent, conduct, lost)
            if found is not None:
                return found
            if isinstance(result, InvalidResponse):
                raise result
        yield from attempts.pause_or_raise(outcome)


def _is_refusal(outcome: Outcome) -> bool:
    return isinstance(outcome, Answer) and not is_retried(outcome.status, outcome.headers, None)


def _complete_request(upload_id: str, part_ids: Sequence[str], md5: str | None) -> Request:
    # A string is a sequence too, of its letters.
    is_list = isinstance(part_ids, Sequence) and not isinstance(part_ids, str | bytes)
    body: dict[str, Any] = {"part_ids": list(part_ids) if is_list else part_ids}
    if md5 is not None:
        body["md5"] = md5
    require("CompleteUploadRequest", body)
    return Request.of(complete_upload.build_request, upload_id, body=CompleteUploadRequest.from_dict(body))
