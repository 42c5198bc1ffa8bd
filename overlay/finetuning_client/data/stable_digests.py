"""Digests for new files: the same on every machine; and a set that stores 16 bytes of each."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import msgspec

DIGEST_SIZE = 16
_EMPTY = bytes(DIGEST_SIZE)
_SMALLEST = 1024

_encode = msgspec.json.Encoder(order="sorted").encode


def digest_of(value: Any, key: bytes = b"") -> bytes:
    """Return the digest of a JSON value, ignoring the order of keys."""
    return digest_of_bytes(_encode(value), key)


def loose_digest_of(value: Any, key: bytes = b"") -> bytes:
    """Return the digest of a JSON value, ignoring case and white space."""
    text = _encode(value).decode().casefold()
    for escaped in ("\\n", "\\r", "\\t"):
        text = text.replace(escaped, "")
    return digest_of_bytes("".join(text.split()).encode(), key)


def digest_of_bytes(content: bytes, key: bytes = b"") -> bytes:
    """Return the digest of bytes; each `key`, of at most 64 bytes, gives different digests."""
    return blake2b(content, digest_size=DIGEST_SIZE, key=key).digest()


class DigestSet:
    """A set of digests in one block of memory: 24 to 48 bytes each, where a `set` takes at least 90."""

    def __init__(self) -> None:
        self._table = bytearray(_SMALLEST * DIGEST_SIZE)
        self._mask = _SMALLEST - 1
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __contains__(self, digest: bytes) -> bool:
        return self._table[(at := self._place_of(digest)) : at + DIGEST_SIZE] == digest

    def add(self, digest: bytes) -> bool:
        """Add a digest, and return whether it is new."""
        at = self._place_of(digest)
        if self._table[at : at + DIGEST_SIZE] == digest:
            return False
        self._table[at : at + DIGEST_SIZE] = digest
        self._size += 1
        if self._size * 3 > self._mask * 2:
            self._grow()
        return True

    def _place_of(self, digest: bytes) -> int:
        """Return the position of a digest, or of the empty slot where it belongs."""
        table, mask = self._table, self._mask
        index = int.from_bytes(digest[:8]) & mask
        while table[(at := index * DIGEST_SIZE) : at + DIGEST_SIZE] not in (digest, _EMPTY):
            index = (index + 1) & mask
        return at

    def _grow(self) -> None:
        old = self._table
        self._mask = self._mask * 2 + 1
        self._table = bytearray((self._mask + 1) * DIGEST_SIZE)
        for start in range(0, len(old), DIGEST_SIZE):
            digest = bytes(old[start : start + DIGEST_SIZE])
            if digest != _EMPTY:
                at = self._place_of(digest)
                self._table[at : at + DIGEST_SIZE] = digest
