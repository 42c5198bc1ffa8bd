# Generated from _async/files.py by `make generate`; do not edit.
"""`client.files`: uploading, listing, downloading and deleting files."""

from __future__ import annotations

import os
from pathlib import Path

from ..plans import file_download
from ..plans.file_processing import wait_processed
from ..plans.file_upload import upload
from ..plans.upload_in_parts import Progress
from ..polling import PollPolicy, require_timeout
from ..upload_source import Source
from ..views import File
from .methods_of_files import FilesMethods


class Files(FilesMethods):
    """The files of the organization or project."""

    def upload(
        self,
        file: Source,
        *,
        purpose: str = "fine-tune",
        filename: str | None = None,
        expires_after: int | None = None,
        on_progress: Progress | None = None,
        state: str | os.PathLike[str] | None = None,
    ) -> File:
        """Upload a file, at most once (`createFile` in the contract); over 512 MB, in parts (`createUpload`).

        Args:
            file: a path, the content as bytes, or a file open in binary mode.
            purpose: what it is for; a value of `FilePurpose` in the contract.
            filename: its name on the service; `None` to use the name of the path.
            expires_after: seconds from its creation until it is deleted, 3600 to 2592000.
            on_progress: called with the bytes sent so far and the total, possibly from several threads.
            state: a small file that keeps the progress of an upload in parts, so that another call, even in
                another process, can resume it after a crash or a broken connection.

        Raises `DatasetError` for a file that is missing, unreadable or empty, `InvalidRequestError`,
        `ApiError`, `ConnectionFailed`.
        """
        plan = upload(
            file,
            purpose,
            expires_after,
            filename,
            self._settings,
            on_progress=on_progress,
            state=state,
        )
        return File(self._driver.run(plan), self._settings.statuses)

    def content(self, file_id: str, *, max_bytes: int = file_download.LARGEST_CONTENT) -> bytes:
        """Return a file's content, in memory, as the service serves it (`downloadFile` in the contract).

        Args:
            file_id: the id of the file, `file-…`.
            max_bytes: maximum size of the content, 256 MiB by default; `download` has no such limit.

        Raises `InvalidResponse` for a larger file.
        """
        return self._driver.run(file_download.content(file_id, self._settings, max_bytes=max_bytes))

    def download(self, file_id: str, path: str | os.PathLike[str]) -> Path:
        """Download a file's content to `path`, replacing any existing file; return the path (`downloadFile`).

        The file appears only when it is complete. A result file that is served base64-encoded is decoded.
        Raises `InvalidRequestError` if it cannot be written.
        """
        return self._driver.run(file_download.download(file_id, path, self._settings))

    def wait_processed(
        self, file_id: str, timeout: float | None = None, poll_interval: float | None = None
    ) -> File:
        """Wait until the service has processed a file, and return it.

        Args:
            file_id: the id of the file, `file-…`.
            timeout: maximum number of seconds to wait; `None` for no limit.
            poll_interval: seconds between reads; `None` to read often at first and less often later.

        Raises `DatasetError` if the service rejects it, `WaitTimeout` after `timeout` seconds.
        """
        poll = PollPolicy.every(poll_interval)
        plan = wait_processed(file_id, self._settings, poll, timeout=require_timeout(timeout))
        return File(self._driver.run(plan), self._settings.statuses)
