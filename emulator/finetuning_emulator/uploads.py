"""Files that come in parts: the parts wait on disk, and are joined when the upload is completed.

Bytes that no pending upload needs any more are removed at the latest when the state is opened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import anyio.to_thread
import msgspec

from finetuning_emulator import files, ids
from finetuning_emulator.clock import Clock, Millis
from finetuning_emulator.errors import Refusal, not_found
from finetuning_emulator.store import FileRow, Store, insert_file, write_anchor

__all__ = ["LARGEST_PART", "PartRow", "UploadRow", "Uploads"]

LARGEST_PART = 64 * 1024**2
_LIFE = 3_600_000
_CHUNK = 1024 * 1024
_TABLES = """
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY,
    filename TEXT NOT NULL,
    purpose TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    lifetime INTEGER,
    status TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parts (
    id TEXT PRIMARY KEY,
    upload_id TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS parts_by_upload ON parts (upload_id)
"""
_INSERT = "INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_ABANDONED = """
SELECT DISTINCT upload_id FROM parts JOIN uploads ON uploads.id = upload_id
WHERE status != 'pending' OR expires_at <= :now
"""

_Status = Literal["pending", "completed", "cancelled", "expired"]


class UploadRow(msgspec.Struct, frozen=True):
    """An upload; `bytes` is the size that was announced, `lifetime` that of the file."""

    id: str
    filename: str
    purpose: str
    bytes: int
    created_at: Millis
    expires_at: Millis
    lifetime: Millis | None
    status: _Status


class PartRow(msgspec.Struct, frozen=True):
    """A part of an upload; its bytes are at the store's `content_path`."""

    id: str
    upload_id: str
    bytes: int
    created_at: Millis


class Uploads:
    """The uploads in a state."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._joining: set[str] = set()
        store.add_tables(_TABLES)
        for (upload_id,) in store.rows(_ABANDONED, {"now": clock.now()}):
            self._drop_parts(upload_id)

    def create(self, *, filename: str, purpose: str, size: int, lifetime: Millis | None) -> UploadRow:
        """Open an upload."""
        now = self._clock.now()
        upload = UploadRow(
            ids.fresh("upload_"), filename, purpose, size, now, now + _LIFE, lifetime, "pending"
        )
        with self._store.changing() as database:
            database.execute(_INSERT, msgspec.structs.astuple(upload))
            write_anchor(database, self._clock.anchor())
        return upload

    def pending(self, identifier: str) -> UploadRow:
        """The upload with this identifier, or a refusal unless it waits for parts."""
        rows = self._store.rows("SELECT * FROM uploads WHERE id = :id", {"id": identifier})
        if not rows:
            raise not_found(f"No such Upload object: {identifier}", param="upload_id")
        upload = UploadRow(*rows[0])
        status: str = upload.status
        if status == "pending" and upload.expires_at <= self._clock.now():
            status = "expired"
            self._drop_parts(upload.id)
        if upload.id in self._joining:
            status = "being completed"
        if status != "pending":
            raise Refusal(
                400, f"Upload {identifier} is {status}: only a pending upload can change.", param="upload_id"
            )
        return upload

    def add_part(self, upload: UploadRow, part_id: str, size: int) -> PartRow:
        """Add a part whose bytes have come in to the store's `incoming_path`."""
        self.pending(upload.id)
        if size == 0:
            raise Refusal(400, "The part is empty.", param="data", code="empty_file")
        # A part may be sent again when its answer was lost, so there may be more than was announced.
        most = 2 * upload.bytes + LARGEST_PART
        if sum(part.bytes for part in self._parts(upload.id)) + size > most:
            raise Refusal(
                400,
                f"The parts of this upload are far larger than its {upload.bytes} bytes.",
                param="data",
                code="upload_too_large",
            )
        part = PartRow(part_id, upload.id, size, self._clock.now())
        self._store.incoming_path(part_id).replace(self._store.content_path(part_id))
        with self._store.changing() as database:
            database.execute("INSERT INTO parts VALUES (?, ?, ?, ?)", msgspec.structs.astuple(part))
            write_anchor(database, self._clock.anchor())
        return part

    async def complete(
        self, identifier: str, part_ids: Sequence[str], md5: str | None
    ) -> tuple[UploadRow, FileRow]:
        """Join the parts, in this order, to a file."""
        upload = self.pending(identifier)
        self._check_parts(upload, part_ids)
        file_id = ids.fresh("file-")
        incoming = self._store.incoming_path(file_id)
        sources = [self._store.content_path(part_id) for part_id in part_ids]
        self._joining.add(upload.id)
        try:
            digest = await anyio.to_thread.run_sync(_joined, sources, incoming)
            if md5 is not None and md5.lower() != digest:
                raise Refusal(
                    400,
                    f"The MD5 of the joined parts is {digest}, not the one that was given.",
                    param="md5",
                    code="checksum_mismatch",
                )
            done = self._completed(upload, file_id, incoming)
        finally:
            self._joining.discard(upload.id)
            incoming.unlink(missing_ok=True)
        self._drop_parts(upload.id)
        return done

    def cancel(self, identifier: str) -> UploadRow:
        """Give an upload up."""
        upload = msgspec.structs.replace(self.pending(identifier), status="cancelled")
        with self._store.changing() as database:
            database.execute("UPDATE uploads SET status = 'cancelled' WHERE id = ?", (identifier,))
            write_anchor(database, self._clock.anchor())
        self._drop_parts(identifier)
        return upload

    def _parts(self, upload_id: str) -> list[PartRow]:
        rows = self._store.rows("SELECT * FROM parts WHERE upload_id = :id", {"id": upload_id})
        return [PartRow(*row) for row in rows]

    def _check_parts(self, upload: UploadRow, part_ids: Sequence[str]) -> None:
        known = {part.id: part.bytes for part in self._parts(upload.id)}
        for number, part_id in enumerate(part_ids):
            if part_id not in known:
                raise _bad_parts(f"'{part_id[:64]}' is not a part of this upload", f"part_ids[{number}]")
        if len(set(part_ids)) < len(part_ids):
            raise _bad_parts("a part is named twice", "part_ids")
        total = sum(known[part_id] for part_id in part_ids)
        if total != upload.bytes:
            raise _bad_parts(f"they have {total} bytes, but {upload.bytes} were announced", "part_ids")

    def _completed(self, upload: UploadRow, file_id: str, incoming: Path) -> tuple[UploadRow, FileRow]:
        file = files.arrived(
            self._clock,
            file_id,
            filename=upload.filename,
            purpose=upload.purpose,
            size=upload.bytes,
            lifetime=upload.lifetime,
        )
        incoming.replace(self._store.content_path(file_id))
        with self._store.changing() as database:
            insert_file(database, file)
            database.execute("UPDATE uploads SET status = 'completed' WHERE id = ?", (upload.id,))
            write_anchor(database, self._clock.anchor())
        return msgspec.structs.replace(upload, status="completed"), file

    def _drop_parts(self, upload_id: str) -> None:
        for part in self._parts(upload_id):
            self._store.content_path(part.id).unlink(missing_ok=True)
        with self._store.changing() as database:
            database.execute("DELETE FROM parts WHERE upload_id = ?", (upload_id,))


def _joined(sources: Sequence[Path], destination: Path) -> str:
    """Write the sources one after the other; returns the MD5 of it all."""
    hasher = hashlib.md5(usedforsecurity=False)
    with destination.open("wb") as joined:
        for source in sources:
            with source.open("rb") as part:
                while chunk := part.read(_CHUNK):
                    hasher.update(chunk)
                    joined.write(chunk)
    return hasher.hexdigest()


def _bad_parts(complaint: str, param: str) -> Refusal:
    return Refusal(400, f"Invalid value for 'part_ids': {complaint}.", param=param, code="invalid_value")
