# Generated from _async/uploads.py by `make generate`; do not edit.
"""`client.uploads`: sending a file in parts, step by step.

`client.files.upload` does all of this for files too large for one request.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..plans import upload_in_parts as plans
from ..upload_source import Source
from ..views import Upload, UploadPart
from .methods_of_uploads import UploadsMethods


class Uploads(UploadsMethods):
    """Files that are uploaded in parts."""

    def create(
        self,
        *,
        filename: str,
        bytes: int,
        purpose: str = "fine-tune",
        mime_type: str = "text/jsonl",
        expires_after: int | None = None,
    ) -> Upload:
        """Create an upload (`createUpload` in the contract); it expires after an hour.

        Args:
            filename: the name of the file.
            bytes: its size, at most 8 GB; the parts must add up to it.
            purpose: what it is for; a value of `UploadPurpose` in the contract.
            mime_type: its media type.
            expires_after: seconds from the file's creation until it is deleted, 3600 to 2592000.
        """
        body: dict[str, Any] = {
            "filename": filename,
            "bytes": bytes,
            "purpose": purpose,
            "mime_type": mime_type,
        }
        if expires_after is not None:
            body["expires_after"] = {"anchor": "created_at", "seconds": expires_after}
        plan = plans.create(body, self._settings)
        return Upload(self._driver.run(plan), self._settings.statuses)

    def add_part(self, upload_id: str, data: Source) -> UploadPart:
        """Send a part of up to 64 MB (`addUploadPart`): a path, bytes or an open file. Any order will do."""
        return UploadPart(self._driver.run(plans.add_part(upload_id, data, self._settings)))

    def complete(self, upload_id: str, part_ids: Sequence[str], *, md5: str | None = None) -> Upload:
        """Join the parts into a file (`completeUpload`), in the given order; it is the result's `file`.

        If `md5` is given (of the whole content, in hexadecimal), the service refuses any other content.
        """
        plan = plans.complete(upload_id, part_ids, md5, self._settings)
        return Upload(self._driver.run(plan), self._settings.statuses)
