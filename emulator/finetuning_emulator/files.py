"""Files as they come in, in one request or in parts: what may be stored, and from when it is ready."""

from __future__ import annotations

import msgspec

from finetuning_emulator.clock import Clock, Millis
from finetuning_emulator.errors import Refusal
from finetuning_emulator.multipart import Form
from finetuning_emulator.store import FileRow

__all__ = ["Lifetime", "arrived", "check_fields", "check_lifetime", "check_name", "check_purpose"]

_AT_ONCE = 1024 * 1024
_BYTES_PER_MS = 2_000
_SHORTEST_LIFE = 3_600
_LONGEST_LIFE = 2_592_000


class Lifetime(msgspec.Struct, forbid_unknown_fields=True):
    """After how many seconds since `anchor` a file is deleted by itself, as a request says it."""

    anchor: str
    seconds: int


def arrived(
    clock: Clock, identifier: str, *, filename: str, purpose: str, size: int, lifetime: Millis | None
) -> FileRow:
    """A file whose last byte is in now; a large one takes a while to be processed."""
    now = clock.now()
    delay = 0 if size <= _AT_ONCE else size // _BYTES_PER_MS
    clock.settle(now + delay)
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
        raise Refusal(
            400,
            f"Invalid value for 'purpose': expected one of {names}.",
            param="purpose",
            code="invalid_value",
        )


def check_name(filename: str, purpose: str, *, param: str) -> None:
    """Refuse a name that does not suit the purpose."""
    if purpose == "fine-tune" and not filename.lower().endswith(".jsonl"):
        raise Refusal(
            400,
            "Invalid file format for Fine-Tuning API. Must be .jsonl",
            param=param,
            code="invalid_file_format",
        )


def check_fields(form: Form, known: tuple[str, ...]) -> None:
    """Refuse a form with a field that is not one of these."""
    for name in form.fields:
        if name not in known:
            shown = name[:64]
            raise Refusal(400, f"Unknown parameter: '{shown}'.", param=shown, code="unknown_parameter")


def check_lifetime(wanted: Lifetime) -> Millis:
    """How long a file is kept, in milliseconds, or a refusal."""
    if wanted.anchor != "created_at":
        raise _bad_expiry("anchor", "expected 'created_at'")
    if not _SHORTEST_LIFE <= wanted.seconds <= _LONGEST_LIFE:
        raise _bad_expiry("seconds", f"expected an integer from {_SHORTEST_LIFE} to {_LONGEST_LIFE}")
    return wanted.seconds * 1000


def _bad_expiry(field: str, expected: str) -> Refusal:
    name = f"expires_after.{field}"
    return Refusal(400, f"Invalid value for '{name}': {expected}.", param=name, code="invalid_value")
