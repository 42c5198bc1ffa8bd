"""The command `finetuning`: the client for a terminal and for scripts.

`main` is the entry point. It handles `--version` itself, and names the command that installs the extra
`cli` if that is missing; everything else is in `application`, which needs the extra.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..version import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with `arguments`, or those of the process; return its exit code (see `exit_codes`)."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["--version"]:
        # Handled here, so that the version does not take the time to load the command line.
        sys.stdout.write(f"finetuning {__version__}\n")
        return 0
    try:
        from .application import run_command_line
    except KeyboardInterrupt:
        return 130
    except ModuleNotFoundError as error:
        if error.name != "click":
            raise
        from .installation import INSTALL_CLI

        sys.stderr.write(f"finetuning: the extra 'cli' is not installed: run {INSTALL_CLI}\n")
        return 3
    return run_command_line(given)
