"""Graders, which are checked, and run without a model by deterministic rules."""

from __future__ import annotations

from finetuning_emulator.grading.graders import Grader, InvalidGrader, fields_read, read_grader
from finetuning_emulator.grading.runner import Result, run_grader
from finetuning_emulator.grading.templates import item_value

__all__ = ["Grader", "InvalidGrader", "Result", "fields_read", "item_value", "read_grader", "run_grader"]
