# Generated from _async/methods_of_files.py by `make generate`; do not edit.
"""Plain methods of `client.files`, generated from openapi.yaml by `make generate`; do not edit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..plans import operations
from .pager import Pager
from .resource_base import Resource

if TYPE_CHECKING:
    from ..views import Deleted, File

__all__ = ["FilesMethods"]


class FilesMethods(Resource):
    """Files that jobs train on, and the result files that jobs produce.

    Methods of `Files` that are generated from the contract.
    """

    def list(
        self,
        *,
        limit: int | None = None,
        page_size: int | None = None,
        after: str | None = None,
        purpose: str | None = None,
        order: str | None = None,
    ) -> Pager[File]:
        """List files.

        The project's files, a page at a time.

        Args:
            limit: maximum number of items; `None` for all.
            page_size: items per request, at most 10000; `None` for the default of the server.
            after: id of the item to start after.
            purpose: Only files of this purpose, for instance `fine-tune` or `fine-tune-results`.
            order: Order of the files by `created_at`. The server uses `desc` by default. One of `asc`,
                `desc`.

        Returns `Pager[File]`: the items of all pages, each page requested when it is needed. Source:
        `listFiles` in the contract. Raises `InvalidRequestError` before anything is sent, `ApiError`,
        `ConnectionFailed` or `InvalidResponse`.
        """
        from ..views import File

        listing = operations.list_files(
            partial(File, statuses=self._settings.statuses),
            limit=limit,
            page_size=page_size,
            after=after,
            purpose=purpose,
            order=order,
            limits=self._settings.limits,
        )
        return Pager(self._driver, listing, self._settings)

    def retrieve(self, file_id: str) -> File:
        """Retrieve information about a file.

        Name, size, purpose and state of a file; its bytes are at `/content`.

        Args:
            file_id: Id of the file, `file-…`.

        Returns `File`. Source: `retrieveFile` in the contract. Raises `InvalidRequestError` before anything
        is sent, `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        from ..views import File

        plan = operations.retrieve_file(file_id, self._settings)
        return File(self._driver.run(plan), self._settings.statuses)

    def delete(self, file_id: str) -> Deleted:
        """Delete a file.

        Permanently deletes a file, including from every vector store that holds it.

        Args:
            file_id: Id of the file to delete, `file-…`.

        Returns `Deleted`. Source: `deleteFile` in the contract. Raises `InvalidRequestError` before anything
        is sent, `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        from ..views import Deleted

        plan = operations.delete_file(file_id, self._settings)
        return Deleted(self._driver.run(plan), self._settings.statuses)
