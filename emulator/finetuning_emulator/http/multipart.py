"""Multipart forms: read as a stream, the file straight to disk and the fields into bounded memory.

A malformed form raises an `ApiError`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from finetuning_emulator.errors import ApiError, unknown_parameter

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

__all__ = ["Form", "read_form"]

_MAX_PARTS = 64
_MAX_HEADER = 8 * 1024
_MAX_FIELD = 64 * 1024


class Form:
    """The content of a form: text fields by name, and the name and size of its one file."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self.filename: str | None = None
        self.size = 0

    def check_fields(self, known: tuple[str, ...]) -> None:
        """Refuse the form if it has a field that is not one of these."""
        for name in self.fields:
            if name not in known:
                raise unknown_parameter(name[:64])


async def read_form(
    stream: AsyncIterator[bytes],
    content_type: str,
    *,
    file_field: str,
    destination: Path,
    limit: int,
) -> Form:
    """Read a form and write the part `file_field`, of at most `limit` bytes, to `destination`."""
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if kind.lower() != b"multipart/form-data" or not boundary or len(boundary) > 200:
        raise ApiError(
            400,
            "Unsupported content type: this method only accepts 'multipart/form-data' with a boundary.",
            code="unsupported_content_type",
        )
    with destination.open("wb") as file:
        reader = _Reader(file, file_field, limit)
        try:
            parser = MultipartParser(boundary, reader.callbacks())
            async for chunk in stream:
                parser.write(chunk)
            parser.finalize()
        except FormParserError:
            raise _malformed() from None
    if not reader.complete:
        raise _malformed()
    return reader.form


class _Reader:
    """The callbacks of the parser, and the form so far."""

    def __init__(self, file: BinaryIO, file_field: str, limit: int) -> None:
        self.form = Form()
        self.complete = False
        self._file = file
        self._file_field = file_field
        self._limit = limit
        self._parts = 0
        self._header: list[bytes] = [b"", b""]
        self._disposition = b""
        self._name = ""
        self._text: bytearray | None = None

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._part_begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._part_data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def _part_begin(self) -> None:
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise ApiError(400, f"The form has more than {_MAX_PARTS} parts.")
        self._disposition = b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_part(0, data[start:end])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_part(1, data[start:end])

    def _header_part(self, which: int, piece: bytes) -> None:
        self._header[which] += piece
        if len(self._header[which]) > _MAX_HEADER:
            raise _malformed()

    def _header_end(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._disposition = self._header[1]
        self._header = [b"", b""]

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        if b"name" not in options:
            raise _malformed()
        self._name = options[b"name"].decode("utf-8", "replace")
        if self._name != self._file_field:
            self._text = bytearray()
        elif b"filename" not in options:
            raise ApiError(
                400,
                f"Invalid value for '{self._file_field}': expected a file with a name.",
                param=self._file_field,
                code="invalid_type",
            )
        elif self.form.filename is not None:
            raise ApiError(400, "The form has more than one file.", param=self._file_field)
        else:
            self._text = None
            self.form.filename = options[b"filename"].decode("utf-8", "replace")

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._text is not None:
            self._text += data[start:end]
            if len(self._text) > _MAX_FIELD:
                raise ApiError(400, f"'{self._name[:64]}' is too long.", param=self._name[:64])
            return
        self.form.size += end - start
        if self.form.size > self._limit:
            raise ApiError(
                413,
                f"The file is larger than {self._limit // 1024**2} MB, the maximum for one request.",
                param=self._file_field,
                code="file_too_large",
            )
        self._file.write(data[start:end])

    def _part_end(self) -> None:
        if self._text is not None:
            self.form.fields[self._name] = self._text.decode("utf-8", "replace")

    def _end(self) -> None:
        self.complete = True


def _malformed() -> ApiError:
    return ApiError(400, "We could not parse the multipart form in the body of your request.")
