"""`finetuning doctor`: what works, and what to do about the rest."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

import click

from ..declarations import command, output_option
from ..output import Column, write_list

if TYPE_CHECKING:
    from ..invocation import Invocation

_STYLES = {"ok": "green", "warning": "yellow", "failed": "red"}

_COLUMNS = (
    Column("check", attrgetter("check")),
    Column("status", attrgetter("status"), lambda check: _STYLES[check.status]),
    Column("detail", attrgetter("detail")),
    Column("advice", attrgetter("advice")),
)


@command("doctor", "finetuning doctor", "finetuning doctor --profile local --output json")
@output_option()
@click.pass_obj
def doctor(invocation: Invocation, output: str) -> int:
    """Check versions, key, base URL, connection and clock, with advice. Exits with 1 if a check fails."""
    from .. import terminal
    from ..diagnosis import diagnose, worst

    found = list(diagnose(invocation))
    if output == "table":
        # Advice is a sentence, for which a column would be too narrow.
        for check in found:
            mark = terminal.paint(check.status.ljust(8), _STYLES[check.status])
            click.echo(f"{mark} {check.check:11} {terminal.printable(check.detail)}")
            if check.advice:
                click.echo(f"{'':20} -> {terminal.printable(check.advice)}")
    else:
        write_list(output, found, _COLUMNS)
    return worst(found)
