from __future__ import annotations

from typing import Any

from attrs import define

from .. import models
from ..types import READ, UNSET, ApiObject, Members, Unset

_FineTuneMethodType = Members("FineTuneMethodType")


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class FineTuneMethod(ApiObject):
    """A method of training, with its settings in the field of the same name.

    Attributes:
        type: Name of the method.
        supervised: Settings when `type` is `supervised`.
        dpo: Settings when `type` is `dpo`.
        reinforcement: Settings when `type` is `reinforcement`.
    """

    type: models.FineTuneMethodType
    supervised: models.FineTuneSupervisedMethod | Unset = UNSET
    dpo: models.FineTuneDPOMethod | Unset = UNSET
    reinforcement: models.FineTuneReinforcementMethod | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.type = _FineTuneMethodType[v] if type(v := src["type"]) is str else v
        self.supervised = READ["FineTuneSupervisedMethod"](v) if type(v := src["supervised"]) is dict else v
        self.dpo = READ["FineTuneDPOMethod"](v) if type(v := src["dpo"]) is dict else v
        self.reinforcement = READ["FineTuneReinforcementMethod"](v) if type(v := src["reinforcement"]) is dict else v
