"""Handles of archived jobs, and lists of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, overload

# Imported by its public name: an archived job is a job whose server is a directory.
from .. import Job
from ..arguments import require_whole
from ..errors import ArchiveError
from ..misspellings import near_name
from .files import Files
from .format import decoded
from .offline import OfflineDriver


class ArchivedJob(Job):
    """A job as it was when it was saved.

    It has the fields and methods of a live handle. Those that read return what the server would have
    returned then; those that change the job raise `ArchiveError`.
    """

    __slots__ = ("_files", "_line")

    def __init__(self, driver: OfflineDriver, line: bytes, files: Files) -> None:
        self._driver: Any = driver
        self._settings = files.settings
        self._statuses = files.settings.statuses
        self._cursor = None
        self._chosen = frozenset()
        self._line = line
        self._files = files

    def __getattr__(self, name: str) -> Any:
        # Decoded at first use: a list may have a hundred thousand jobs.
        if name != "_data":
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        self._data = decoded(self._line)["job"]
        return self._data

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (str(self._files.root.absolute()), self.id)

    def __copy__(self) -> ArchivedJob:
        return type(self)(self._driver, self._line, self._files)

    def __deepcopy__(self, memo: dict[int, Any]) -> ArchivedJob:
        return self.__copy__()


class ArchivedJobs(Sequence[ArchivedJob]):
    """The jobs of an archive, as the server listed them: newest first. A job is read when it is needed.

    `jobs[0]` and `jobs[:10]` are by position, `jobs["ftjob-…"]` is by id.
    """

    def __init__(self, files: Files, driver: OfflineDriver) -> None:
        self._files = files
        self._driver = driver

    def __len__(self) -> int:
        return len(self._files.jobs)

    def __iter__(self) -> Iterator[ArchivedJob]:
        return map(self._handle, self._files.jobs.lines())

    @overload
    def __getitem__(self, place: int | str) -> ArchivedJob: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[ArchivedJob]: ...
    def __getitem__(self, place: int | str | slice) -> ArchivedJob | Sequence[ArchivedJob]:
        if isinstance(place, str):
            return self.retrieve(place)
        numbers = range(len(self))[place]
        if isinstance(numbers, int):
            return self._handle(self._files.jobs.line(numbers))
        return [self._handle(self._files.jobs.line(number)) for number in numbers]

    def __contains__(self, job: object) -> bool:
        job_id = job if isinstance(job, str) else getattr(job, "id", None)
        return job_id in self._files.job_numbers

    def __repr__(self) -> str:
        return f"<{self._title()}>"

    def _repr_html_(self) -> str:
        from ..views.html_tables import items_html

        return items_html(self, self._title())

    def _title(self) -> str:
        return f"{len(self)} job{'s' * (len(self) != 1)} of the archive {self._files.root}"

    def first(self) -> ArchivedJob | None:
        """Return the newest job; `None` if the archive has none."""
        return next(iter(self), None)

    def retrieve(self, job_id: str) -> ArchivedJob:
        """Return a job by its id. Raises `ArchiveError` if the archive does not have it."""
        number = self._files.job_numbers.get(job_id)
        if number is None:
            root = self._files.root
            text = f"{root}: the archive has no job {job_id!r:.80}{self._near(str(job_id))}"
            raise ArchiveError(text, path=str(root))
        return self._handle(self._files.jobs.line(number))

    def _near(self, wrong: str) -> str:
        # A single typo leaves the beginning or the end intact; comparing with all ids would take seconds.
        alike = [one for one in self._files.job_numbers if one[:12] == wrong[:12] or one[-6:] == wrong[-6:]]
        near = near_name(wrong, alike)
        return f": did you mean {near}?" if near else ""

    def list(
        self, *, limit: int | None = None, metadata: Mapping[str, str] | None = None
    ) -> Iterator[ArchivedJob]:
        """Yield the newest jobs: at most `limit`, and only those that have the pairs of `metadata`."""
        require_whole("limit", limit, at_least=0, or_none=True)
        wanted = (metadata or {}).items()
        found = (job for job in self if not wanted or wanted <= job.metadata.items())
        return islice(found, limit)

    def _handle(self, line: bytes) -> ArchivedJob:
        return ArchivedJob(self._driver, line, self._files)


def _reopened(directory: str, job_id: str) -> ArchivedJob:
    """Return the handle of a job that was pickled."""
    files = Files(Path(directory))
    return ArchivedJobs(files, OfflineDriver(files)).retrieve(job_id)
