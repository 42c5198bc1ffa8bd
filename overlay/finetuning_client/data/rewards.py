"""Rewards that a grader gives for a sample of rows, as a table, before you pay for a job."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import fmean
from typing import Any, TypeAlias

import attrs
import msgspec

from ..errors import DatasetError, InvalidRequestError, Problem
from ..misspellings import near_name
from .field_paths import look_up, steps_of
from .sampling import sampled_rows

ModelSample: TypeAlias = str | Callable[[Mapping[str, Any]], str]
"""Output to grade: a string with placeholders such as `{{item.answer}}`, or a function of the row."""

_ITEM = re.compile(r"\{\{\s*item\.([^{}]+?)\s*\}\}")
_SHOWN = 40


@attrs.frozen(kw_only=True)
class Reward:
    """Reward of one row.

    Attributes:
        line: line of the row in the file.
        item: the row.
        model_sample: the output that was graded.
        reward: the reward.
        sub_rewards: rewards of the graders inside a multi grader, by name.
        errors: names of what went wrong, such as `invalid_variable_error`; the reward is then meaningless.
    """

    line: int
    item: Mapping[str, Any]
    model_sample: str
    reward: float
    sub_rewards: Mapping[str, float]
    errors: tuple[str, ...]


@attrs.frozen
class RewardTable:
    """Rewards of a sample of rows, in the order of the file.

    Attributes:
        rewards: a reward for each row.
    """

    rewards: tuple[Reward, ...]

    def __iter__(self) -> Iterator[Reward]:
        return iter(self.rewards)

    def __len__(self) -> int:
        return len(self.rewards)

    @property
    def mean(self) -> float:
        """Mean reward of the rows that were graded without errors; 0 if none was."""
        return fmean(found) if (found := [r.reward for r in self.rewards if not r.errors]) else 0.0

    @property
    def failed(self) -> int:
        """Number of rows that were graded with errors."""
        return sum(bool(reward.errors) for reward in self.rewards)

    def table(self) -> str:
        """Return the rewards as text, one row per line, with the mean below."""
        names = list(dict.fromkeys(name for reward in self.rewards for name in reward.sub_rewards))
        rows = [["line", "reward", *names, "output", "errors"]]
        for reward in self.rewards:
            parts = [_number(reward.sub_rewards.get(name)) for name in names]
            output = _shown(reward.model_sample)
            rows.append([str(reward.line), _number(reward.reward), *parts, output, ", ".join(reward.errors)])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        failed = f", {self.failed} with errors" if self.failed else ""
        return "\n".join([*lines, f"mean reward {self.mean:.3f} of {len(self)} rows{failed}"])


def samples_to_grade(
    path: Path, model_sample: ModelSample, n: int, seed: int
) -> list[tuple[int, Mapping[str, Any], str]]:
    """Return the line, the row and the output to grade of a random sample of rows.

    Raises `DatasetError` for a row that has no field that a placeholder of `model_sample` names.
    """
    return [(line, row, _output(path, line, row, model_sample)) for line, row in sampled_rows(path, n, seed)]


def reward_of(line: int, item: Mapping[str, Any], model_sample: str, response: Mapping[str, Any]) -> Reward:
    """Return the reward in a response of `runGrader`."""
    metadata = response.get("metadata")
    flags = metadata.get("errors") if isinstance(metadata, Mapping) else None
    parts = response.get("sub_rewards")
    reward = response.get("reward")
    return Reward(
        line=line,
        item=item,
        model_sample=model_sample,
        reward=reward if isinstance(reward, int | float) else 0.0,
        sub_rewards=parts if isinstance(parts, Mapping) else {},
        errors=tuple(k for k, v in flags.items() if v is True) if isinstance(flags, Mapping) else (),
    )


def _output(path: Path, line: int, row: Mapping[str, Any], model_sample: ModelSample) -> str:
    if callable(model_sample):
        found = model_sample(row)
        if not isinstance(found, str):
            raise InvalidRequestError.of("model_sample", "a function that returns a string", found)
        return found
    if not isinstance(model_sample, str):
        raise InvalidRequestError.of("model_sample", "a string, or a function that returns one", model_sample)
    return _ITEM.sub(lambda match: _field(path, line, row, match[1]), model_sample)


def _field(path: Path, line: int, row: Mapping[str, Any], name: str) -> str:
    steps = steps_of(name)
    try:
        value = look_up(row, steps) if steps is not None else row[name]
    except LookupError:
        near = near_name(name, row)
        hint = f": did you mean {near!r}?" if near else f": it has {', '.join(map(str, row))}"
        problem = Problem(line, f"has no {name!r}, which model_sample reads{hint}")
        raise DatasetError(f"{path}, {problem}", path=str(path), problems=(problem,)) from None
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
