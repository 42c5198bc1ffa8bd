"""Files that an option or an argument names, read whole; `-` is the standard input."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

from ..errors import InvalidRequestError


def read_text_file(path: str) -> str:
    """Return the text of a file. Raises `InvalidRequestError`."""
    try:
        content = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return content.decode("utf-8-sig")
    except OSError as error:
        raise InvalidRequestError(f"{path}: {error.strerror}: give the path of a file") from error
    except UnicodeDecodeError as error:
        raise InvalidRequestError(f"{shown_path(path)}: not UTF-8 text") from error


def read_json_file(path: str) -> Any:
    """Return the JSON value in a file. Raises `InvalidRequestError`, with the line at fault."""
    text = read_text_file(path)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidRequestError(f"{shown_path(path)}:{error.lineno}: not JSON: {error.msg}") from error
    except RecursionError as error:
        raise InvalidRequestError(f"{shown_path(path)}: nested too deeply") from error


def shown_path(path: str) -> str:
    """Return the name of a file in messages."""
    return "standard input" if path == "-" else path


class StandardInput(io.BytesIO):
    """The content of the standard input, under its name in reports."""

    name = "standard input"

    def __init__(self) -> None:
        super().__init__(sys.stdin.buffer.read())
