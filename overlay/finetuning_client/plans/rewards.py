"""Grading a sample of the rows of a file: the rows are drawn first, then graded, a few at a time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ..data.rewards import ModelSample, RewardTable, reward_of, samples_to_grade
from ..operation_settings import Settings
from . import operations
from .effects import Plan, Together, Work

_AT_ONCE = 8


def grade_rows(
    path: Path, grader: Any, model_sample: ModelSample, n: int, seed: int, settings: Settings
) -> Plan[RewardTable]:
    """Run a grader on `n` random rows of a file. Raises the first error of any row."""
    samples: list[tuple[int, Mapping[str, Any], str]]
    samples = yield Work(partial(samples_to_grade, path, model_sample, n, seed))
    rewards = []
    for start in range(0, len(samples), _AT_ONCE):
        batch = samples[start : start + _AT_ONCE]
        plans = [
            operations.run_grader(settings, grader=grader, model_sample=output, item=row)
            for _, row, output in batch
        ]
        responses = yield Together(plans)
        for (line, row, output), response in zip(batch, responses, strict=True):
            if isinstance(response, Exception):
                raise response
            rewards.append(reward_of(line, row, output, response))
    return RewardTable(tuple(rewards))
