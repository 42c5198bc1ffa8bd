"""Operations on files (add, find, list, read, delete), and rules for names, purposes and lifetimes."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import msgspec

from finetuning_emulator.controls.clock import Clock, Milliseconds
from finetuning_emulator.errors import ApiError, StateDamaged, invalid_value, not_found
from finetuning_emulator.simulation.job import Job
from finetuning_emulator.simulation.result_file import result_content
from finetuning_emulator.state.files import FileRow
from finetuning_emulator.state.store import Store

__all__ = ["Files", "Lifetime", "check_lifetime", "check_name", "check_purpose", "new_file"]

_FAST_BYTES = 1024 * 1024
_BYTES_PER_MILLISECOND = 2_000
_MIN_LIFETIME = 3_600
_MAX_LIFETIME = 2_592_000


class Lifetime(msgspec.Struct, forbid_unknown_fields=True):
    """The `expires_after` of a request: a file is deleted `seconds` after `anchor`."""

    anchor: str
    seconds: int


class Files:
    """The files of an organization."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def receiving(self) -> AbstractContextManager[tuple[str, Path]]:
        """Yield the identifier of a new file, and the path for its bytes until `add`."""
        return self._store.content.receiving("file-")

    def add(
        self, identifier: str, *, filename: str, purpose: str, size: int, lifetime: Milliseconds | None
    ) -> FileRow:
        """Add a file whose bytes have been received."""
        row = new_file(
            self._clock, identifier, filename=filename, purpose=purpose, size=size, lifetime=lifetime
        )
        self._store.content.keep(identifier)
        self._store.files.add(row, self._clock.anchor())
        return row

    def get(self, identifier: str, *, param: str = "id") -> FileRow:
        """Return a file, or refuse the request with 404."""
        row = self._store.files.get(identifier, self._clock.now())
        if row is None:
            raise not_found(f"No such File object: {identifier}", param=param)
        return row

    def page(self, *, purpose: str | None, after: str | None, limit: int, newest: bool) -> list[FileRow]:
        """Return files after a cursor, newest or oldest first."""
        cursor = None if after is None else self.get(after, param="after")
        return self._store.files.page(
            self._clock.now(), purpose=purpose, after=cursor, limit=limit, newest=newest
        )

    def content(self, row: FileRow) -> bytes | Path:
        """Return the bytes of a result file, or the path of an uploaded file."""
        if row.job_id is None:
            path = self._store.content.path(row.id)
            if row.recorded is not None and not path.exists():
                raise not_found(f"The content of {row.id} is not in the archive", param="file_id")
            if not path.exists():
                raise StateDamaged(f"the bytes of {row.id} are missing: {path}")
            return path
        job = self._store.jobs.get(row.job_id)
        assert isinstance(job, Job), "a result file is stored together with its job"
        return result_content(job)

    def delete(self, identifier: str) -> None:
        """Delete a file, or refuse the request with 404."""
        row = self.get(identifier)
        self._store.files.delete(row.id)
        self._store.content.delete(row.id)


def new_file(
    clock: Clock, identifier: str, *, filename: str, purpose: str, size: int, lifetime: Milliseconds | None
) -> FileRow:
    """Return the row of a file whose last byte has just been received; large files take time to process."""
    now = clock.now()
    delay = 0 if size <= _FAST_BYTES else size // _BYTES_PER_MILLISECOND
    clock.skip_to(now + delay)
    return FileRow(
        seq=0,
        id=identifier,
        filename=filename,
        purpose=purpose,
        bytes=size,
        available_at=now,
        processed_at=now + delay,
        expires_at=None if lifetime is None else now + lifetime,
    )


def check_purpose(purpose: str, known: tuple[str, ...]) -> None:
    """Refuse a purpose that is not one of these."""
    if purpose not in known:
        names = ", ".join(f"'{name}'" for name in known)
        raise invalid_value("purpose", f"expected one of {names}")


def check_name(filename: str, purpose: str, *, param: str) -> None:
    """Refuse a file name that does not fit the purpose."""
    if purpose == "fine-tune" and not filename.lower().endswith(".jsonl"):
        raise ApiError(
            400,
            "Invalid file format for Fine-Tuning API. Must be .jsonl",
            param=param,
            code="invalid_file_format",
        )


def check_lifetime(requested: Lifetime) -> Milliseconds:
    """Return how long a file is kept, in milliseconds, or refuse the request."""
    if requested.anchor != "created_at":
        raise invalid_value("expires_after.anchor", "expected 'created_at'")
    if not _MIN_LIFETIME <= requested.seconds <= _MAX_LIFETIME:
        reason = f"expected an integer from {_MIN_LIFETIME} to {_MAX_LIFETIME}"
        raise invalid_value("expires_after.seconds", reason)
    return requested.seconds * 1000
