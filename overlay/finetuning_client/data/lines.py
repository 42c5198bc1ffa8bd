"""Lines of a data file: reading in bounded pieces, and decoding with the reason why a line cannot be read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec
from msgspec import Struct

from .windows_1252 import not_western

LONGEST_LINE = 16 * 1024 * 1024
"""Size limit of a line, in bytes."""

# The decoded lines of a piece should fit into the cache of the processor.
_PIECE = 64 * 1024
BOM = b"\xef\xbb\xbf"
SPACES = b" \t\r\n"
"""White space of JSON."""
SEPARATORS = rb"(?:[\s,\x1e]|\xe2\x80[\xa8\xa9]|\xc2\x85)*"
"""Pattern of white space, commas, and what other kinds of text have between lines or records."""
_WITH_ENCODING = (
    "Find out its encoding, such as cp1251, and run finetuning data repair FILE --encoding NAME,"
    " or call data.repair(FILE, encoding=NAME)."
)
REPAIR = "Run finetuning data repair FILE, or call data.repair(FILE)."


class LineFault(Struct, frozen=True):
    """Reason why a line cannot be read: code of the finding, text, and a hint that replaces the code's."""

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
            read, first = read.removeprefix(BOM), False
        # The rest of the previous piece continues up to the first line end.
        end = read.find(b"\n")
        if len(rest) + (len(read) if end < 0 else end) > LONGEST_LINE:
            yield Piece(rest[:_PIECE], too_long=True)
            rest, read = b"", read[end + 1 :] if end >= 0 else _after_line(file)
        end = read.rfind(b"\n") + 1
        if end:
            yield Piece(b"".join((rest, memoryview(read)[:end])))
            rest = b""
        rest += read[end:]
    if rest:
        yield Piece(rest)


def _after_line(file: BinaryIO) -> bytes:
    """Skip the rest of a line, and return the part of the next one that was read."""
    while read := file.read(_PIECE):
        end = read.find(b"\n") + 1
        if end:
            # Only the start of the next line, so that the lines that follow are whole.
            return read[end:]
    return b""


def decode(line: bytes) -> Any:
    """Return the JSON value of a line, or the `LineFault` that explains why there is none."""
    try:
        return msgspec.json.decode(line)
    except UnicodeDecodeError as error:
        byte = error.object[error.start : error.start + 1].hex()
        text = f"is not valid UTF-8: byte 0x{byte}"
        if not_western(line):
            return LineFault("not-utf-8", text, _WITH_ENCODING)
        return LineFault("not-utf-8", f"{text}, as in Latin-1 or Windows-1252")
    except RecursionError:
        return LineFault("too-deep", "cannot be read as JSON: a value is nested too deeply")
    except (msgspec.MsgspecError, ValueError) as error:
        return _explained(line, str(error))


def repeated_key(line: bytes, encoded: bytes) -> str | None:
    """Return a key that an object of a line has twice; `encoded` is what the line was decoded to, as JSON."""
    # An object with a repeated key has more strings than the value that it is decoded to.
    if line.count(b'"') == encoded.count(b'"'):
        return None
    try:
        json.loads(line, object_pairs_hook=_unique)
    except _RepeatedKey as found:
        return found.key
    except (ValueError, RecursionError):
        return None
    return None


class _RepeatedKey(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _RepeatedKey(key)
        found[key] = value
    return found


def _explained(line: bytes, reason: str) -> LineFault:
    """Return the reason why a line is not JSON, naming common mistakes."""
    plain = line.strip(SPACES)
    if (fault := _surrounded_example(plain)) is not None:
        return fault
    if "out of range" in reason:
        return LineFault("number-too-large", "a number is too large")
    if "surrogate" in reason or re.search(rb"\\u[dD][89a-fA-F]", plain):
        return LineFault("lone-surrogate", "a string has half of a surrogate pair, such as \\ud83d")
    outside = _STRING.sub(b'""', plain)
    if found := re.search(rb"(?<![\w.])-?(NaN|Infinity)\b", outside):
        return LineFault("not-a-number", f"has {found.group().decode()}, which is not JSON")
    if _has_several_objects(outside):
        return LineFault("not-json", "has more than one object", REPAIR)
    if (fault := _misplaced_character(plain, outside)) is not None:
        return fault
    return LineFault("not-json", f"is not JSON: {reason}", _advice(outside))


_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')


def _surrounded_example(line: bytes) -> LineFault | None:
    """Return the fault of a line that is an example with something before or after it."""
    if line.endswith(b",") and not isinstance(decode(line[:-1]), LineFault):
        return LineFault("trailing-comma", "ends with a comma after its object")
    for mark, name in ((BOM, "a byte order mark"), (b"\x1e", "a record separator")):
        if line.startswith(mark) and not isinstance(decode(line.lstrip(mark)), LineFault):
            return LineFault("not-json", f"begins with {name}", REPAIR)
    return None


def _misplaced_character(line: bytes, outside: bytes) -> LineFault | None:
    if re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", outside):
        return LineFault("control-character", "has a control character outside its strings", "Remove it.")
    if re.search(rb"[\x00-\x1f]", b"".join(_STRING.findall(line))):
        return LineFault("control-character", "a string has a control character that is not escaped")
    if found := re.search(rb"[\x80-\xff]+", outside):
        sign = found.group().decode("utf-8", "replace")[0]
        return LineFault(
            "not-json", f"is not JSON: it has U+{ord(sign):04X} outside its strings", "Remove the character."
        )
    return None


_ADVICE = {
    b"//": "JSON has no comments: remove the line.",
    b"#": "JSON has no comments: remove the line.",
    b"```": "Remove the line: it is Markdown.",
    **dict.fromkeys((b"<<<<<<<", b"=======", b">>>>>>>"), "Resolve the merge conflict."),
}


def _has_several_objects(outside: bytes) -> bool:
    """Return whether an object follows another one, with only separators between them."""
    depth = 0
    for bracket in re.finditer(rb"[{}\[\]]", outside):
        depth += 1 if bracket[0] in b"{[" else -1
        if depth == 0 and _NEXT_OBJECT.match(outside, bracket.end()):
            return True
    return False


_NEXT_OBJECT = re.compile(SEPARATORS + rb"\{")


def _advice(outside: bytes) -> str:
    for beginning, advice in _ADVICE.items():
        if outside.startswith(beginning):
            return advice
    if outside.startswith((b"{'", b"[{'")):
        return "Write it with json.dumps: Python's own notation is not JSON."
    if b"}\\n{" in outside:
        return "Write a line break instead of a backslash and an n between the objects."
    if re.search(rb"\b(True|False|None)\b", outside):
        return "Write true, false and null in lower case, as json.dumps does."
    if re.search(rb",\s*[}\]]", outside):
        return "Remove the comma before the closing bracket."
    return ""
