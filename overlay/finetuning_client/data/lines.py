"""Lines of a data file: reading in bounded pieces, decoding, and recognition of other kinds of files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec
from msgspec import Struct

LONGEST_LINE = 16 * 1024 * 1024
"""Size limit of a line, in bytes."""

HEAD = 64 * 1024
"""Number of bytes at the beginning of a file by which its kind is recognised."""

# What is decoded of a piece should stay in the cache of the processor.
_PIECE = 64 * 1024
_BOM = b"\xef\xbb\xbf"
SPACES = b" \t\r\n"
"""White space of JSON."""
_REPAIR = "finetuning data repair FILE, or data.repair(FILE)."
_MAGIC = {
    b"\x1f\x8b": (
        "gzip",
        "gunzip FILE, which must end in .gz; or: finetuning data repair FILE, or data.repair(FILE).",
    ),
    b"BZh": ("bzip2", "bunzip2 FILE"),
    b"\xfd7zXZ\x00": ("xz", "unxz FILE"),
    b"\x28\xb5\x2f\xfd": ("Zstandard", "unzstd FILE"),
    b"PK\x03\x04": ("a zip archive, as are .xlsx files", "unzip FILE, or export the table as CSV"),
    b"PAR1": ("Parquet", "finetuning data convert FILE, or data.convert(FILE)"),
}


class LineFault(Struct, frozen=True):
    """Reason why a line cannot be read: code of the finding, text, and a hint in place of the code's."""

    code: str
    text: str
    hint: str = ""


class Piece(Struct, frozen=True):
    """Whole lines of a file, or the beginning of a line that is too long."""

    content: bytes
    too_long: bool = False


def pieces(file: BinaryIO) -> Iterator[Piece]:
    """Yield the lines of a file in pieces; a line that is too long is skipped after its beginning."""
    rest = b""
    first = True
    while read := file.read(_PIECE):
        if first:
            read, first = read.removeprefix(_BOM), False
        # Only the first line of what is read continues the rest.
        end = read.find(b"\n")
        if len(rest) + (len(read) if end < 0 else end) > LONGEST_LINE:
            yield Piece(rest[:HEAD], too_long=True)
            rest, read = b"", read[end + 1 :] if end >= 0 else _after_line(file)
        end = read.rfind(b"\n") + 1
        if end:
            yield Piece(b"".join((rest, memoryview(read)[:end])))
            rest = b""
        rest += read[end:]
    if rest:
        yield Piece(rest)


def _after_line(file: BinaryIO) -> bytes:
    """Skip the rest of a line, and return what was read of the next one."""
    while read := file.read(_PIECE):
        end = read.find(b"\n") + 1
        if end:
            # The lines that follow must be whole.
            return read[end:]
    return b""


def recognised(head: bytes) -> LineFault | None:
    """Return what a file is, by its beginning, if it cannot be JSON Lines in UTF-8."""
    for magic, (name, hint) in _MAGIC.items():
        if head.startswith(magic):
            return LineFault("compressed", f"the file is {name}", hint)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or _has_zeros(head):
        return LineFault("utf-16", "the file is in UTF-16 or UTF-32, not in UTF-8")
    text = head.removeprefix(_BOM).lstrip()
    if _ends_with_cr(text):
        return LineFault("not-json-lines", "the lines end with CR alone, not with LF", _REPAIR)
    first, _, more = text.partition(b"\n")
    if isinstance(decode(first), LineFault) and isinstance(_next_value(more), LineFault):
        if text.startswith(b"["):
            return LineFault("json-array", "the file is one JSON array, not one JSON object per line")
        if _is_spread(first, more):
            return LineFault("pretty-printed", "an example is spread over several lines")
    elif not more.strip() and (_is_array(first) or (len(head) == HEAD and text.startswith(b"[{"))):
        # The only line; or one so long that its end is not in sight.
        return LineFault("json-array", "the file is one JSON array, not one JSON object per line")
    return _table(text)


