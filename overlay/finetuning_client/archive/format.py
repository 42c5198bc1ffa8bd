"""The format of an archive: its files, the lines of its lists, and its manifest. See `docs/archive.md`.

Each line of a list is a JSON object that begins with `crc`, the CRC-32 of the rest of the line. So a line
that was truncated or changed is detected. The last line of a list has its name and count, as `end` and
`count`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec
from msgspec import Struct

from ..errors import ArchiveError

FORMAT = "finetuning-archive"
_VERSION = 1

MANIFEST = "manifest.json"
CHECKSUMS = "checksums.jsonl"
JOBS = "jobs.jsonl"
FILES = "files.jsonl"
PERMISSIONS = "permissions.jsonl"
LOGS = "jobs"
CONTENTS = "files"
STAGE = ".unfinished"
"""Folder of a run that has not ended: what it has fetched, until all of it is moved into the archive."""
LOCK = ".lock"

_LOG_PATH = re.compile(r"jobs/[a-z0-9-]{1,100}\.jsonl")
_CONTENT_PATH = re.compile(r"files/[0-9a-f]{64}")
_SEAL = re.compile(rb'"checksum": "([0-9a-f]{64})"')
_UNSEALED = "0" * 64
_PREFIX = b'{"crc":"'
_PAIR = len(_PREFIX) + 8 + len(b'",')


class Entry(Struct, frozen=True):
    """Checksum of a file of the archive: `path` is relative, with `/`; `bytes` is its size."""

    path: str
    bytes: int
    sha256: str


class Manifest(Struct, frozen=True, kw_only=True):
    """The manifest: what the archive is, and the checksum of the list of checksums.

    Attributes:
        format, version: of the archive.
        checksum: SHA-256 of the manifest itself, computed with zeros in place of this value.
        archived_at: when the last run began, in Unix seconds by the client's clock.
        source: base URL of the server.
        selection: what the last run asked for; empty for all jobs.
        statuses: meanings of the server's own statuses, as they were declared for the client.
        jobs, files, permissions: how many the archive has.
        notes: what could not be saved, as full sentences.
        checksums: the entry of `checksums.jsonl`.
    """

    format: str = FORMAT
    version: int = _VERSION
    checksum: str = _UNSEALED
    archived_at: int
    source: str
    selection: dict[str, Any]
    statuses: dict[str, Any] = {}
    jobs: int
    files: int
    permissions: int
    notes: list[str]
    checksums: Entry


class _Head(Struct):
    format: str
    version: int


def to_line(value: Mapping[str, Any]) -> bytes:
    """Return a line of a list; `value` must not be empty."""
    rest = encoded(value)[1:]
    return b'%b%08x",%b\n' % (_PREFIX, crc32(rest), rest)


def is_whole(line: bytes) -> bool:
    """Return whether a line is as it was written, its line break included."""
    return (
        line.startswith(_PREFIX)
        and line[_PAIR - 2 : _PAIR] == b'",'
        and line.endswith(b"}\n")
        and line[len(_PREFIX) : _PAIR - 2] == b"%08x" % crc32(line[_PAIR:-1])
    )


def is_end(line: bytes) -> bool:
    """Return whether a line is the last one of a list."""
    return line.startswith(b'"end":', _PAIR)


def decoded(line: bytes) -> dict[str, Any]:
    """Return the object of an intact line."""
    try:
        value: dict[str, Any] = msgspec.json.decode(line)
    except (ValueError, msgspec.MsgspecError):
        # Some servers send NaN, or half of a surrogate pair.
        value = json.loads(line)
    return value


def whole_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the intact lines of a list, each with its offset; none if the file does not exist."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        offset = 0
        for line in file:
            if is_whole(line):
                yield offset, line
            offset += len(line)


def to_end(name: str, count: int, missing: str | None = None) -> dict[str, Any]:
    """Return the object of a list's last line; `missing` says why the list could not be fetched."""
    end: dict[str, Any] = {"end": name, "count": count}
    return end if missing is None else {**end, "missing": missing}


def log_path(job_id: str) -> str:
    """Return the path of a job's log: safe on every file system, whatever the id, and different for each."""
    words = re.sub(r"[^a-z0-9]+", "-", job_id.lower())[:40].strip("-") or "job"
    return f"{LOGS}/{words}-{sha256(job_id.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.jsonl"


def content_path(digest: str) -> str:
    """Return the path of the content with this SHA-256."""
    return f"{CONTENTS}/{digest}"


def is_safe(path: object) -> bool:
    """Return whether a path that was read from an archive stays inside it, and names one of its files."""
    known = path in (CHECKSUMS, JOBS, FILES, PERMISSIONS)
    return isinstance(path, str) and (known or is_log(path) or is_content(path))


def is_log(path: str) -> bool:
    """Return whether a path is that of a job's log."""
    return _LOG_PATH.fullmatch(path) is not None


def is_content(path: str) -> bool:
    """Return whether a path is that of a file's content."""
    return _CONTENT_PATH.fullmatch(path) is not None


def sealed(manifest: Manifest) -> bytes:
    """Return the manifest as it is written, with its own checksum."""
    text = msgspec.json.format(encoded(msgspec.to_builtins(manifest)), indent=2) + b"\n"
    return text.replace(_UNSEALED.encode(), sha256(text).hexdigest().encode(), 1)


def is_sealed(text: bytes) -> bool:
    """Return whether a manifest is as it was written."""
    seal = _SEAL.search(text)
    if seal is None:
        return False
    unsealed = text[: seal.start(1)] + _UNSEALED.encode() + text[seal.end(1) :]
    return sha256(unsealed).hexdigest().encode() == seal[1]


def read_manifest(text: bytes, path: Path) -> Manifest | None:
    """Return the manifest; `None` if it is damaged. Raises `ArchiveError` for a different or newer format."""
    try:
        head = msgspec.json.decode(text, type=_Head)
    except (ValueError, msgspec.MsgspecError):
        return None
    if not is_sealed(text) and head.format == FORMAT and head.version <= _VERSION:
        return None
    if head.format != FORMAT:
        raise ArchiveError(
            f"{path}: is not the manifest of an archive: its format is {head.format!r:.60}", path=str(path)
        )
    if head.version > _VERSION:
        text_ = f"{path}: the archive has version {head.version} of the format, but this release reads"
        raise ArchiveError(f"{text_} {_VERSION}: install a newer release", path=str(path))
    try:
        return msgspec.json.decode(text, type=Manifest)
    except (ValueError, msgspec.MsgspecError):
        return None


def encoded(value: Any) -> bytes:
    """Return a value as JSON in one line; a number that JSON cannot represent is written as Python does."""
    try:
        if _is_finite(value):
            return msgspec.json.encode(value)
    except (ValueError, OverflowError, TypeError):
        pass
    return json.dumps(value, separators=(",", ":")).encode()


def _is_finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(map(_is_finite, value.values()))
    return all(map(_is_finite, value)) if isinstance(value, list) else True
