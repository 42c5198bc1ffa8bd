"""Changes of `config.toml` that keep everything else in it as it is, comments included."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError
from .profiles import config_path, read_config, require_fields

_NAME = re.compile(r"[A-Za-z0-9_-]+\Z")


def write_profile(name: str, changes: Mapping[str, Any]) -> None:
    """Set fields of a profile, `None` to remove one; the profile is made if there is none.

    Raises `ConfigurationError`.
    """
    if not _NAME.match(name):
        raise ConfigurationError(f"{name!r} is not a valid profile name: use letters, digits, - and _")
    fields = {**read_config().get("profiles", {}).get(name, {}), **changes}
    fields = {field: value for field, value in fields.items() if value is not None}
    require_fields(name, fields, lambda _header, _field: str(config_path()))
    lines = [f"[profiles.{name}]", *(f"{field} = {_toml(value)}" for field, value in fields.items())]
    _write(_replaced(_text(), name, lines))


def delete_profile(name: str) -> None:
    """Remove a profile."""
    text = _replaced(_text(), name, [])
    if read_config().get("default") == name:
        text = _with_default(text, None)
    _write(text)


def set_default(name: str) -> None:
    """Make a profile the default one."""
    _write(_with_default(_text(), name))


def _text() -> str:
    try:
        return config_path().read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{config_path()}: {error}") from error


def _replaced(text: str, name: str, lines: list[str]) -> str:
    """Return the text with the table of a profile, and the tables in it, replaced by lines."""
    header = re.compile(rf"\s*\[profiles\.(\"?){re.escape(name)}\1(\.|\s*\])")
    kept: list[str] = []
    place: int | None = None
    is_own = False
    for line in text.splitlines():
        if line.lstrip().startswith("["):
            is_own = bool(header.match(line))
            if is_own and place is None:
                place = len(kept)
        if not is_own:
            kept.append(line)
        elif not line.strip() or line.lstrip().startswith("#"):
            # Blank lines and comments may belong to what follows.
            kept.append(line)
    place = len(kept) if place is None else place
    before = [""] if lines and place and kept[place - 1].strip() else []
    return "\n".join([*kept[:place], *before, *lines, *kept[place:]]).strip("\n") + "\n"


def _with_default(text: str, name: str | None) -> str:
    kept = [line for line in text.splitlines() if not re.match(r"default\s*=", line)]
    first = [] if name is None else [f"default = {_toml(name)}", ""]
    return "\n".join([*first, *kept]).lstrip("\n") + "\n"


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(item)}" for key, item in value.items()) + " }"
    # JSON strings, numbers and booleans are valid TOML, except for escapes above U+FFFF.
    return json.dumps(value, ensure_ascii=False)


def _write(text: str) -> None:
    """Write the file whole or not at all, readable for its owner alone."""
    path = config_path()
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} would no longer be valid ({error}): edit it by hand") from error
    unfinished = Path(f"{path}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123  a descriptor
            file.write(text)
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise ConfigurationError(f"{path} cannot be written: {error}") from error
