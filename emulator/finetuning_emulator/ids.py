"""Identifiers in the shapes of the hosted service: drawn at random, or derived from others.

An event's identifier hides its place in its job's history, so that a cursor is found at once.
"""

from __future__ import annotations

import hashlib
import secrets
import string

__all__ = ["derived", "event_id", "event_place", "fresh", "name_tail"]

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_CHARACTER = (_ALPHABET * 5)[:256].encode()
_LENGTH = 24
_PLACE = 8
_MASK = (1 << 47) - 1
_EVENT = "ftevent-"


def fresh(prefix: str) -> str:
    """A new identifier: the prefix and 24 random characters."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def derived(prefix: str, *parts: str | int) -> str:
    """The identifier that always belongs to these parts."""
    return prefix + _letters(_LENGTH, *parts)


def name_tail(*parts: str | int) -> str:
    """The eight characters that end a fine-tuned model's name."""
    return _letters(8, "model", *parts)


def event_id(job_id: str, place: int) -> str:
    """The identifier of the event at this place (0 is the oldest) of a job's history."""
    check = _letters(_LENGTH - _PLACE, "event", job_id, place)
    return _EVENT + check + _written(place ^ _mask(job_id), _PLACE)


def event_place(job_id: str, identifier: str) -> int | None:
    """The place of an event in a job's history, or None when it is not one of its events."""
    body = identifier.removeprefix(_EVENT)
    if len(body) != _LENGTH or not (body.isascii() and body.isalnum()):
        return None
    place = _read(body[-_PLACE:]) ^ _mask(job_id)
    return place if event_id(job_id, place) == identifier else None


def _mask(job_id: str) -> int:
    return int.from_bytes(_digest(8, "mask", job_id), "big") & _MASK


def _letters(count: int, *parts: str | int) -> str:
    """So many characters that always belong to these parts."""
    return _digest(count, *parts).translate(_CHARACTER).decode()


def _digest(size: int, *parts: str | int) -> bytes:
    text = "\x1f".join(map(str, parts))
    return hashlib.blake2b(text.encode(), digest_size=size).digest()


def _written(number: int, length: int) -> str:
    characters = []
    for _ in range(length):
        number, digit = divmod(number, len(_ALPHABET))
        characters.append(_ALPHABET[digit])
    return "".join(reversed(characters))


def _read(text: str) -> int:
    number = 0
    for character in text:
        number = number * len(_ALPHABET) + _ALPHABET.index(character)
    return number
