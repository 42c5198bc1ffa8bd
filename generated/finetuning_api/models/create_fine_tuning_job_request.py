from __future__ import annotations

from typing import Any

from attrs import define

from .. import models
from ..types import READ, READ_ALL, UNSET, ApiObject, Unset, warn_deprecated


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class CreateFineTuningJobRequest(ApiObject):
    """Model, files, method and options of a new job.

    Attributes:
        model: Model to start from, for instance `gpt-4o-mini-2024-07-18`, or a fine-tuned model to train further.
        training_file: Id of the file to train on: `.jsonl`, uploaded with the purpose `fine-tune`, in the chat,
            completions, preference or reinforcement format, as the model and the method require.
        validation_file: Id of a file in the same format, from which validation metrics are computed during
            training. It should share no examples with the training file.
        method: Training method. Supervised when left out.
        suffix: 1 to 64 characters that become part of the new model's name: with `weather`,
            `ft:gpt-4o-mini-2024-07-18:org:weather:7p4lURel`.
        seed: 0 to 2147483647. The same seed and settings nearly always give the same model. The server chooses a
            seed if this is left out.
        integrations: Up to 5 services that the job reports to.
        metadata: Pairs of strings to attach to the job; lists of jobs can be filtered by them.
        hyperparameters: Deprecated. Settings of supervised training, in the older form. Use `method` instead.
    """

    model: str
    training_file: str
    validation_file: str | None | Unset = UNSET
    method: models.FineTuneMethod | Unset = UNSET
    suffix: str | None | Unset = UNSET
    seed: int | None | Unset = UNSET
    integrations: list[models.FineTuningIntegration] | None | Unset = UNSET
    metadata: dict[str, str] | None | Unset = UNSET
    hyperparameters: models.FineTuneSupervisedHyperparameters | Unset = UNSET

    def __attrs_post_init__(self) -> None:
        warn_deprecated(self, "hyperparameters")

    def _fill(self, src: dict[str, Any]) -> None:
        self.model = src["model"]
        self.training_file = src["training_file"]
        self.validation_file = src["validation_file"]
        self.method = READ["FineTuneMethod"](v) if type(v := src["method"]) is dict else v
        self.suffix = src["suffix"]
        self.seed = src["seed"]
        self.integrations = v and READ_ALL["FineTuningIntegration"](v) if type(v := src["integrations"]) is list else v
        self.metadata = src["metadata"]
        self.hyperparameters = (
            READ["FineTuneSupervisedHyperparameters"](v) if type(v := src["hyperparameters"]) is dict else v
        )
