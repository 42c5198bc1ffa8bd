"""`finetuning doctor`: checks of what works, with advice about the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..columns import attributes
from ..declarations import command, output_option
from ..output import Output, write_list, write_text

if TYPE_CHECKING:
    from ..invocation import Invocation

_STYLES = {"ok": "green", "warning": "yellow", "failed": "red"}


@command("doctor", "finetuning doctor", "finetuning doctor --profile local --output json")
@output_option(attributes("check", "status", "detail", "advice"))
@click.pass_obj
def doctor(invocation: Invocation, output: Output) -> int:
    """Check versions, key, base URL, connection and clock, and give advice. Exits with 1 if a check fails."""
    from .. import terminal
    from ..diagnosis import diagnose, worst

    found = list(diagnose(invocation))
    if output == "table":
        # Advice is a sentence, for which a column would be too narrow.
        for check in found:
            mark = terminal.paint(check.status.ljust(8), _STYLES[check.status])
            write_text(f"{mark} {check.check:11} {terminal.printable(check.detail)}")
            if check.advice:
                write_text(f"{'':20} -> {terminal.printable(check.advice)}")
    else:
        write_list(output, found)
    return worst(found)
