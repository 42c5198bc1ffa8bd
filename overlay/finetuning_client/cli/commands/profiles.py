"""`finetuning profiles`: named servers and where their keys are."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from ..columns import item_column
from ..declarations import Group, command, output_option, profile_names, yes_option
from ..key_value import pair
from ..output import Output, write_list, write_one
from ..profiles import FIELDS

if TYPE_CHECKING:
    from ..invocation import Invocation

profiles = Group(
    "profiles",
    help=(
        "List and edit profiles: named servers and where their keys are.\n\n"
        "Profiles are stored in ~/.config/finetuning/config.toml, or in finetuning/config.toml under "
        "XDG_CONFIG_HOME."
    ),
    examples=(
        "finetuning profiles set local --base-url http://127.0.0.1:8000/v1 --key none",
        "finetuning jobs list --profile local",
    ),
    members={
        "list": "profiles:list_profiles",
        "show": "profiles:show",
        "set": "profiles:set_profile",
        "delete": "profiles:delete",
    },
)


_name_argument = click.argument("name", shell_complete=profile_names)


_IN_LISTS = ("name", "default", "base_url", "key")
_COLUMNS = tuple(item_column(name, wide=name not in _IN_LISTS) for name in ("name", "default", *FIELDS))


def _shown(name: str, fields: Mapping[str, Any], default: object) -> dict[str, Any]:
    """Return a profile as data, without a key in plain text."""
    hidden = {
        field: "plain:<hidden>"
        if field in ("key", "admin_key") and str(value).startswith("plain:")
        else value
        for field, value in fields.items()
    }
    return {"name": name, "default": name == default, **hidden}


@command("list", "finetuning profiles list", connects=False)
@output_option(_COLUMNS)
@click.pass_obj
def list_profiles(invocation: Invocation, output: Output) -> None:
    """List the profiles."""
    from ..profiles import config_path, read_config

    config = read_config()
    found = [_shown(n, fields, config.get("default")) for n, fields in config.get("profiles", {}).items()]
    if write_list(output, found) == 0:
        invocation.note(f"no profiles in {config_path()}")


@command("show", "finetuning profiles show local", connects=False)
@_name_argument
@output_option(_COLUMNS)
def show(name: str, output: Output) -> None:
    """Show a profile."""
    from ..profiles import read_config, read_profile

    found = read_profile(name)
    assert found is not None
    write_one(output, _shown(name, found.fields, read_config().get("default")))


@command(
    "set",
    "finetuning profiles set local --base-url http://127.0.0.1:8000/v1 --key none --limits none",
    "finetuning profiles set work --key keyring --default",
    "finetuning profiles set other --key env:OTHER_KEY --status-alias done=succeeded",
    "finetuning profiles set azure --azure-endpoint https://NAME.openai.azure.com --key env:AZURE_KEY",
    connects=False,
)
@_name_argument
@click.option("--base-url", metavar="URL", help="The URL of the API, including its version.")
@click.option(
    "--key",
    metavar="WHERE",
    help="env:NAME, keyring or none; plain puts the key into the file in plain text. "
    "With keyring and plain, the key is prompted for, or read from standard input.",
)
@click.option("--admin-key", metavar="WHERE", help="The same for the admin key.")
@click.option(
    "--status-alias",
    "aliases",
    type=pair,
    multiple=True,
    metavar="NAME=STATUS",
    help="Meaning of a status of this server, such as done=succeeded; repeatable.",
)
@click.option(
    "--limits", type=click.Choice(["contract", "none"]), help="Limits that requests are checked against."
)
@click.option("--organization", metavar="ID", help="The organization to use.")
@click.option("--project", metavar="ID", help="The project to use.")
@click.option(
    "--azure-endpoint",
    metavar="URL",
    help="Endpoint of an Azure resource, https://NAME.openai.azure.com; replaces --base-url.",
)
@click.option("--training-type", metavar="NAME", help="Azure only: Standard, GlobalStandard or Developer.")
@click.option("--allow-http/--no-allow-http", default=None, help="Allow plain HTTP to another machine.")
@click.option("--default", "is_default", is_flag=True, help="Use this profile if none is named.")
@click.pass_obj
def set_profile(
    invocation: Invocation,
    /,
    name: str,
    key: str | None,
    admin_key: str | None,
    aliases: tuple[tuple[str, str], ...],
    is_default: bool,
    **fields: Any,
) -> None:
    """Create a profile, or change fields of one."""
    from ..profile_writer import set_default, write_profile
    from ..profiles import config_path

    changes = {field: value for field, value in fields.items() if value is not None}
    for field, where in (("key", key), ("admin_key", admin_key)):
        if where is not None:
            changes[field] = _keep_key(name, field, where)
    if aliases:
        changes["statuses"] = dict(aliases)
    write_profile(name, changes)
    if is_default:
        set_default(name)
    invocation.note(f"profile {name!r} is saved in {config_path()}")


def _keep_key(profile: str, field: str, where: str) -> str:
    """Return the text for the file; a key in the keyring is put there."""
    from ..profiles import KEYRING_SERVICE, keyring, keyring_user

    if where == "none" or (where.startswith("env:") and where != "env:"):
        return where
    if where not in ("keyring", "plain"):
        raise click.UsageError(f"--{field.replace('_', '-')} {where}: write env:NAME, keyring, none or plain")
    store = keyring() if where == "keyring" else None
    if sys.stdin.isatty():
        secret = click.prompt("Key" if field == "key" else "Admin key", hide_input=True, err=True)
    else:
        secret = sys.stdin.readline().strip()
    if not secret:
        raise click.UsageError("the key is empty")
    if store is None:
        return f"plain:{secret}"
    from ...errors import ConfigurationError

    try:
        store.set_password(KEYRING_SERVICE, keyring_user(profile, field), secret)
    except Exception as error:
        raise ConfigurationError(f"the keyring cannot be written: {error}: use --key env:NAME") from error
    return "keyring"


@command("delete", "finetuning profiles delete local --yes", connects=False)
@_name_argument
@yes_option
@click.pass_obj
def delete(invocation: Invocation, name: str, yes: bool) -> None:
    """Delete a profile. A key in the keyring stays there."""
    from ..profile_writer import delete_profile
    from ..profiles import read_profile

    read_profile(name)
    invocation.confirm(f"Delete profile {name!r}?", yes=yes)
    delete_profile(name)
    invocation.note(f"deleted profile {name!r}")
