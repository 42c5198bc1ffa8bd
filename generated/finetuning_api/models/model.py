from __future__ import annotations

from typing import Any, Literal

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class Model(ApiObject):
    """A model.

    Attributes:
        id: Id of the model, to be used in requests.
        object: Always `model`.
        created: When the model was created, in Unix seconds.
        owned_by: Organization that owns the model.
        shutdown_date: Day on which the model will be shut down, `YYYY-MM-DD`; null when none is announced.
    """

    id: str
    object: Literal["model"] = "model"
    created: int | Unset = UNSET
    owned_by: str | Unset = UNSET
    shutdown_date: str | None | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.id = src["id"]
        self.object = src["object"]
        self.created = src["created"]
        self.owned_by = src["owned_by"]
        self.shutdown_date = src["shutdown_date"]
