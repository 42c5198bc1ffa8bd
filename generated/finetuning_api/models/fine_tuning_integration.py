from __future__ import annotations

from typing import Any, Literal

from attrs import define

from ..types import ApiObject


@define(repr=False)
class FineTuningIntegration(ApiObject):
    """A service that a job reports to.

    Attributes:
        wandb: Where in Weights & Biases the metrics go.
        type: Always `wandb`, for Weights & Biases, the only service so far.
    """

    wandb: FineTuningIntegrationWandb
    type: Literal["wandb"] = "wandb"

    def _fill(self, src: dict[str, Any]) -> None:
        self.wandb = FineTuningIntegrationWandb.from_dict(v) if type(v := src["wandb"]) is dict else v
        self.type = src["type"]


from .fine_tuning_integration_wandb import FineTuningIntegrationWandb
