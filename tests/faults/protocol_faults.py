"""Faults of the protocol: invalid HTTP, wrong lengths, and invalid encodings."""

from __future__ import annotations

import gzip

from .behaviours import ALWAYS, edit_bytes, reply
from .server import Fault

__all__ = ["PROTOCOL_FAULTS"]


def _length(head: bytes, length: bytes) -> bytes:
    return b"\r\n".join(
        b"Content-Length: " + length if line.startswith(b"Content-Length") else line
        for line in head.split(b"\r\n")
    )


def _without_length(head: bytes) -> bytes:
    return _length(head, b"").replace(b"Content-Length: ", b"Connection: close")


def _chunked(head: bytes) -> bytes:
    return _length(head, b"").replace(b"Content-Length: ", b"Transfer-Encoding: chunked")


def _more_headers(head: bytes, line: bytes) -> bytes:
    return head.replace(b"Date", line + b"\r\nDate")


PROTOCOL_FAULTS = (
    Fault("not HTTP", edit_bytes(lambda *_: b"hello, who is there?\r\n\r\n")),
    Fault("two different lengths", edit_bytes(lambda h, b: _more_headers(h, b"Content-Length: 7") + b)),
    Fault("a length that is not a number", edit_bytes(lambda h, b: _length(h, b"many") + b)),
    Fault("a negative length", edit_bytes(lambda h, b: _length(h, b"-1") + b)),
    Fault("a length shorter than the body", edit_bytes(lambda h, b: _length(h, b"40") + b)),
    Fault("a length longer than the body", edit_bytes(lambda h, b: _length(h, b"99999") + b)),
    Fault("no length, closed within the body", edit_bytes(lambda h, b: _without_length(h) + b[:40])),
    Fault("no length, closed after the body", edit_bytes(lambda h, b: _without_length(h) + b)),
    Fault("no last chunk", edit_bytes(lambda h, b: _chunked(h) + b"10\r\n" + b[:16] + b"\r\n")),
    Fault("a chunk size that is not a number", edit_bytes(lambda h, b: _chunked(h) + b"zz\r\n" + b)),
    Fault(
        "a header of 300,000 bytes", edit_bytes(lambda h, b: _more_headers(h, b"X: " + b"x" * 300_000) + b)
    ),
    Fault("a status that is not a number", edit_bytes(lambda h, b: h.replace(b" 200 ", b" two ") + b)),
    Fault("status 999, at every attempt", reply(999, processed=True), times=ALWAYS),
    Fault(
        "103 before the response",
        edit_bytes(lambda h, b: b"HTTP/1.1 103 Early Hints\r\n\r\n" + h + b, close=False),
    ),
    Fault(
        "101 (another protocol)",
        edit_bytes(lambda *_: b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
    ),
    Fault("invalid gzip", reply(Content_Encoding="gzip")),
    Fault("truncated gzip", reply(body=lambda good: gzip.compress(good)[:-12], Content_Encoding="gzip")),
    Fault("valid gzip", reply(body=gzip.compress, Content_Encoding="gzip")),
    Fault("invalid deflate", reply(Content_Encoding="deflate")),
)
