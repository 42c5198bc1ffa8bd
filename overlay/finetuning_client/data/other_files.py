"""Recognition of files that are not JSON Lines in UTF-8, by their beginnings."""

from __future__ import annotations

import re
import shlex
from typing import Any

from .lines import BOM, REPAIR, LineFault, decode

HEAD = 64 * 1024
"""Number of bytes at the beginning of a file by which its kind is recognised."""

_EXPORT = "Export the table as CSV, and run finetuning data convert on it."
_BY_HAND = "Load it in Python, and write each example with json.dumps."
# The first bytes of a file, the code of the finding, the name of the kind, and the advice.
_KINDS = [
    (re.compile(pattern, re.DOTALL), code, name, hint)
    for pattern, code, name, hint in (
        (rb"\x1f\x8b", "compressed", "gzip", f"{REPAIR} Or run gunzip FILE, whose name must end in .gz."),
        (rb"BZh", "compressed", "bzip2", "Run bunzip2 FILE."),
        (rb"\xfd7zXZ\0", "compressed", "xz", "Run unxz FILE."),
        (rb"\x28\xb5\x2f\xfd", "compressed", "Zstandard", "Run unzstd FILE."),
        (rb"\x04\x22\x4d\x18", "compressed", "LZ4", "Run unlz4 FILE."),
        (rb"PK\x03\x04", "compressed", "a zip archive, as are .xlsx files", f"Run unzip FILE. {_EXPORT}"),
        (rb"7z\xbc\xaf\x27\x1c", "compressed", "a 7z archive", "Run 7z x FILE."),
        (rb"Rar!", "compressed", "a RAR archive", "Run unrar x FILE."),
        (rb".{257}ustar", "compressed", "a tar archive", "Run tar -xf FILE."),
        (rb"PAR1", "compressed", "Parquet", "Run finetuning data convert FILE, or call data.convert(FILE)."),
        (rb"ARROW1", "compressed", "Arrow", _EXPORT),
        (rb"\0+$", "not-json-lines", "nothing but zero bytes", "Copy or download the file again."),
        (rb"%PDF-", "not-json-lines", "a PDF", _BY_HAND),
        (rb"SQLite format 3\0", "not-json-lines", "an SQLite database", _EXPORT),
        (rb"\x80[\x02-\x05]", "not-json-lines", "a Python pickle", _BY_HAND),
        (rb"\x89PNG|\xff\xd8\xff|GIF8", "not-json-lines", "an image", "Choose another file."),
        (rb"\xd0\xcf\x11\xe0", "not-json-lines", "an Office document", _EXPORT),
        (rb"\xff\xfe|\xfe\xff", "utf-16", "in UTF-16 or UTF-32, not in UTF-8", ""),
    )
]
_TEXTS = [
    (re.compile(pattern), name, hint)
    for pattern, name, hint in (
        (rb"version https://git-lfs", "a Git LFS pointer, not the file itself", "Run git lfs pull."),
        (
            rb"<[a-zA-Z!?]",
            "HTML or XML, perhaps an error page",
            "Open it to see what it is, and download the file again.",
        ),
        (rb"---\s*\n", "YAML", _BY_HAND),
    )
]
_SAMPLE = 512


def recognised(head: bytes) -> LineFault | None:
    """Return what kind of file it is, judging by its beginning, if it cannot be JSON Lines in UTF-8."""
    if (kind := other_encoding(head)) is not None:
        return kind
    text = head.removeprefix(BOM).lstrip()
    return _other_text(text) or _other_json(text, len(head)) or _table(text)


def other_encoding(head: bytes) -> LineFault | None:
    """Return what a file is, by its beginning, if it is compressed, binary, or in UTF-16."""
    for beginning, code, name, hint in _KINDS:
        if beginning.match(head):
            return LineFault(code, f"the file is {name}", hint)
    if _has_zeros(head):
        return LineFault("utf-16", "the file is in UTF-16 or UTF-32, not in UTF-8")
    return None


def named(hint: str, path: str) -> str:
    """Return a hint with the name of the file, quoted for a shell and for Python."""
    return hint.replace("(FILE", f"({path!r}").replace("FILE", shlex.quote(path))


def _other_text(text: bytes) -> LineFault | None:
    for beginning, name, hint in _TEXTS:
        if beginning.match(text):
            return LineFault("not-json-lines", f"the file is {name}", hint)
    if _is_binary(text):
        return LineFault("not-json-lines", "the file is not text", "Choose another file.")
    if _ends_with_cr(text):
        return LineFault("not-json-lines", "the lines end with CR only, not with LF", REPAIR)
    return None


def _other_json(text: bytes, size: int) -> LineFault | None:
    first, _, more = text.partition(b"\n")
    if isinstance(decode(first), LineFault) and isinstance(_next_value(more), LineFault):
        if text.startswith(b"["):
            return LineFault("json-array", "the file is one JSON array, not one JSON object per line")
        if _is_spread(first, more):
            return LineFault("pretty-printed", "an example is spread over several lines")
    elif not more.strip() and (_is_array(first) or (size == HEAD and text.startswith(b"[{"))):
        # The only line, or one that is longer than the part that was read.
        return LineFault("json-array", "the file is one JSON array, not one JSON object per line")
    return None


def _next_value(more: bytes) -> Any:
    """Return the value of the next line that is not blank; `None` if there is none, or it is cut off."""
    line, _, rest = more.lstrip().partition(b"\n")
    return decode(line) if line and (rest or len(more) < HEAD // 2) else None


def _is_binary(text: bytes) -> bool:
    """Return whether a beginning has many control characters, and none of it is JSON."""
    sample = text[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls * 20 > len(sample) and not text.startswith((b"{", b"[", b"\x1e"))


_CONTROLS = bytes({*range(32)} - {*b"\t\n\r"})


def _has_zeros(head: bytes) -> bool:
    """Return whether every second one of the first bytes is zero, as in UTF-16 without a mark."""
    return len(head) >= 4 and (not any(head[:8:2]) or not any(head[1:8:2]))


def _ends_with_cr(text: bytes) -> bool:
    """Return whether a text has CR line ends, as on the classic Mac OS."""
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
    """Recognise delimited values: a first line of plain words, and later lines with as many values."""
    lines = text.splitlines()[:3]
    if len(lines) < 2 or lines[0].lstrip().startswith((b"{", b"[")):
        return None
    for separator in (b",", b"\t", b";", b"|"):
        names = lines[0].split(separator)
        if len(names) > 1 and all(re.fullmatch(rb'\s*"?[\w .-]{1,64}"?\s*', name) for name in names):
            return LineFault("csv", f"the file is a table, separated by {separator.decode()!r}")
    return None
