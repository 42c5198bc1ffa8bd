"""`Archive`: the jobs that `client.archive` has saved in a directory, read without a key or a network."""

from __future__ import annotations

import os
from collections.abc import Awaitable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from ..errors import InvalidRequestError
from ..plans import file_download as downloads
from ..plans import operations
from ..views import File, Permission
from .files import Files
from .handles import ArchivedJob, ArchivedJobs
from .offline import OfflineDriver
from .verification import ArchiveReport, require_verified, verify

if TYPE_CHECKING:
    from .. import AsyncFineTuning, AsyncJob, FineTuning, Job


class Archive:
    """An archive of jobs.

    Args:
        directory: where `client.archive` saved it.

    Raises `ArchiveError` for a directory that is not an archive, whose first run has not finished, or that
    has a newer format than this release can read.
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        if not isinstance(directory, str | os.PathLike):
            raise InvalidRequestError.of("directory", "a path", directory)
        self._files = Files(Path(directory))
        self._driver = OfflineDriver(self._files)

    @property
    def directory(self) -> Path:
        """Directory of the archive."""
        return self._files.root

    @property
    def archived_at(self) -> datetime:
        """When the last run began, in UTC."""
        return datetime.fromtimestamp(self._files.manifest.archived_at, UTC)

    @property
    def source(self) -> str:
        """Base URL of the server that the jobs come from."""
        return self._files.manifest.source

    @property
    def notes(self) -> list[str]:
        """Notes, as full sentences, about what could not be saved."""
        return list(self._files.manifest.notes)

    @cached_property
    def jobs(self) -> ArchivedJobs:
        """The jobs, newest first: iterate them, take slices, or look one up by its id."""
        return ArchivedJobs(self._files, self._driver)

    @property
    def files(self) -> list[File]:
        """The files of the jobs, as the server described them, those of the oldest job first."""
        found = (value.get("file") for value in self._files.files.values())
        return [File(file) for file in found if isinstance(file, dict)]

    def content(self, file_id: str) -> bytes:
        """Return the content of a file, as the server sent it. Raises `NotFound` if it was not saved."""
        return self._driver.run(downloads.content(file_id, self._files.settings))

    def download(self, file_id: str, path: str | os.PathLike[str]) -> Path:
        """Write the content of a file to `path`, and return the path; a result file is decoded.

        Raises `NotFound` if the file was not saved.
        """
        return self._driver.run(downloads.download(file_id, path, self._files.settings))

    def permissions(self, checkpoint: str) -> list[Permission]:
        """Return the permissions of a checkpoint, by the name of its model.

        Raises `NotFound` if they were not saved; `notes` may say why.
        """
        from ..plans.list_pages import every_item

        listing = operations.list_fine_tuning_checkpoint_permissions(Permission, checkpoint)
        return self._driver.run(every_item(listing, self._files.settings))

    def verify(self, *, check: bool = True) -> ArchiveReport:
        """Compare every file with its checksum, and return a report.

        A damaged archive raises `ArchiveError`, whose `problems` name each file and line that is changed,
        missing or extra. With `check=False` they are returned in the report instead.
        """
        report = verify(self.directory)
        return require_verified(self.directory, report) if check else report

    @overload
    def replay(self, job: ArchivedJob | str, client: FineTuning, **changes: Any) -> Job: ...
    @overload
    def replay(
        self, job: ArchivedJob | str, client: AsyncFineTuning, **changes: Any
    ) -> Awaitable[AsyncJob]: ...
    def replay(self, job: Any, client: Any, **changes: Any) -> Any:
        """Run a job again, on the same files and with the same settings, on the server of `client`.

        The files are uploaded, and the job is created exactly once, as `client.jobs.create` does.

        Args:
            job: an archived job, or its id.
            client: a client of the other server; with an `AsyncFineTuning`, await the result.
            changes: arguments of `client.jobs.create` that differ, such as `model=`; `None` leaves one out.

        Returns the handle of the new job. Raises `InvalidRequestError` if a file is not in the archive or the
        server lacks the model. If the server refuses the job, raises the server's error, with a note
        about what the server lacks, and deletes the uploaded files.
        """
        from .replaying import replay

        if not hasattr(client, "_created"):
            raise InvalidRequestError.of("client", "a FineTuning or AsyncFineTuning", client)
        found = job if isinstance(job, ArchivedJob) else self.jobs.retrieve(job)
        return client._created(replay(self._files, found, client._settings, changes))  # noqa: SLF001  a plan of clients

    def __len__(self) -> int:
        return len(self.jobs)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<Archive {self.directory}: {len(self.jobs)} job{'s' * (len(self.jobs) != 1)}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Archive, (str(self.directory.absolute()),)
