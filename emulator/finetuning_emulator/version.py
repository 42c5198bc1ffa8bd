"""The version of the installed distribution."""

from __future__ import annotations

__all__ = ["emulator_version"]


def emulator_version() -> str:
    """Return the version of `finetuning-client`, which contains the emulator; "unknown" without metadata."""
    # Imported here: loading it takes longer than starting the emulator's server.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("finetuning-client")
    except PackageNotFoundError:
        return "unknown"
