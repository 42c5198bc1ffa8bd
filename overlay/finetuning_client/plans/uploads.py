"""Sending a file in parts: several at once, each tried on its own, the whole checked by its MD5.

An upload that stopped half way, the process gone with it, goes on from a small state file. It holds the
upload's id, the ids of the parts that arrived, and what file they are of: no key and no content.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, cast

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
from ..errors import ApiError, FineTuningError, InvalidRequestError, InvalidResponse
from ..policies import Conduct
from ..sources import Counted, Payload, Slice
from .effects import Answer, Now, Plan, Request, Together, Work
from .exchange import Attempts, fetch, may_have_acted, read_object
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


def complete(upload_id: str, part_ids: list[str], md5: str | None, conduct: Conduct) -> Plan[Upload]:
    """Join the parts into a file."""
    return fetch(_complete_request(upload_id, part_ids, md5), conduct, Upload, "id")


def cancel(upload_id: str, conduct: Conduct) -> Plan[Upload]:
    """Give an upload up."""
    return fetch(Request.of(cancel_upload.build_request, upload_id), conduct, Upload, "id")


class _Kept(msgspec.Struct):
    """The state file's content, but for what file it is of."""

    upload_id: str
    expires_at: float
    parts: dict[int, str]


@dataclass(slots=True)
class _State:
    """What is known of an upload on its way, kept in `path` where there is one."""

    path: Path | None
    identity: dict[str, Any]
    upload_id: str = ""
    expires_at: float = 0.0
    parts: dict[int, str] = field(default_factory=dict)

    def load(self, now: float) -> None:
        """Take up what an earlier process left, if it is of the same file and not about to expire."""
        try:
            kept = msgspec.json.decode(self.path.read_bytes()) if self.path else None
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return
        if not isinstance(kept, dict) or kept.get("file") != self.identity:
            return
        try:
            left = msgspec.convert(kept, _Kept)
        except msgspec.ValidationError:
            return
        if left.expires_at > now + _TIME_LEFT:
            self.upload_id, self.expires_at, self.parts = left.upload_id, left.expires_at, left.parts

    def save(self) -> None:
        """Write the state, whole or not at all."""
        if self.path is None:
            return
        kept = {
            "file": self.identity,
            "upload_id": self.upload_id,
            "expires_at": self.expires_at,
            "parts": {str(number): part for number, part in self.parts.items()},
        }
        fresh = self.path.with_name(f"{self.path.name}.new")
        try:
            fresh.write_bytes(msgspec.json.encode(kept))
            fresh.replace(self.path)
        except OSError as error:
            raise InvalidRequestError(
                f"{self.path}: cannot be written: {error.strerror or error}", field="state", value=self.path
            ) from error

    def forget(self) -> None:
        """Begin anew, and leave nothing behind."""
        self.upload_id, self.expires_at, self.parts = "", 0.0, {}
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)


def send_in_parts(
    payload: Payload,
    fields: Mapping[str, Any],
    conduct: Conduct,
    *,
    part_size: int = PART_SIZE,
    at_once: int = _AT_ONCE,
    state: Path | None = None,
    on_progress: Progress | None = None,
) -> Plan[OpenAIFile]:
    """Send a file of any size, and return it.

    With a `state` file, an upload that failed for want of a connection is kept, and the next call goes on
    with it; any other failure cancels it.
    """
    md5 = yield Work(payload.md5)
    identity = {"name": payload.name, "size": payload.size, "md5": md5, "part_size": part_size}
    kept = _State(state, identity)
    now: float = yield Now()
    kept.load(now)
    if not kept.upload_id:
        opened = yield from create(
            {**fields, "filename": payload.name, "bytes": payload.size, "mime_type": "text/jsonl"}, conduct
        )
        kept.upload_id = opened.id
        kept.expires_at = float(opened.expires_at) if isinstance(opened.expires_at, int) else now + 3600.0
        kept.save()
    try:
        yield from _send_parts(payload, kept, part_size, at_once, on_progress, conduct)
        payload.require_unchanged()
        sent = yield from _completed(kept, payload, str(fields["purpose"]), now, conduct)
    except FineTuningError as error:
        final = isinstance(error, ApiError | InvalidRequestError | InvalidResponse)
        if final or kept.path is None:
            with suppress(FineTuningError):
                yield from cancel(kept.upload_id, conduct)
            kept.forget()
        raise
    kept.forget()
    return sent


def _send_parts(
    payload: Payload,
    kept: _State,
    part_size: int,
    at_once: int,
    on_progress: Progress | None,
    conduct: Conduct,
) -> Plan[None]:
    """Send the parts that have not arrived, a few at a time, and note each."""
    starts = range(0, payload.size, part_size)
    sizes = [min(part_size, payload.size - start) for start in starts]
    sent = [size if number in kept.parts else 0 for number, size in enumerate(sizes)]
    lock = Lock()

    def part(number: int) -> BinaryIO:
        piece = cast("BinaryIO", Slice(payload.file, lock, starts[number], sizes[number]))
        if on_progress is None:
            return piece
        report = on_progress

        def tell(position: int) -> None:
            sent[number] = position
            report(sum(sent), payload.size)

        return cast("BinaryIO", Counted(piece, tell))

    missing = [number for number in range(len(sizes)) if number not in kept.parts]
    for batch in (missing[i : i + at_once] for i in range(0, len(missing), at_once)):
        results: list[Any] = yield Together([add_part(kept.upload_id, part(n), conduct) for n in batch])
        arrived = {n: r.id for n, r in zip(batch, results, strict=True) if isinstance(r, UploadPart)}
        kept.parts.update(arrived)
        kept.save()
        for result in results:
            if isinstance(result, FineTuningError):
                raise result


def _completed(
    kept: _State, payload: Payload, purpose: str, began: float, conduct: Conduct
) -> Plan[OpenAIFile]:
    """Join the parts; after a lost answer a refusal may mean that it worked, so the file is looked for."""
    part_ids = [kept.parts[number] for number in sorted(kept.parts)]
    request = _complete_request(kept.upload_id, part_ids, str(kept.identity["md5"]))
    attempts = Attempts(request, conduct)
    lost: FineTuningError | None = None
    while True:
        outcome = yield from attempts.send()
        if isinstance(outcome, Answer) and outcome.ok:
            done = read_object(outcome, request, Upload, "id", strict=conduct.strict)
            if isinstance(done.file, OpenAIFile):
                return done.file
            lost = InvalidResponse(f"{request}: the upload is complete, but the answer names no file")
        if lost is not None and isinstance(outcome, Answer) and outcome.status < 500:
            found = yield from find_sent(payload.name, payload.size, purpose, began, conduct, lost)
            if found is not None:
                return found
            if outcome.ok:
                raise lost
        if may_have_acted(outcome):
            lost = lost or InvalidResponse(f"{request}: the answer was lost")
        yield from attempts.pause_or_raise(outcome)


def _complete_request(upload_id: str, part_ids: list[str], md5: str | None) -> Request:
    body: dict[str, Any] = {"part_ids": list(part_ids)}
    if md5 is not None:
        body["md5"] = md5
    require("CompleteUploadRequest", body)
    return Request.of(complete_upload.build_request, upload_id, body=CompleteUploadRequest.from_dict(body))
