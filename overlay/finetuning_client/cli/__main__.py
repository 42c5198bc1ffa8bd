"""`python -m finetuning_client.cli` is the command `finetuning`."""

from __future__ import annotations

import sys

from . import main

if __name__ == "__main__":
    sys.exit(main())
