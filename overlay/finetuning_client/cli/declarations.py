"""Commands and groups of `finetuning`: common options, an example in each help, groups loaded at use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .invocation import Invocation
from .output import FORMATS, Output

if TYPE_CHECKING:
    from .columns import Columns

F = TypeVar("F", bound=Callable[..., Any])

_SERVER_OPTIONS = ("profile", "base_url", "emulate", "speed")
_COMMON = (*_SERVER_OPTIONS, "quiet", "debug", "_click_default_help", "help")


def _store(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Store a common option; if it is not given, the value from an outer command stays."""
    if value and parameter.name:
        setattr(context.ensure_object(Invocation), parameter.name, value)


def profile_names(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Complete the name of a profile."""
    from ..errors import ConfigurationError
    from .profiles import read_config

    del context
    try:
        return [name for name in read_config().get("profiles", {}) if name.startswith(incomplete)]
    except ConfigurationError:
        return []


def _option(*names: str, **settings: Any) -> click.Option:
    return click.Option(names, expose_value=False, callback=_store, **settings)


def _server_options(*, hidden: bool = False) -> list[click.Parameter]:
    return [
        _option(
            "--profile",
            metavar="NAME",
            shell_complete=profile_names,
            hidden=hidden,
            help="Use the profile NAME.",
        ),
        _option(
            "--base-url",
            metavar="URL",
            hidden=hidden,
            help="Use the server at URL, which includes the API version.",
        ),
        _option(
            "--emulate",
            is_flag=True,
            hidden=hidden,
            help="Use a temporary emulator, which stops when the command ends.",
        ),
        _option(
            "--speed",
            type=click.FloatRange(min=0, min_open=True),
            metavar="FACTOR",
            hidden=hidden,
            help="Speed of the temporary emulator, 60 if not given; inf for no waiting.",
        ),
    ]


def _common_options(*, connects: bool) -> list[click.Parameter]:
    other = [
        _option(
            "--quiet", "-q", is_flag=True, help="Print only data and errors; for a new object, only its id."
        ),
        _option("--debug", is_flag=True, help="Show tracebacks."),
    ]
    return [*(_server_options() if connects else []), *other]


class _WithExamples(click.Command):
    """Help of a command: its own options, the common ones, examples."""

    examples: Sequence[str] = ()

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, the common ones separately."""
        own: list[tuple[str, str]] = []
        common: list[tuple[str, str]] = []
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            # Arguments are in the usage; some releases of click list them here without a text.
            if record is not None and record[1]:
                (common if parameter.name in _COMMON else own).append(record)
        for title, records in (("Options", own), ("Common options", common)):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        del ctx
        with formatter.section("Examples"):
            for example in self.examples:
                formatter.write(" " * formatter.current_indent + example + "\n")


class Command(_WithExamples):
    """A command with the common options and at least one example in its help.

    Args:
        examples: command lines, shown in the help.
        connects: whether the command uses a server, and has the options for that.
    """

    def __init__(self, *args: Any, examples: Sequence[str], connects: bool = True, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.examples = examples
        self.params.extend(_common_options(connects=connects))


def _show_help() -> None:
    """Show the help of a group whose command was not named."""
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


class Group(_WithExamples, click.Group):
    """A group whose commands are loaded when they are needed.

    Args:
        members: module and attribute of each command, and what it does if that is to be listed unloaded.
    """

    def __init__(
        self,
        *args: Any,
        members: Mapping[str, str | tuple[str, str]],
        examples: Sequence[str],
        **settings: Any,
    ) -> None:
        settings |= {"invoke_without_command": True, "callback": _show_help}
        super().__init__(*args, **settings)
        self.examples = examples
        self.params.extend(_common_options(connects=True))
        self._members = members

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        del ctx
        return list(self._members)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command."""
        del ctx
        entry = self._members.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = (entry if isinstance(entry, str) else entry[0]).partition(":")
        command: click.Command = getattr(import_module(f"{__package__}.commands.{module}"), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of the arguments; an error for an unknown one suggests a near one."""
        if not args[0].startswith("-") and args[0] not in self._members:
            from ..misspellings import near_name

            near = near_name(args[0], self._members)
            hint = f"did you mean {near!r}?" if near else f"the commands are {', '.join(self._members)}"
            raise click.UsageError(f"no command {args[0]!r}: {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with what they do."""
        rows = []
        for name, entry in self._members.items():
            command = None if isinstance(entry, tuple) else self.get_command(ctx, name)
            rows.append((name, command.get_short_help_str(80) if command else entry[1]))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, then the options."""
        self.format_commands(ctx, formatter)
        _WithExamples.format_options(self, ctx, formatter)


def command(name: str, *examples: str, connects: bool = True) -> Callable[[Callable[..., Any]], Command]:
    """Return a decorator that makes a function a command; its docstring is the help."""

    def decorate(function: Callable[..., Any]) -> Command:
        made = click.command(name, cls=Command, examples=examples, connects=connects)(function)
        assert isinstance(made, Command)
        if not connects:
            # Accepted without effect, so that every command accepts --emulate and --profile.
            own = {parameter.name for parameter in made.params}
            made.params.extend(one for one in _server_options(hidden=True) if one.name not in own)
        return made

    return decorate


class OutputOption(click.Option):
    """The option `--output`; its value is an `Output`, with the columns of the command."""

    def __init__(self, *args: Any, columns: Columns, **settings: Any) -> None:
        super().__init__(*args, callback=lambda _c, _p, name: Output(name, columns), **settings)
        self.columns = columns


def output_option(columns: Columns) -> Callable[[F], F]:
    """Return the option `--output` of a command whose data has these columns."""
    return click.option(
        "--output",
        "-o",
        cls=OutputOption,
        columns=columns,
        type=click.Choice(list(FORMATS)),
        default=FORMATS[0],
        show_default=True,
        help="Format of the data.",
    )


def yes_option(function: F) -> F:
    """Add `--yes`, which confirms without a question."""
    return click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")(function)


def force_option(function: F) -> F:
    """Add `--force`, which replaces a file; see `require_new`."""
    return click.option("--force", is_flag=True, help="Overwrite an existing file.")(function)


def require_new(path: Path, *, force: bool) -> None:
    """Raise an error for a file that exists, unless `--force` was given."""
    if path.exists() and not force:
        raise click.UsageError(f"{path} already exists: add --force to replace it or give another path")
