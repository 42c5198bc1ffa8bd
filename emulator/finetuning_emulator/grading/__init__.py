"""Grading without a model: graders are read strictly, and run by rules that give the same each time."""

from __future__ import annotations

from finetuning_emulator.grading.run import Result, run
from finetuning_emulator.grading.shapes import Grader, UnsoundGrader, read_grader

__all__ = ["Grader", "Result", "UnsoundGrader", "read_grader", "run"]
