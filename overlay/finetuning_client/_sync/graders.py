# Generated from _async/graders.py by `make generate`; do not edit.
"""`client.graders`: running and checking the graders of reinforcement training."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .methods_of_graders import GradersMethods

if TYPE_CHECKING:
    from finetuning_api.types import ApiObject

    from ..data.rewards import RewardTable


class Graders(GradersMethods):
    """Scoring of model outputs, as used by reinforcement fine-tuning."""

    def run_rows(
        self,
        path: str | os.PathLike[str],
        *,
        grader: ApiObject | Mapping[str, Any],
        model_sample: str | Callable[[Mapping[str, Any]], str],
        n: int = 20,
        seed: int = 0,
    ) -> RewardTable:
        """Run a grader on a random sample of the rows of a file (`runGrader` for each).

        Args:
            path: a JSON Lines file, such as the training file of a reinforcement job.
            grader: grader to run.
            model_sample: output to grade for each row: a string with placeholders, such as `{{item.answer}}`
                (which should get the best reward), or a function of the row.
            n: number of rows; all of them if the file has fewer.
            seed: a different seed gives a different sample.

        Returns the reward of each row, with their `mean` and a `table()` of them. Raises `DatasetError` for a
        file that cannot be read, `InvalidRequestError` before anything is sent, `ApiError`,
        `ConnectionFailed` or `InvalidResponse`.
        """
        from ..data.rows import as_path
        from ..plans import rewards

        plan = rewards.grade_rows(as_path(path), grader, model_sample, n, seed, self._settings)
        return self._driver.run(plan)
