"""An offline server for the fine-tuning API: jobs are timelines, and their metrics simulated."""

from __future__ import annotations

from finetuning_emulator.clock import Clock
from finetuning_emulator.errors import StateUnavailable
from finetuning_emulator.server import Emulator

__all__ = ["Clock", "Emulator", "StateUnavailable"]
