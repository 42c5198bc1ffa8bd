"""Files of JSON that an option or an argument names."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from ..errors import InvalidRequestError


def read_json_file(path: str) -> Any:
    """Return the content of a file, or of the standard input for `-`. Raises `InvalidRequestError`."""
    try:
        content = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return json.loads(content.decode("utf-8-sig"))
    except OSError as error:
        raise InvalidRequestError(f"{path}: {error.strerror}: give the path of a JSON file") from error
    except json.JSONDecodeError as error:
        raise InvalidRequestError(f"{path}:{error.lineno}: not JSON: {error.msg}") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequestError(f"{path}: not JSON in UTF-8") from error
