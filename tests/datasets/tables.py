"""Files with one planted fault each, and good but unusual files; the client and the emulator must agree."""

from __future__ import annotations

from .bad_conversations import BAD_CONVERSATIONS
from .bad_files import BAD_FILES
from .bad_lines import BAD_LINES
from .bad_pairs_and_rows import BAD_COMPLETIONS, BAD_PAIRS, BAD_ROWS
from .bad_tools import BAD_TOOLS
from .examples import File, planted
from .good_files import GOOD

FAULTS: list[File] = [
    *(planted(*row) for row in (*BAD_LINES, *BAD_CONVERSATIONS, *BAD_TOOLS)),
    *(planted(*row, method="dpo") for row in BAD_PAIRS),
    *(planted(*row, method="reinforcement") for row in BAD_ROWS),
    *(planted(*row, model="babbage-002") for row in BAD_COMPLETIONS),
    *BAD_FILES,
]
"""Files with one planted fault each."""

__all__ = ["FAULTS", "GOOD"]
