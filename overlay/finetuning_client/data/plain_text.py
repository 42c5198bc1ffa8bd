"""The content of a text file as UTF-8, piece by piece, whatever its compression and encoding.

Only what is certain is decoded: gzip, a byte order mark, UTF-16 and UTF-32, and Windows-1252 (which includes
Latin-1) where nothing indicates another encoding. Anything else raises `DatasetError`.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import attrs

from ..errors import DatasetError, InvalidRequestError
from ..upload_source import open_source, reading
from .other_files import HEAD, other_encoding
from .rows import LONGEST_ROW, not_a_row, other_file
from .windows_1252 import not_western

_PIECE = 256 * 1024
_GZIP = b"\x1f\x8b"
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_WESTERN = "cp1252"
# A text of JSON begins with two characters of ASCII, so zero bytes show how wide a character is.
_WIDTHS = {"x0x0": "utf-16-le", "0x0x": "utf-16-be", "x000": "utf-32-le", "000x": "utf-32-be"}


@attrs.frozen(kw_only=True)
class PlainText:
    """Encoding and compression of a text file.

    Attributes:
        path: the file.
        is_compressed: whether it is compressed with gzip.
        mark: the byte order mark at its beginning; empty if there is none.
        encoding: the encoding of what follows, by its name in Python.
    """

    path: Path
    is_compressed: bool
    mark: bytes
    encoding: str

    @property
    def encoding_name(self) -> str:
        """The common name of the encoding."""
        return "Windows-1252 (Latin-1)" if self.encoding == _WESTERN else self.encoding.upper()

    def pieces(self) -> Iterator[bytes]:
        """Yield the content in UTF-8. Raises `DatasetError` for bytes that are invalid in the encoding."""
        decoder = codecs.getincrementaldecoder(self.encoding)("strict")
        with _opened(self.path, self.is_compressed) as file:
            skipped = len(self.mark)
            while piece := file.read(_PIECE):
                yield _recoded(self, decoder, piece[skipped:])
                skipped = 0
            yield _recoded(self, decoder, b"", final=True)

    def lines(self) -> Iterator[bytes]:
        """Yield the lines in UTF-8 with their ends: LF, CRLF, or CR in a file that begins with such lines."""
        rest, end, number = b"", b"\n", 1
        for piece in self.pieces():
            if number == 1 and not rest and b"\r" in piece and b"\n" not in piece:
                end = b"\r"
            *lines, rest = (rest + piece).split(end)
            number += len(lines)
            if len(rest) > LONGEST_ROW:
                raise not_a_row(self.path, number, f"is longer than {LONGEST_ROW} bytes")
            for line in lines:
                yield line + end
        if rest:
            yield rest

    def beginning(self) -> bytes:
        """Return the first piece of the content, without the white space before it."""
        return next((found for piece in self.pieces() if (found := piece.lstrip())), b"")


def recognise(path: Path, encoding: str | None = None) -> PlainText:
    """Return how a file is encoded; `encoding` decides where there is no byte order mark.

    Raises `DatasetError` if its encoding is not certain.
    """
    if encoding is not None:
        _require_encoding(encoding)
    with open_source(path) as payload, reading(str(path)):
        head = payload.file.read(HEAD)
    is_compressed = head.startswith(_GZIP)
    kind = None if is_compressed else other_encoding(head)
    if kind is not None and kind.code != "utf-16":
        raise other_file(path, kind)
    with _opened(path, is_compressed) as file:
        beginning = file.read(4)
    mark = next((mark for mark in _MARKS if beginning.startswith(mark)), b"")
    found = _MARKS[mark] if mark else _wide_encoding(beginning)
    if encoding is not None and not mark:
        found = encoding
    if not found:
        found = _encoding_of_bytes(path, is_compressed)
    return PlainText(path=path, is_compressed=is_compressed, mark=mark, encoding=found)


def _wide_encoding(beginning: bytes) -> str:
    return _WIDTHS.get("".join("x" if byte else "0" for byte in beginning), "")


@contextmanager
def _opened(path: Path, is_compressed: bool) -> Iterator[BinaryIO]:
    with open_source(path) as payload, reading(str(path)):
        if not is_compressed:
            yield payload.file
            return
        try:
            with gzip.open(payload.file) as file:
                yield cast("BinaryIO", file)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            text = f"{path}: is compressed with gzip, but damaged or truncated: {error}"
            raise DatasetError(text, path=str(path)) from None


def _recoded(text: PlainText, decoder: codecs.IncrementalDecoder, piece: bytes, final: bool = False) -> bytes:
    try:
        return decoder.decode(piece, final).encode()
    except UnicodeError as error:
        raise DatasetError(f"{text.path}: is not {text.encoding}: {error}", path=str(text.path)) from None


def _require_encoding(encoding: str) -> None:
    try:
        # Refuses codecs that do not decode bytes to text, which `codecs.lookup` also finds.
        "".encode(encoding)
    except (LookupError, TypeError, ValueError):
        raise InvalidRequestError.of("encoding", "an encoding that Python knows", encoding) from None


def _encoding_of_bytes(path: Path, is_compressed: bool) -> str:
    """Return UTF-8 if all the bytes are valid, else Windows-1252 if nothing indicates another encoding."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with _opened(path, is_compressed) as file:
        try:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            pass
        else:
            return "utf-8"
    with _opened(path, is_compressed) as file:
        number = 1
        for line in file:
            if reason := not_western(line):
                text = f"{path}, line {number}: is not UTF-8, and its encoding is not certain: {reason}"
                raise DatasetError(f"{text}: pass encoding= if you know it", path=str(path))
            number += 1
    return _WESTERN
