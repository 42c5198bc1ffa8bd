"""Operations on the permissions of checkpoints: create, list, delete."""

from __future__ import annotations

from collections.abc import Iterable

from finetuning_emulator.controls.clock import Clock
from finetuning_emulator.errors import not_found
from finetuning_emulator.identifiers import new_id
from finetuning_emulator.state.permissions import PermissionRow
from finetuning_emulator.state.store import Store

__all__ = ["Permissions"]


class Permissions:
    """The permissions of an organization's checkpoints."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def check_checkpoint(self, checkpoint: str) -> None:
        """Refuse the request with 404 unless the checkpoint exists."""
        if self._store.models.get(checkpoint, self._clock.now()) is None:
            raise not_found(
                f"The checkpoint '{checkpoint}' does not exist",
                param="fine_tuned_model_checkpoint",
                code="model_not_found",
            )

    def create(self, checkpoint: str, project_ids: Iterable[str]) -> list[PermissionRow]:
        """Grant permissions to projects; a project that already has one keeps it."""
        wanted = list(dict.fromkeys(project_ids))
        new = [(new_id("cp_"), project_id) for project_id in wanted]
        self._store.permissions.add(checkpoint, new, self._clock.now(), self._clock.anchor())
        found = (self._store.permissions.of_project(checkpoint, project_id) for project_id in wanted)
        return [row for row in found if row is not None]

    def find(self, checkpoint: str, identifier: str) -> PermissionRow | None:
        """Return a permission of this checkpoint, or None."""
        return self._store.permissions.get(checkpoint, identifier)

    def page(
        self,
        checkpoint: str,
        *,
        project_id: str | None,
        after: PermissionRow | None,
        limit: int,
        newest: bool,
    ) -> list[PermissionRow]:
        """Return permissions after a cursor, newest or oldest first."""
        return self._store.permissions.page(
            checkpoint, project_id=project_id, after=after, limit=limit, newest=newest
        )

    def delete(self, checkpoint: str, identifier: str) -> None:
        """Delete a permission, or refuse the request with 404."""
        if self.find(checkpoint, identifier) is None:
            raise not_found(f"No such permission: {identifier}", param="permission_id")
        self._store.permissions.delete(identifier, self._clock.anchor())
