"""Graders: checked, and run without a model by deterministic rules."""

from __future__ import annotations

from finetuning_emulator.grading.graders import Grader, InvalidGrader, paths_in_item, read_grader
from finetuning_emulator.grading.runner import Result, run_grader
from finetuning_emulator.grading.templates import has_path

__all__ = ["Grader", "InvalidGrader", "Result", "has_path", "paths_in_item", "read_grader", "run_grader"]
