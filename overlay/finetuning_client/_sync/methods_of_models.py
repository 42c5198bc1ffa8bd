# Generated from _async/methods_of_models.py by `make generate`; do not edit.
"""Plain methods of `client.models`, generated from openapi.yaml by `make generate`; do not edit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..plans import operations
from .pager import Pager
from .resource_base import Resource

if TYPE_CHECKING:
    from ..views import Deleted, Model

__all__ = ["Models"]


class Models(Resource):
    """Base models and fine-tuned models."""

    def list(self, *, limit: int | None = None) -> Pager[Model]:
        """List models.

        All models that the key may use, fine-tuned ones included. Not paginated.

        Args:
            limit: maximum number of items; `None` for all.

        Returns `Pager[Model]`: the items of all pages, each page requested when it is needed. Source:
        `listModels` in the contract. Raises `InvalidRequestError` before anything is sent, `ApiError`,
        `ConnectionFailed` or `InvalidResponse`.
        """
        from ..views import Model

        listing = operations.list_models(partial(Model, statuses=self._settings.statuses), limit=limit)
        return Pager(self._driver, listing, self._settings)

    def retrieve(self, model: str) -> Model:
        """Retrieve a model.

        Who owns a model, and when it was created.

        Args:
            model: Id of the model, for instance `gpt-4o-mini` or `ft:…`.

        Returns `Model`. Source: `retrieveModel` in the contract. Raises `InvalidRequestError` before anything
        is sent, `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        from ..views import Model

        plan = operations.retrieve_model(model, self._settings)
        return Model(self._driver.run(plan), self._settings.statuses)

    def delete(self, model: str) -> Deleted:
        """Delete a fine-tuned model.

        Deletes a model that the organization has fine-tuned. Only organization owners can delete models.

        Args:
            model: Id of the fine-tuned model to delete, `ft:…`.

        Returns `Deleted`. Source: `deleteModel` in the contract. Raises `InvalidRequestError` before anything
        is sent, `ApiError`, `ConnectionFailed` or `InvalidResponse`.
        """
        from ..views import Deleted

        plan = operations.delete_model(model, self._settings)
        return Deleted(self._driver.run(plan), self._settings.statuses)
