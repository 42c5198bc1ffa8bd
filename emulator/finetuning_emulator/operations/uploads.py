"""Operations on uploads: create, add parts, complete, cancel.

Parts wait on disk, and are joined when the upload is completed. The parts of uploads that can no longer be
completed are deleted by the next start at the latest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import anyio.to_thread
import msgspec

from finetuning_emulator.controls.clock import Clock, Milliseconds
from finetuning_emulator.errors import ApiError, invalid_value, not_found
from finetuning_emulator.identifiers import new_id
from finetuning_emulator.operations.files import new_file
from finetuning_emulator.state.files import FileRow
from finetuning_emulator.state.store import Store
from finetuning_emulator.state.uploads import PartRow, UploadRow

__all__ = ["MAX_PART_BYTES", "Uploads"]

MAX_PART_BYTES = 64 * 1024**2
_LIFETIME: Milliseconds = 3_600_000
_CHUNK = 1024 * 1024


class Uploads:
    """The uploads of an organization."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._joining: set[str] = set()
        for upload_id in store.uploads.abandoned(clock.now()):
            self._delete_parts(upload_id)

    def create(self, *, filename: str, purpose: str, size: int, lifetime: Milliseconds | None) -> UploadRow:
        """Create an upload."""
        now = self._clock.now()
        upload = UploadRow(
            new_id("upload_"), filename, purpose, size, now, now + _LIFETIME, lifetime, "pending"
        )
        self._store.uploads.add(upload, self._clock.anchor())
        return upload

    def pending(self, identifier: str) -> UploadRow:
        """Return an upload that waits for parts, or refuse the request."""
        upload = self._store.uploads.get(identifier)
        if upload is None:
            raise not_found(f"No such Upload object: {identifier}", param="upload_id")
        status: str = upload.status
        if status == "pending" and upload.expires_at <= self._clock.now():
            status = "expired"
            self._delete_parts(upload.id)
        if upload.id in self._joining:
            status = "being completed"
        if status != "pending":
            raise ApiError(
                400, f"Upload {identifier} is {status}: only a pending upload can change.", param="upload_id"
            )
        return upload

    def receiving_part(self) -> AbstractContextManager[tuple[str, Path]]:
        """Yield the identifier of a new part, and the path for its bytes until `add_part`."""
        return self._store.content.receiving("part_")

    def add_part(self, upload: UploadRow, part_id: str, size: int) -> PartRow:
        """Add a part whose bytes have been received."""
        self.pending(upload.id)
        if size == 0:
            raise ApiError(400, "The part is empty.", param="data", code="empty_file")
        # A part is sent again after a lost response, so there may be more bytes than announced.
        most = 2 * upload.bytes + MAX_PART_BYTES
        if sum(part.bytes for part in self._store.uploads.parts(upload.id)) + size > most:
            raise ApiError(
                400,
                f"The parts of this upload are much larger than its {upload.bytes} bytes.",
                param="data",
                code="upload_too_large",
            )
        part = PartRow(part_id, upload.id, size, self._clock.now())
        self._store.content.keep(part_id)
        self._store.uploads.add_part(part, self._clock.anchor())
        return part

    async def complete(
        self, identifier: str, part_ids: Sequence[str], md5: str | None
    ) -> tuple[UploadRow, FileRow]:
        """Join the parts, in this order, into a file."""
        upload = self.pending(identifier)
        self._check_parts(upload, part_ids)
        sources = [self._store.content.path(part_id) for part_id in part_ids]
        self._joining.add(upload.id)
        try:
            with self._store.content.receiving("file-") as (file_id, incoming):
                digest = await anyio.to_thread.run_sync(_join, sources, incoming)
                if md5 is not None and md5.lower() != digest:
                    raise ApiError(
                        400,
                        f"The MD5 of the joined parts is {digest}, which is not the 'md5' in the request.",
                        param="md5",
                        code="checksum_mismatch",
                    )
                done = self._add_file(upload, file_id)
        finally:
            self._joining.discard(upload.id)
        self._delete_parts(upload.id)
        return done

    def cancel(self, identifier: str) -> UploadRow:
        """Cancel an upload."""
        upload = msgspec.structs.replace(self.pending(identifier), status="cancelled")
        self._store.uploads.cancel(identifier, self._clock.anchor())
        self._delete_parts(identifier)
        return upload

    def _check_parts(self, upload: UploadRow, part_ids: Sequence[str]) -> None:
        known = {part.id: part.bytes for part in self._store.uploads.parts(upload.id)}
        for number, part_id in enumerate(part_ids):
            if part_id not in known:
                reason = f"'{part_id[:64]}' is not a part of this upload"
                raise invalid_value("part_ids", reason, place=f"part_ids[{number}]")
        if len(set(part_ids)) < len(part_ids):
            raise invalid_value("part_ids", "the same part is listed twice")
        total = sum(known[part_id] for part_id in part_ids)
        if total != upload.bytes:
            raise invalid_value(
                "part_ids", f"the parts have {total} bytes in all, but {upload.bytes} were announced"
            )

    def _add_file(self, upload: UploadRow, file_id: str) -> tuple[UploadRow, FileRow]:
        file = new_file(
            self._clock,
            file_id,
            filename=upload.filename,
            purpose=upload.purpose,
            size=upload.bytes,
            lifetime=upload.lifetime,
        )
        self._store.content.keep(file_id)
        self._store.uploads.complete(upload.id, file, self._clock.anchor())
        return msgspec.structs.replace(upload, status="completed"), file

    def _delete_parts(self, upload_id: str) -> None:
        for part in self._store.uploads.parts(upload_id):
            self._store.content.delete(part.id)
        self._store.uploads.delete_parts(upload_id)


def _join(sources: Sequence[Path], destination: Path) -> str:
    """Write the sources one after the other; return the MD5 of all bytes."""
    hasher = hashlib.md5(usedforsecurity=False)
    with destination.open("wb") as joined:
        for source in sources:
            with source.open("rb") as part:
                while chunk := part.read(_CHUNK):
                    hasher.update(chunk)
                    joined.write(chunk)
    return hasher.hexdigest()
