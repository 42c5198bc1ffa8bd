from __future__ import annotations

from typing import Any

from attrs import define

from ..types import UNSET, ApiObject, Unset, members


@define(repr=False)
class FineTuneMethod(ApiObject):
    """A method of training, with the settings under the field of the same name.

    Attributes:
        type: Which method it is.
        supervised: Settings when `type` is `supervised`.
        dpo: Settings when `type` is `dpo`.
        reinforcement: Settings when `type` is `reinforcement`.
    """

    type: FineTuneMethodType
    supervised: FineTuneSupervisedMethod | Unset = UNSET
    dpo: FineTuneDPOMethod | Unset = UNSET
    reinforcement: FineTuneReinforcementMethod | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.type = _FineTuneMethodType[v] if type(v := src["type"]) is str else v
        self.supervised = FineTuneSupervisedMethod.from_dict(v) if type(v := src["supervised"]) is dict else v
        self.dpo = FineTuneDPOMethod.from_dict(v) if type(v := src["dpo"]) is dict else v
        self.reinforcement = FineTuneReinforcementMethod.from_dict(v) if type(v := src["reinforcement"]) is dict else v


from .fine_tune_dpo_method import FineTuneDPOMethod
from .fine_tune_method_type import FineTuneMethodType
from .fine_tune_reinforcement_method import FineTuneReinforcementMethod
from .fine_tune_supervised_method import FineTuneSupervisedMethod

_FineTuneMethodType = members(FineTuneMethodType)
