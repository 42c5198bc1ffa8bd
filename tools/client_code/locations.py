"""Where the client is in the repository, and which of its files are generated."""

from __future__ import annotations

from pathlib import Path

__all__ = ["LAZY", "PACKAGE", "PLACES"]

PACKAGE = Path("overlay") / "finetuning_client"
# Packages whose names are loaded when they are first used.
LAZY = (PACKAGE, PACKAGE / "data", PACKAGE / "results")
# Directories and files that are generated whole.
PLACES = (
    PACKAGE / "_async" / "methods",
    PACKAGE / "_sync",
    PACKAGE / "plans" / "operations.py",
    PACKAGE / "methods" / "kinds.py",
    PACKAGE / "request_fields.py",
    PACKAGE / "statuses.py",
    PACKAGE / "views" / "objects.py",
    *(package / "__init__.pyi" for package in LAZY),
)