def _next_value(more: bytes) -> Any:
    """Return the value of the next line that is not blank; `None` if there is none, or not to its end."""
    line, _, rest = more.lstrip().partition(b"\n")
    return decode(line) if line and (rest or len(more) < HEAD // 2) else None


def _has_zeros(head: bytes) -> bool:
    """Return whether every second byte of the first ones is zero, as in UTF-16 without a mark."""
    return len(head) >= 4 and (not any(head[:8:2]) or not any(head[1:8:2]))


def _ends_with_cr(text: bytes) -> bool:
    """Tell whether a text has lines as on the first Macintosh."""
    first, _, more = text.partition(b"\r")
    return b"\n" not in text and more.lstrip().startswith(b"{") and not isinstance(decode(first), LineFault)


def _is_spread(first: bytes, more: bytes) -> bool:
    """Return whether the first line begins an object that a later line ends."""
    line = first.strip()
    if not line.startswith(b"{") or not line.endswith((b"{", b"[", b",")) or line.endswith(b"},"):
        return False
    return more.lstrip().startswith((b'"', b"{", b"}", b"]"))


def _is_array(line: bytes) -> bool:
    found = decode(line)
    return isinstance(found, list) and any(isinstance(item, dict) for item in found)


def _table(text: bytes) -> LineFault | None:
    """Recognise separated values: a first line of plain words, of which later lines have as many."""
    lines = text.splitlines()[:3]
    if len(lines) < 2 or lines[0].lstrip().startswith((b"{", b"[")):
        return None
    for separator in (b",", b"\t", b";"):
        names = lines[0].split(separator)
        if len(names) > 1 and all(re.fullmatch(rb'\s*"?[\w .-]{1,64}"?\s*', name) for name in names):
            return LineFault("csv", f"the file is a table, separated by {separator.decode()!r}")
    return None


def decode(line: bytes) -> Any:
    """Return the JSON value of a line, or the `LineFault` that explains why there is none."""
    try:
        return msgspec.json.decode(line)
    except UnicodeDecodeError as error:
        byte = error.object[error.start : error.start + 1].hex()
        return LineFault("not-utf-8", f"is not JSON in UTF-8: byte 0x{byte}, as in Latin-1 or Windows-1252")
    except RecursionError:
        return LineFault("too-deep", "is not JSON that can be read: a value is nested too deeply")
    except (msgspec.MsgspecError, ValueError) as error:
        return _explained(line, str(error))


def repeated_key(line: bytes, encoded: bytes) -> str | None:
    """Return a key that an object of a line has twice; `encoded` is what the line was decoded to, as JSON."""
    # An object with a repeated key has more strings than the value that it is decoded to.
    if line.count(b'"') == encoded.count(b'"'):
        return None
    try:
        json.loads(line, object_pairs_hook=_unique)
    except _Repeated as found:
        return found.key
    except (ValueError, RecursionError):
        return None
    return None


class _Repeated(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Repeated(key)
        found[key] = value
    return found


def _explained(line: bytes, reason: str) -> LineFault:
    """Return why a line is not JSON, with common mistakes named."""
    plain = line.strip(SPACES)
    if plain.endswith(b","):
        inner = decode(plain[:-1])
        if not isinstance(inner, LineFault):
            return LineFault("trailing-comma", "ends with a comma after its object")
    if "out of range" in reason:
        return LineFault("number-too-large", "a number is too large")
    if "surrogate" in reason or re.search(rb"\\u[dD][89a-fA-F]", plain):
        return LineFault("lone-surrogate", "a string has half of a surrogate pair, such as \\ud83d")
    outside = re.sub(rb'"[^"\\]*(?:\\.[^"\\]*)*"', b'""', plain)
    if found := re.search(rb"(?<![\w.])-?(NaN|Infinity)\b", outside):
        return LineFault("not-a-number", f"has {found.group().decode()}, which is not JSON")
    if re.search(rb"\}\s*\{", outside):
        return LineFault("not-json", "has several objects", _REPAIR)
    if re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", outside):
        return LineFault("control-character", "has a control character outside its strings", "Remove it.")
    if re.search(rb"[\x00-\x1f]", _inside(plain)):
        return LineFault("control-character", "a string has a control character that is not escaped")
    return LineFault("not-json", f"is not JSON: {reason}", _advice(outside))


def _inside(line: bytes) -> bytes:
    return b"".join(re.findall(rb'"[^"\\]*(?:\\.[^"\\]*)*"', line))


def _advice(outside: bytes) -> str:
    if outside.startswith(b"{'"):
        return "Write it with json.dumps: Python's own notation is not JSON."
    if re.search(rb"\b(True|False|None)\b", outside):
        return "Write true, false and null in lower case, as json.dumps does."
    if re.search(rb",\s*[}\]]", outside):
        return "Remove the comma before the closing bracket."
    return ""
