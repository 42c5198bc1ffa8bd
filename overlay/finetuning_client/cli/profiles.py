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
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import ConfigurationError

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
        reader = _READERS.get(source)
        if reader is None or bool(rest) != (source in ("env", "plain")):
            raise ConfigurationError(
                f"profile {self.name!r}: {field} must be env:NAME, keyring, none or plain:KEY: "
                f"run finetuning profiles set {self.name} --key env:NAME"
            )
        return reader(self, field, rest)


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
        from difflib import get_close_matches

        near = get_close_matches(str(chosen), list(config.get("profiles", {})), n=1)
        known = "finetuning profiles list shows those there are"
        known = known if config.get("profiles") else f"finetuning profiles set {chosen} makes it"
        hint = f": did you mean {near[0]!r}?" if near else f": {known}"
        raise ConfigurationError(f"there is no profile {chosen!r} in {config_path()}{hint}")
    return Profile(chosen, found)


def read_config() -> dict[str, Any]:
    """Return the content of `config.toml`, checked; empty without a file. Raises `ConfigurationError`."""
    path = config_path()
    try:
        config = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path}: {error}: correct the file, or remove it") from error
    profiles = config.get("profiles", {})
    if not isinstance(profiles, dict) or not isinstance(config.get("default", ""), str):
        raise ConfigurationError(f"{path}: profiles must be tables [profiles.NAME], and default a name")
    for name, fields in profiles.items():
        require_fields(name, fields, str(path))
    return config


def require_fields(name: str, fields: object, where: str) -> None:
    """Raise `ConfigurationError` for a field of a profile that is unknown or of a wrong type."""
    if not isinstance(fields, dict):
        raise ConfigurationError(f"{where}: [profiles.{name}] must be a table")
    for field, value in fields.items():
        if field not in FIELDS:
            from difflib import get_close_matches

            near = get_close_matches(field, FIELDS, n=1)
            if field == "api_key":
                near = ["key"]
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(FIELDS)}"
            raise ConfigurationError(f"{where}: profile {name!r}: unknown field {field!r}: {hint}")
        if not _FIELD_TYPES.get(field, _is_text)(value):
            raise ConfigurationError(f"{where}: profile {name!r}: {field} has a value of a wrong type")
    if "azure_endpoint" in fields and (other := {"base_url", "key_header"} & set(fields)):
        raise ConfigurationError(
            f"{where}: profile {name!r}: azure_endpoint already implies {min(other)}: remove one of them"
        )
    if "training_type" in fields and "azure_endpoint" not in fields:
        raise ConfigurationError(f"{where}: profile {name!r}: training_type needs azure_endpoint")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_text_map(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


_FIELD_TYPES: Mapping[str, Callable[[object], bool]] = {
    "allow_http": lambda value: isinstance(value, bool),
    "statuses": _is_text_map,
    "timeout": lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value > 0,
}


def keyring() -> Any:
    """Return the module `keyring`. Raises `ConfigurationError` if it is not installed."""
    try:
        import keyring  # type: ignore[import-not-found,unused-ignore]  # pyright: ignore[reportMissingImports]
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "keys in the keyring need the package keyring: run pip install keyring"
        ) from error
    return keyring


def keyring_user(profile: str, field: str) -> str:
    """Return the user name under which the keyring has a key of a profile."""
    return profile if field == "key" else f"{profile}:{field}"


def _from_environment(profile: Profile, field: str, name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise ConfigurationError(f"profile {profile.name!r}: {field} is in ${name}, which is not set: set it")
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
            f"run finetuning profiles set {profile.name} --key keyring"
        )
    return str(value)


_READERS: Mapping[str, Callable[[Profile, str, str], str]] = {
    "env": _from_environment,
    "keyring": _from_keyring,
    "none": lambda *_: "unused",
    "plain": lambda _profile, _field, rest: rest,
}
