from __future__ import annotations

from typing import Any

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class FineTuningIntegrationWandb(ApiObject):
    """A run in Weights & Biases.

    Attributes:
        project: Project that the run is created in.
        name: Name shown for the run. The job's id when left out.
        entity: User or team that the run belongs to. The default of the registered key when left out.
        tags: Tags of the run, in addition to those that the service adds itself.
    """

    project: str
    name: str | None | Unset = UNSET
    entity: str | None | Unset = UNSET
    tags: list[str] | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.project = src["project"]
        self.name = src["name"]
        self.entity = src["entity"]
        self.tags = src["tags"]
