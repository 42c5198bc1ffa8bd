"""Locations of the client in the repository, and of its generated files."""

from __future__ import annotations

from pathlib import Path

__all__ = ["LAZY", "METHODS_OF", "PACKAGE", "RESOURCES", "generated"]

PACKAGE = Path("overlay") / "finetuning_client"
# Packages whose names are loaded when they are first used.
LAZY = (PACKAGE, PACKAGE / "data", PACKAGE / "results")
# Names of the generated modules in `_async`: one for each resource or handle, and one for the client.
METHODS_OF = "methods_of_"
RESOURCES = "resources_of_client"
# Directories and files that are generated completely; `*` stands for names from the contract.
_PLACES = (
    PACKAGE / "_async" / f"{METHODS_OF}*.py",
    PACKAGE / "_async" / f"{RESOURCES}.py",
    PACKAGE / "_sync",
    PACKAGE / "plans" / "operations.py",
    PACKAGE / "methods" / "kinds.py",
    PACKAGE / "request_fields.py",
    PACKAGE / "statuses.py",
    PACKAGE / "views" / "objects.py",
    *(package / "__init__.pyi" for package in LAZY),
)


def generated(root: Path) -> list[Path]:
    """Return the generated files that a repository has, by their paths relative to its directory `root`."""
    found = [path for place in _PLACES for path in sorted(root.glob(place.as_posix()))]
    files = [file for path in found for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    return [file.relative_to(root) for file in files]
