"""Operations on models: find, list, delete."""

from __future__ import annotations

from finetuning_emulator.controls.clock import Clock
from finetuning_emulator.errors import ApiError, not_found
from finetuning_emulator.simulation.base_models import BASE_MODELS, resolve_alias
from finetuning_emulator.state.models import ModelRow
from finetuning_emulator.state.store import Store

__all__ = ["Models"]


class Models:
    """The models of an organization: the base models, and the fine-tuned ones."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def get(self, name: str) -> ModelRow | None:
        """Return a fine-tuned model, None for a base model, or refuse the request with 404."""
        name = resolve_alias(name)
        if name in BASE_MODELS:
            return None
        row = self._store.models.get(name, self._clock.now())
        if row is None:
            raise not_found(f"The model '{name}' does not exist", param="model", code="model_not_found")
        return row

    def fine_tuned(self) -> list[ModelRow]:
        """Return the fine-tuned models, oldest first."""
        return self._store.models.all(self._clock.now())

    def delete(self, name: str) -> None:
        """Delete a fine-tuned model; a base model does not belong to the organization."""
        row = self.get(name)
        if row is None:
            raise ApiError(
                403,
                f"You have insufficient permissions to delete the model '{name}'.",
                param="model",
                code="insufficient_permissions",
            )
        self._store.models.delete(row.id)
