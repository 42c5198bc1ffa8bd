"""The public names of the package `finetuning_emulator`."""

from __future__ import annotations

import subprocess
import sys

import pytest

import finetuning_emulator


def test_the_package_lists_only_its_public_names() -> None:
    """This holds after all its modules are loaded."""
    listing = (
        "import finetuning_emulator, finetuning_emulator.__main__\n"
        "finetuning_emulator.Emulator().close()\n"
        "print(*dir(finetuning_emulator))"
    )
    done = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["Clock", "Emulator", "StateUnavailable"]
    with pytest.raises(AttributeError, match="no attribute 'Server'"):
        getattr(finetuning_emulator, "Server")  # noqa: B009 - a type checker would refuse it
