"""An offline emulator of the fine-tuning API: jobs are timelines, and their metrics are simulated.

    from finetuning_emulator import Emulator

    with Emulator(speed=float("inf")) as emulator:
        print(emulator.base_url)

Names are loaded when they are first used, so that the command can report a missing dependency.
"""

from __future__ import annotations

from importlib import import_module

# Type checkers know this name; importing it from typing would load a large module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from finetuning_emulator.controls.clock import Clock
    from finetuning_emulator.emulator import Emulator
    from finetuning_emulator.errors import StateUnavailable

__all__ = ["Clock", "Emulator", "StateUnavailable"]

_MODULES = {"Clock": "controls.clock", "Emulator": "emulator", "StateUnavailable": "errors"}


def __getattr__(name: str) -> object:
    """Load a public name when it is first used."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    except ModuleNotFoundError as error:
        from finetuning_emulator.errors import missing_dependency

        raise missing_dependency(error) from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
