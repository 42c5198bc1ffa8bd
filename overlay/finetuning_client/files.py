"""`client.files`: sending, finding, fetching and deleting files, blocking and awaited."""

from __future__ import annotations

import os
from pathlib import Path

from finetuning_api.models.delete_file_response import DeleteFileResponse
from finetuning_api.models.open_ai_file import OpenAIFile

from .drivers import AsyncDriver, Driver
from .handles import Context
from .pager import AsyncPager, Pager
from .plans import download as downloads
from .plans import files as plans
from .plans import listings
from .plans.submission import upload
from .plans.uploads import Progress
from .policies import PollPolicy, allowed_time
from .sources import Source

__all__ = ["AsyncFiles", "Files"]


class Files:
    """The files of the organisation or project."""

    def __init__(self, context: Context[Driver]) -> None:
        self._context = context

    def upload(
        self,
        file: Source,
        *,
        purpose: str = "fine-tune",
        filename: str | None = None,
        expires_after: int | None = None,
        on_progress: Progress | None = None,
        state: str | os.PathLike[str] | None = None,
    ) -> OpenAIFile:
        """Upload a file, at most once (`createFile` in the contract); over 512 MB in parts (`createUpload`).

        Args:
            file: a path, the content as bytes, or a file open in binary mode.
            purpose: what it is for; one of the contract's `FilePurpose`.
            filename: its name at the service; `None` takes the path's.
            expires_after: seconds after its creation at which it is deleted, 3600 to 2592000.
            on_progress: called with the bytes sent so far and in all; for parts perhaps from several threads.
            state: a small file in which an upload in parts keeps where it is, so that another call, in
                another process too, goes on with it after a crash or a broken connection.

        Raises `DatasetError` for a file that is missing, unreadable or empty, `InvalidRequestError`,
        `ApiError`, `ConnectionFailed`.
        """
        plan = upload(
            file,
            purpose,
            expires_after,
            filename,
            self._context.conduct,
            on_progress=on_progress,
            state=state,
        )
        return self._context.driver.run(plan)

    def retrieve(self, file_id: str) -> OpenAIFile:
        """Read what the service says of a file (`retrieveFile`). Raises `NotFound`."""
        return self._context.driver.run(plans.retrieve(file_id, self._context.conduct))

    def list(
        self,
        *,
        limit: int | None = None,
        page_size: int | None = None,
        after: str | None = None,
        purpose: str | None = None,
        order: str | None = None,
    ) -> Pager[OpenAIFile]:
        """The files, newest first, over all pages (`listFiles`); requested as needed.

        Args:
            limit: how many in all; `None` means every one.
            page_size: how many a request asks for, at most 10000.
            after: the id of the file to begin after.
            purpose: only files of this purpose.
            order: `asc` for oldest first, `desc` for newest first.
        """
        listing = listings.files(limit=limit, page_size=page_size, after=after, purpose=purpose, order=order)
        return Pager(self._context.driver, listing, self._context.conduct)

    def delete(self, file_id: str) -> DeleteFileResponse:
        """Delete a file (`deleteFile`). Raises `NotFound`."""
        return self._context.driver.run(plans.delete(file_id, self._context.conduct))

    def content(self, file_id: str) -> bytes:
        """A file's content, in memory, as the service serves it (`downloadFile`)."""
        return self._context.driver.run(downloads.content(file_id, self._context.conduct))

    def download(self, file_id: str, path: str | os.PathLike[str]) -> Path:
        """Fetch a file's content to `path`, replacing what is there; return the path.

        The file appears only when it is whole. Raises `InvalidRequestError` where it cannot be written.
        """
        return self._context.driver.run(downloads.download(file_id, path, self._context.conduct))

    def wait_processed(
        self, file_id: str, timeout: float | None = None, poll_interval: float | None = None
    ) -> OpenAIFile:
        """Wait until the service has processed a file, and return it.

        Raises `DatasetError` where the service refuses it, `WaitTimeout` after `timeout` seconds.
        """
        plan = plans.wait_processed(
            file_id,
            self._context.conduct,
            PollPolicy.every(poll_interval),
            timeout=allowed_time(timeout),
        )
        return self._context.driver.run(plan)


class AsyncFiles:
    """The files of the organisation or project. `Files` has the details."""

    def __init__(self, context: Context[AsyncDriver]) -> None:
        self._context = context

    async def upload(
        self,
        file: Source,
        *,
        purpose: str = "fine-tune",
        filename: str | None = None,
        expires_after: int | None = None,
        on_progress: Progress | None = None,
        state: str | os.PathLike[str] | None = None,
    ) -> OpenAIFile:
        """Upload a file, at most once; see `Files.upload`."""
        plan = upload(
            file,
            purpose,
            expires_after,
            filename,
            self._context.conduct,
            on_progress=on_progress,
            state=state,
        )
        return await self._context.driver.run(plan)

    async def retrieve(self, file_id: str) -> OpenAIFile:
        """Read what the service says of a file (`retrieveFile`). Raises `NotFound`."""
        return await self._context.driver.run(plans.retrieve(file_id, self._context.conduct))

    def list(
        self,
        *,
        limit: int | None = None,
        page_size: int | None = None,
        after: str | None = None,
        purpose: str | None = None,
        order: str | None = None,
    ) -> AsyncPager[OpenAIFile]:
        """The files, newest first, over all pages; see `Files.list`."""
        listing = listings.files(limit=limit, page_size=page_size, after=after, purpose=purpose, order=order)
        return AsyncPager(self._context.driver, listing, self._context.conduct)

    async def delete(self, file_id: str) -> DeleteFileResponse:
        """Delete a file (`deleteFile`). Raises `NotFound`."""
        return await self._context.driver.run(plans.delete(file_id, self._context.conduct))

    async def content(self, file_id: str) -> bytes:
        """A file's content, in memory, as the service serves it (`downloadFile`)."""
        return await self._context.driver.run(downloads.content(file_id, self._context.conduct))

    async def download(self, file_id: str, path: str | os.PathLike[str]) -> Path:
        """Fetch a file's content to `path`; see `Files.download`."""
        return await self._context.driver.run(downloads.download(file_id, path, self._context.conduct))

    async def wait_processed(
        self, file_id: str, timeout: float | None = None, poll_interval: float | None = None
    ) -> OpenAIFile:
        """Wait until the service has processed a file, and return it; see `Files.wait_processed`."""
        plan = plans.wait_processed(
            file_id,
            self._context.conduct,
            PollPolicy.every(poll_interval),
            timeout=allowed_time(timeout),
        )
        return await self._context.driver.run(plan)
