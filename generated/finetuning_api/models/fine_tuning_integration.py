from __future__ import annotations

from typing import Any, Literal

from attrs import define

from .. import models
from ..types import READ, ApiObject


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class FineTuningIntegration(ApiObject):
    """A service that a job reports to.

    Attributes:
        wandb: Run in Weights & Biases that the metrics go to.
        type: Always `wandb`, for Weights & Biases, the only service so far.
    """

    wandb: models.FineTuningIntegrationWandb
    type: Literal["wandb"] = "wandb"

    def _fill(self, src: dict[str, Any]) -> None:
        self.type = src["type"]
        self.wandb = READ["FineTuningIntegrationWandb"](v) if type(v := src["wandb"]) is dict else v
