"""Content that is downloaded, in memory or in a file: the bytes so far, and the request for the rest.

The methods of a file access the disk; errors of the operating system become `InvalidRequestError`.
"""

from __future__ import annotations

import base64
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ..content_length import byte_count
from ..errors import FineTuningError, InvalidRequestError, InvalidResponse
from ..record import replace
from ..upload_source import home_hint
from .effects import BODY_KEPT, Request, Response
from .responses import invalid_response

# The beginning of an encoded result file: "step," of its header.
_ENCODED_HEADER = base64.b64encode(b"step,t")[:7]
_BEGINNING = 1024
_PIECE = 3 * 1024 * 256
# Does not match a total of 19 digits or an unknown one (`*`): neither says where the content ends.
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18})", re.ASCII)
# A length that no content has.
_OTHER_RANGE = -1


class PartialContent:
    """Content as far as it has arrived, and the request for the rest of it; a sink of responses.

    Attributes:
        size: how many bytes have arrived.
        expected: how many there will be; `None` if the server does not say.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] = io.BytesIO()
        self._etag = ""
        self._asks_for_rest = False
        self.size = 0
        self.expected: int | None = None

    @property
    def is_whole(self) -> bool:
        """True if all announced bytes have arrived."""
        return self.expected is None or self.size == self.expected

    @property
    def fault(self) -> str:
        """Description of a fault of the bytes that arrived."""
        if self.expected == _OTHER_RANGE:
            return "the server sent a different range from the one requested"
        return f"the body has {self.size} bytes instead of {self.expected}"

    def range_headers(self) -> dict[str, str]:
        """Return the headers that ask for what is still missing, if it is still the same content."""
        self._asks_for_rest = bool(self.size and self._etag)
        return {"Range": f"bytes={self.size}-", "If-Range": self._etag} if self._asks_for_rest else {}

    def begin(self, response: Response) -> None:
        """Continue if the server does; start over otherwise."""
        headers = response.headers
        found = _CONTENT_RANGE.fullmatch(headers.get("content-range", ""))
        start, total = map(byte_count, found.groups()) if found else (None, None)
        continues = self._asks_for_rest and response.status == 206 and start == self.size
        # The total must not differ from an earlier one.
        continues = continues and total is not None and self.expected in (None, total)
        if not continues:
            self.restart()
        # A weak ETag does not promise that the bytes are the same.
        etag = headers.get("etag", "")
        self._etag = "" if etag.startswith("W/") else etag
        if continues:
            self.expected = total
        elif response.status == 206:
            # The server sent another range than the requested one.
            self.expected, self._etag = _OTHER_RANGE, ""
        else:
            self.expected = byte_count(headers.get("content-length"))

    def write(self, piece: bytes) -> None:
        """Append a piece."""
        self._file.write(piece)
        self.size += len(piece)

    def beginning(self) -> bytes:
        """Return the first bytes of what has arrived."""
        self._file.seek(0)
        found = self._file.read(_BEGINNING)
        self._file.seek(self.size)
        return found

    def restart(self) -> None:
        """Discard what has arrived."""
        self._file.seek(0)
        self._file.truncate()
        self.size, self._etag = 0, ""


class PartialBytes(PartialContent):
    """Content in memory, of at most `max_bytes`."""

    def __init__(self, request: Request, max_bytes: int) -> None:
        super().__init__()
        self._request = request
        self._max_bytes = max_bytes

    def begin(self, response: Response) -> None:
        """Continue if the server does; start over otherwise."""
        super().begin(response)
        self._response = response

    def write(self, piece: bytes) -> None:
        """Append a piece. Raises `InvalidResponse` if that is too much."""
        super().write(piece)
        if self.size > self._max_bytes:
            start = replace(self._response, body=self.value()[:BODY_KEPT])
            reason = "the file is larger than max_bytes: use files.download or a larger max_bytes"
            raise invalid_response(start, self._request, reason)

    def value(self) -> bytes:
        """Return what has arrived."""
        self._file.seek(0)
        return self._file.read()


class PartialFile(PartialContent):
    """A file next to its target, which it replaces only when it is complete; `open` must be called first."""

    def __init__(self, target: Path, number: int) -> None:
        super().__init__()
        self._target = target
        self._number = number
        self._path: Path | None = None
        self._is_discarded = False

    def open(self) -> None:
        """Create the file. Raises `InvalidRequestError` if it cannot be written."""
        target = self._target
        with _writing(target):
            if not target.name or target.is_dir():
                raise unwritable(target, "is a directory")
            # A unique name, since several calls may be fetching the same file.
            path = target.with_name(f".{target.name}.{os.getpid()}-{self._number}.part")
            self._file = path.open("w+b")
        self._path = path
        if self._is_discarded:
            # The caller was cancelled, and did not wait for a slow disk.
            self.discard()

    def write(self, piece: bytes) -> None:
        """Append a piece."""
        with _writing(self._target):
            super().write(piece)

    def restart(self) -> None:
        """Discard what has arrived."""
        with _writing(self._target):
            super().restart()

    def finish(self, *, decode: bool = True) -> None:
        """Put the file in place of the target; with `decode`, a result file is decoded from base64."""
        assert self._path is not None
        with _writing(self._target):
            if decode:
                self._decode()
            self._file.close()
            self._path.replace(self._target)

    def discard(self) -> None:
        """Close the file, and delete it if it is not complete."""
        self._is_discarded = True
        self._file.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _decode(self) -> None:
        file = self._file
        file.seek(0)
        if file.read(len(_ENCODED_HEADER)) != _ENCODED_HEADER:
            return
        read = write = 0
        rest = b""
        while True:
            file.seek(read)
            piece = file.read(_PIECE)
            read += len(piece)
            code = rest + b"".join(piece.split())
            whole = len(code) - len(code) % 4 if piece else len(code)
            rest = code[whole:]
            try:
                table = base64.b64decode(code[:whole], validate=True)
            except ValueError as error:
                raise InvalidResponse(
                    f"{self._target.name}: starts like base64, but is not valid base64: {error}"
                ) from error
            file.seek(write)
            write += file.write(table)
            if not piece:
                break
        file.truncate(write)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn errors of the operating system about `path` into `InvalidRequestError`."""
    try:
        yield
    except FineTuningError:
        raise
    except (OSError, ValueError) as error:
        raise unwritable(path, error) from error


def unwritable(path: object, error: OSError | ValueError | str) -> InvalidRequestError:
    """Return the error for a target that cannot be written."""
    reason = getattr(error, "strerror", None) or error
    text = f"{path}: cannot be written: {reason}{home_hint(path)}"
    return InvalidRequestError(text, field="path", value=path)
