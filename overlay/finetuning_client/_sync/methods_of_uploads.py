# Generated from _async/methods_of_uploads.py by `make generate`; do not edit.
"""Plain methods of `client.uploads`, generated from openapi.yaml by `make generate`; do not edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..plans import operations
from .resource_base import Resource

if TYPE_CHECKING:
    from ..views import Upload

__all__ = ["UploadsMethods"]


class UploadsMethods(Resource):
    """Large files sent in parts.

    Methods of `Uploads` that are generated from the contract.
    """

    def cancel(self, upload_id: str) -> Upload:
        """Cancel an upload.

        Cancels a pending upload. Nothing can be added afterwards.

        Args:
            upload_id: Id of the upload to cancel, `upload_…`.

        Returns `Upload`. Source: `cancelUpload` in the contract. Raises `InvalidRequestError` before anything
        is sent, `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        from ..views import Upload

        plan = operations.cancel_upload(upload_id, self._settings)
        return Upload(self._driver.run(plan), self._settings.statuses)
