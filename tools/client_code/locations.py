"""Locations of the client in the repository, and of its generated files."""

from __future__ import annotations

from pathlib import Path

__all__ = ["LAZY", "PACKAGE", "PLACES"]

PACKAGE = Path("overlay") / "finetuning_client"
# Packages whose names are loaded when they are first used.
LAZY = (PACKAGE, PACKAGE / "data", PACKAGE / "results")
# Directories and files that are generated completely.
PLACES = (
    PACKAGE / "_async" / "methods",
    PACKAGE / "_sync",
    PACKAGE / "plans" / "operations.py",
    PACKAGE / "methods.py",
    PACKAGE / "request_fields.py",
    PACKAGE / "statuses.py",
    PACKAGE / "views.py",
    *(package / "__init__.pyi" for package in LAZY),
)
