"""Identifiers in the hosted service's formats: random, or derived from other values.

An event's identifier encodes the event's position in its job's history, so a cursor needs no search.
"""

from __future__ import annotations

import hashlib
import secrets
import string

__all__ = ["derived_id", "event_id", "event_position", "model_name_tail", "new_id"]

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_CHARACTERS = (_ALPHABET * 5)[:256].encode()
_LENGTH = 24
_POSITION_LENGTH = 8
_MASK = (1 << 47) - 1
_EVENT = "ftevent-"


def new_id(prefix: str) -> str:
    """Return a new identifier: the prefix and 24 random characters."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def derived_id(prefix: str, *parts: str | int) -> str:
    """Return the identifier that is always derived from these parts."""
    return prefix + _letters(_LENGTH, *parts)


def model_name_tail(*parts: str | int) -> str:
    """Return the eight characters at the end of a fine-tuned model's name."""
    return _letters(8, "model", *parts)


def event_id(job_id: str, position: int) -> str:
    """Return the identifier of the event at this position (0 is the oldest) of a job's history."""
    check = _letters(_LENGTH - _POSITION_LENGTH, "event", job_id, position)
    return _EVENT + check + _encode(position ^ _mask(job_id), _POSITION_LENGTH)


def event_position(job_id: str, identifier: str) -> int | None:
    """Return the position of an event in a job's history, or None if it is not an event of this job."""
    body = identifier.removeprefix(_EVENT)
    if len(body) != _LENGTH or not (body.isascii() and body.isalnum()):
        return None
    position = _decode(body[-_POSITION_LENGTH:]) ^ _mask(job_id)
    return position if event_id(job_id, position) == identifier else None


def _mask(job_id: str) -> int:
    return int.from_bytes(_digest(8, "mask", job_id), "big") & _MASK


def _letters(count: int, *parts: str | int) -> str:
    return _digest(count, *parts).translate(_CHARACTERS).decode()


def _digest(size: int, *parts: str | int) -> bytes:
    text = "\x1f".join(map(str, parts))
    return hashlib.blake2b(text.encode(), digest_size=size).digest()


def _encode(number: int, length: int) -> str:
    characters = []
    for _ in range(length):
        number, digit = divmod(number, len(_ALPHABET))
        characters.append(_ALPHABET[digit])
    return "".join(reversed(characters))


def _decode(text: str) -> int:
    number = 0
    for character in text:
        number = number * len(_ALPHABET) + _ALPHABET.index(character)
    return number
