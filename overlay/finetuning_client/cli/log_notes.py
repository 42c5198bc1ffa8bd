"""Log records of the client as notes for people: an attempt that is made again, a warning."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable

from .terminal import is_terminal, printable

_RETRY = re.compile(
    r".*: retrying in (?P<delay>\S+ s) \(attempt \d+ failed: (?P<reason>.*?)(?: \(\d+ attempts?\))?\)\Z"
)
_LOGGER = logging.getLogger("finetuning_client")


class LogNotes(logging.Handler):
    """A handler that writes the records of the client as notes, until it is closed.

    In a terminal the user sees that a server that is down is tried again; scripts want only its end.

    Args:
        note: writes a note in a style.
    """

    def __init__(self, note: Callable[[str, str], None]) -> None:
        super().__init__(logging.INFO)
        self._note = note
        self._earlier = _LOGGER.level, _LOGGER.propagate
        _LOGGER.addHandler(self)
        _LOGGER.setLevel(logging.INFO)
        # Else a library that configures logging would write them twice.
        _LOGGER.propagate = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record as a note."""
        if record.levelno < logging.WARNING and not is_terminal(sys.stderr):
            return
        text = " ".join(record.getMessage().split())
        if found := _RETRY.match(text):
            text = f"{found['reason']}: trying again in {found['delay']}"
        self._note(printable(text), "yellow" if record.levelno >= logging.WARNING else "dim")

    def close(self) -> None:
        """Leave the logger as it was."""
        _LOGGER.removeHandler(self)
        level, _LOGGER.propagate = self._earlier
        _LOGGER.setLevel(level)
        super().close()
