from __future__ import annotations

from typing import Any, Self

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False)
class FineTuningIntegrationWandb(ApiObject):
    """A run in Weights & Biases.

    Attributes:
        project: Project that the run is made in.
        name: Name shown for the run. The job's id when left out.
        entity: User or team that the run belongs to. The default of the registered key when left out.
        tags: Tags of the run, beside those that the service adds itself.
    """

    project: str
    name: str | None | Unset = UNSET
    entity: str | None | Unset = UNSET
    tags: list[str] | Unset = UNSET

    @classmethod
    def _read(cls, src: dict[str, Any]) -> Self:
        return cls(src["project"], src["name"], src["entity"], src["tags"])
