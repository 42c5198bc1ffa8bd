from __future__ import annotations

from typing import Any, Self

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False)
class FineTuningJobEventData(ApiObject):
    """Metrics of one training step. Those of validation come only with a validation file; methods other than
    supervised add their own.

    Attributes:
        step: Number of the step, from 1.
        total_steps: Number of steps that the job has in all.
        train_loss: Loss on the step's training batch.
        train_mean_token_accuracy: Share of the tokens of the training batch predicted right, 0 to 1.
        valid_loss: Loss on a batch of the validation file.
        valid_mean_token_accuracy: Share of the tokens of the validation batch predicted right, 0 to 1.
        full_valid_loss: Loss on the whole validation file, at the end of an epoch.
        full_valid_mean_token_accuracy: Share of the tokens of the whole validation file predicted right, 0 to 1.
    """

    step: int | None | Unset = UNSET
    total_steps: int | None | Unset = UNSET
    train_loss: float | None | Unset = UNSET
    train_mean_token_accuracy: float | None | Unset = UNSET
    valid_loss: float | None | Unset = UNSET
    valid_mean_token_accuracy: float | None | Unset = UNSET
    full_valid_loss: float | None | Unset = UNSET
    full_valid_mean_token_accuracy: float | None | Unset = UNSET

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(
            src["step"],
            src["total_steps"],
            src["train_loss"],
            src["train_mean_token_accuracy"],
            src["valid_loss"],
            src["valid_mean_token_accuracy"],
            src["full_valid_loss"],
            src["full_valid_mean_token_accuracy"],
        )
