"""`client.uploads`: sending a file in parts by hand, blocking and awaited.

`client.files.upload` does all of this by itself for files too large for one request.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from finetuning_api.models.upload import Upload
from finetuning_api.models.upload_part import UploadPart

from .drivers import AsyncDriver, Driver
from .handles import Context
from .plans import uploads as plans
from .plans.effects import Plan
from .policies import Conduct
from .sources import Source, opened

__all__ = ["AsyncUploads", "Uploads"]


class Uploads:
    """Files on their way in parts."""

    def __init__(self, context: Context[Driver]) -> None:
        self._context = context

    def create(
        self,
        *,
        filename: str,
        bytes: int,
        purpose: str = "fine-tune",
        mime_type: str = "text/jsonl",
        expires_after: int | None = None,
    ) -> Upload:
        """Open an upload (`createUpload` in the contract); it expires after an hour.

        Args:
            filename: the name of the file to be.
            bytes: its size, at most 8 GB; the parts must add up to it.
            purpose: what it is for; one of the contract's `UploadPurpose`.
            mime_type: what it is.
            expires_after: seconds after its creation at which the file is deleted, 3600 to 2592000.
        """
        body = _body(filename, bytes, purpose, mime_type, expires_after)
        return self._context.driver.run(plans.create(body, self._context.conduct))

    def add_part(self, upload_id: str, data: Source) -> UploadPart:
        """Send a part of at most 64 MB (`addUploadPart`), in any order: a path, bytes, or an open file."""
        return self._context.driver.run(_part(upload_id, data, self._context.conduct))

    def complete(self, upload_id: str, part_ids: Sequence[str], *, md5: str | None = None) -> Upload:
        """Join the parts into a file (`completeUpload`), in the order given; `file` of the answer is it.

        With `md5`, of the whole content in hexadecimal, the service refuses anything else.
        """
        plan = plans.complete(upload_id, part_ids, md5, self._context.conduct)
        return self._context.driver.run(plan)

    def cancel(self, upload_id: str) -> Upload:
        """Give an upload up (`cancelUpload`)."""
        return self._context.driver.run(plans.cancel(upload_id, self._context.conduct))


class AsyncUploads:
    """Files on their way in parts. `Uploads` has the details."""

    def __init__(self, context: Context[AsyncDriver]) -> None:
        self._context = context

    async def create(
        self,
        *,
        filename: str,
        bytes: int,
        purpose: str = "fine-tune",
        mime_type: str = "text/jsonl",
        expires_after: int | None = None,
    ) -> Upload:
        """Open an upload; see `Uploads.create`."""
        body = _body(filename, bytes, purpose, mime_type, expires_after)
        return await self._context.driver.run(plans.create(body, self._context.conduct))

    async def add_part(self, upload_id: str, data: Source) -> UploadPart:
        """Send a part of at most 64 MB; see `Uploads.add_part`."""
        return await self._context.driver.run(_part(upload_id, data, self._context.conduct))

    async def complete(self, upload_id: str, part_ids: Sequence[str], *, md5: str | None = None) -> Upload:
        """Join the parts into a file; see `Uploads.complete`."""
        plan = plans.complete(upload_id, part_ids, md5, self._context.conduct)
        return await self._context.driver.run(plan)

    async def cancel(self, upload_id: str) -> Upload:
        """Give an upload up (`cancelUpload`)."""
        return await self._context.driver.run(plans.cancel(upload_id, self._context.conduct))


def _body(
    filename: str, size: int, purpose: str, mime_type: str, expires_after: int | None
) -> dict[str, Any]:
    body: dict[str, Any] = {
        "filename": filename,
        "bytes": size,
        "purpose": purpose,
        "mime_type": mime_type,
    }
    if expires_after is not None:
        body["expires_after"] = {"anchor": "created_at", "seconds": expires_after}
    return body


def _part(upload_id: str, data: Source, conduct: Conduct) -> Plan[UploadPart]:
    with opened(data, "part") as payload:
        if payload.size > plans.PART_SIZE:
            raise plans.too_large(payload.size)
        part = yield from plans.add_part(upload_id, payload.part(), conduct)
    return part
