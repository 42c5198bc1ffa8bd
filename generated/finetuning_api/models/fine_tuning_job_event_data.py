from __future__ import annotations

from typing import Any

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class FineTuningJobEventData(ApiObject):
    """Metrics of one training step. Validation metrics are present only with a validation file; methods other than
    supervised add metrics of their own.

    Attributes:
        step: Number of the step, from 1.
        total_steps: Total number of steps in the job.
        train_loss: Loss on the step's training batch.
        train_mean_token_accuracy: Share of the tokens in the training batch that were predicted correctly, 0 to
            1.
        valid_loss: Loss on a batch of the validation file.
        valid_mean_token_accuracy: Share of the tokens in the validation batch that were predicted correctly, 0 to
            1.
        full_valid_loss: Loss on the whole validation file, at the end of an epoch.
        full_valid_mean_token_accuracy: Share of the tokens in the whole validation file that were predicted
            correctly, 0 to 1.
    """

    step: int | None | Unset = UNSET
    total_steps: int | None | Unset = UNSET
    train_loss: float | None | Unset = UNSET
    train_mean_token_accuracy: float | None | Unset = UNSET
    valid_loss: float | None | Unset = UNSET
    valid_mean_token_accuracy: float | None | Unset = UNSET
    full_valid_loss: float | None | Unset = UNSET
    full_valid_mean_token_accuracy: float | None | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.step = src["step"]
        self.total_steps = src["total_steps"]
        self.train_loss = src["train_loss"]
        self.train_mean_token_accuracy = src["train_mean_token_accuracy"]
        self.valid_loss = src["valid_loss"]
        self.valid_mean_token_accuracy = src["valid_mean_token_accuracy"]
        self.full_valid_loss = src["full_valid_loss"]
        self.full_valid_mean_token_accuracy = src["full_valid_mean_token_accuracy"]
