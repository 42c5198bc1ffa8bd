"""Profiles: named servers in `config.toml`, with their base URL, key, statuses and limits.

    default = "local"

    [profiles.local]
    base_url = "http://127.0.0.1:8000/v1"
    key = "env:LOCAL_KEY"
    limits = "none"
    statuses = { done = "succeeded" }

`key` says where the key is: `env:NAME` in an environment variable, `keyring` in the keyring of the system,
`none` for a server that needs none. `plain:sk-...` has the key itself in plain text, if you choose that.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import ConfigurationError
from ..misspellings import near_name

KEYRING_SERVICE = "finetuning-client"
"""The name under which the keyring has the keys; the user name is that of the profile."""

AZURE_FIELDS = ("azure_endpoint", "training_type")
"""Fields of a profile for Azure, as arguments of `FineTuning.azure` have them."""

FIELDS = (
    *("base_url", "key", "admin_key", "statuses", "limits", "organization", "project", "key_header"),
    *("allow_http", "timeout", *AZURE_FIELDS),
)
"""The fields of a profile."""


def key_variable(options: Mapping[str, Any]) -> str:
    """Return the environment variable that has the key where a profile does not say where it is."""
    return "AZURE_OPENAI_API_KEY" if "azure_endpoint" in options else "OPENAI_API_KEY"


class Profile(NamedTuple):
    """A profile: its name, and its fields as they are in the file."""

    name: str
    fields: Mapping[str, Any]

    def client_options(self) -> dict[str, Any]:
        """Return the arguments of a client. Raises `ConfigurationError` where a key cannot be had."""
        options = {name: value for name, value in self.fields.items() if name not in ("key", "admin_key")}
        for field, argument in (("key", "api_key"), ("admin_key", "admin_key")):
            if field in self.fields:
                options[argument] = self._key(field)
        return options

    def _key(self, field: str) -> str:
        source, _, rest = self.fields[field].partition(":")
        return _READERS[source](self, field, rest)


def config_path() -> Path:
    """Return the path of `config.toml`, which need not exist."""
    folder = os.environ.get("XDG_CONFIG_HOME")
    return (Path(folder) if folder else Path.home() / ".config") / "finetuning" / "config.toml"


def read_profile(name: str | None) -> Profile | None:
    """Return the profile `name`, or the default one for `None`, if there is one.

    Raises `ConfigurationError` for a file that cannot be read, and for a profile that does not exist.
    """
    config = read_config()
    chosen = name or os.environ.get("FINETUNING_PROFILE") or config.get("default")
    if chosen is None:
        return None
    found = config.get("profiles", {}).get(chosen)
    if found is None:
        near = near_name(str(chosen), config.get("profiles", {}))
        known = "run finetuning profiles list to see those that exist"
        known = known if config.get("profiles") else f"run finetuning profiles set {chosen} to create it"
        hint = f": did you mean {near!r}?" if near else f": {known}"
        raise ConfigurationError(f"there is no profile {chosen!r} in {config_path()}{hint}")
    return Profile(chosen, found)


def read_config() -> dict[str, Any]:
    """Return the content of `config.toml`, checked; empty without a file. Raises `ConfigurationError`."""
    path, text = config_path(), ""
    try:
        text = path.read_text(encoding="utf-8")
        config = tomllib.loads(text)
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8 text: correct the file or remove it") from error
    except tomllib.TOMLDecodeError as error:
        position = re.compile(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)")
        message = position.sub(lambda found: f"{found[2] or len(text.splitlines())}: {found[1]}", str(error))
        raise ConfigurationError(f"{path}:{message}: correct the file or remove it") from error
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}: correct the file or remove it") from error

    def place(header: str, field: str) -> str:
        line = _line(text, header, field)
        return f"{path}:{line}" if line else str(path)

    for field in config:
        if field not in ("default", "profiles"):
            near = near_name(field, ("default", "profiles"))
            hint = f"did you mean {near!r}?" if near else "the known keys are default and [profiles.NAME]"
            raise ConfigurationError(f"{place('', field)}: unknown key {field!r}: {hint}")
    profiles = config.get("profiles", {})
    if not isinstance(profiles, dict) or not isinstance(config.get("default", ""), str):
        raise ConfigurationError(f"{path}: profiles must be tables [profiles.NAME]; default must be a name")
    for name, fields in profiles.items():
        require_fields(name, fields, place)
    return config


def _line(text: str, header: str, field: str) -> int | None:
    """Return the line of a field in the table of a header, from 1, or of the header; `None` if unknown."""
    at, found = "", None
    for number, line in enumerate(text.splitlines(), start=1):
        if table := re.match(r"\s*\[([^\]]+)\]", line):
            at = table[1].replace('"', "").replace(" ", "")
            if at in (header, field) or at.startswith(f"{field}."):
                found = number
        elif at == header and re.match(rf"\s*\"?{re.escape(field)}\"?\s*[.=]", line):
            return number
    return found


def require_fields(name: str, fields: object, place: Callable[[str, str], str]) -> None:
    """Raise `ConfigurationError` for a field of a profile that is unknown or has a value that is none.

    `place` returns where the field of a table is, for messages.
    """
    header = f"profiles.{name}"
    if not isinstance(fields, dict):
        raise ConfigurationError(f"{place('profiles', name)}: [{header}] must be a table")
    for field, value in fields.items():
        if field not in FIELDS:
            near = "key" if field == "api_key" else near_name(field, FIELDS)
            hint = f"did you mean {near!r}?" if near else f"the known fields are {', '.join(FIELDS)}"
            where = place(header, field)
            raise ConfigurationError(f"{where}: profile {name!r}: unknown field {field!r}: {hint}")
        is_good, wanted = _RULES.get(field, _TEXT)
        if not is_good(value):
            raise ConfigurationError(f"{place(header, field)}: profile {name!r}: {field} must be {wanted}")
    if "azure_endpoint" in fields and (other := {"base_url", "key_header"} & set(fields)):
        where = place(header, min(other))
        raise ConfigurationError(
            f"{where}: profile {name!r}: azure_endpoint already implies {min(other)}: remove one of them"
        )
    if "training_type" in fields and "azure_endpoint" not in fields:
        where = place(header, "training_type")
        raise ConfigurationError(f"{where}: profile {name!r}: training_type needs azure_endpoint")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_source(value: object) -> bool:
    """Return whether a value says where a key is."""
    source, _, rest = value.partition(":") if isinstance(value, str) else ("", "", "")
    return source in _READERS and bool(rest) == (source in ("env", "plain"))


def _is_text_map(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


_TEXT: tuple[Callable[[object], bool], str] = (_is_text, "a string in quotes")
_SOURCE: tuple[Callable[[object], bool], str] = (_is_source, "env:NAME, keyring, none or plain:KEY")
_RULES: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "key": _SOURCE,
    "admin_key": _SOURCE,
    "limits": (lambda value: value in ("contract", "none"), '"contract" or "none"'),
    "allow_http": (lambda value: isinstance(value, bool), "true or false"),
    "statuses": (_is_text_map, 'a table such as { done = "succeeded" }'),
    "timeout": (
        lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value > 0,
        "a number of seconds above 0",
    ),
}


def keyring() -> Any:
    """Return the module `keyring`. Raises `ConfigurationError` if it is not installed."""
    try:
        import keyring  # type: ignore[import-not-found,unused-ignore]  # pyright: ignore[reportMissingImports]
    except ModuleNotFoundError as error:
        raise ConfigurationError("keyring keys need the keyring package: run pip install keyring") from error
    return keyring


def keyring_user(profile: str, field: str) -> str:
    """Return the user name under which the keyring has a key of a profile."""
    return profile if field == "key" else f"{profile}:{field}"


def _from_environment(profile: Profile, field: str, name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise ConfigurationError(
            f"profile {profile.name!r}: {field} is read from ${name}, which is not set: set it"
        )
    return value


def _from_keyring(profile: Profile, field: str, _: str) -> str:
    try:
        value = keyring().get_password(KEYRING_SERVICE, keyring_user(profile.name, field))
    except ConfigurationError:
        raise
    except Exception as error:
        raise ConfigurationError(f"profile {profile.name!r}: the keyring cannot be read: {error}") from error
    if not value:
        raise ConfigurationError(
            f"profile {profile.name!r}: the keyring has no {field}: "
            f"run finetuning profiles set {profile.name} --{field.replace('_', '-')} keyring"
        )
    return str(value)


_READERS: Mapping[str, Callable[[Profile, str, str], str]] = {
    "env": _from_environment,
    "keyring": _from_keyring,
    "none": lambda *_: "unused",
    "plain": lambda _profile, _field, rest: rest,
}
