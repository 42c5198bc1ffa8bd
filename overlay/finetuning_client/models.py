"""`client.models`: the models that can be used, base and fine-tuned, blocking and awaited."""

from __future__ import annotations

from finetuning_api.api.models import delete_model, retrieve_model
from finetuning_api.models.delete_model_response import DeleteModelResponse
from finetuning_api.models.model import Model

from .drivers import AsyncDriver, Driver
from .handles import Context
from .pager import AsyncPager, Pager
from .plans import listings
from .plans.effects import Request
from .plans.exchange import fetch, remove

__all__ = ["AsyncModels", "Models"]


class Models:
    """The models that this key may use."""

    def __init__(self, context: Context[Driver]) -> None:
        self._context = context

    def list(self, *, limit: int | None = None) -> Pager[Model]:
        """The models (`listModels` in the contract); `limit` cuts the list."""
        return Pager(self._context.driver, listings.models(limit=limit), self._context.conduct)

    def retrieve(self, model: str) -> Model:
        """Read what the service says of a model (`retrieveModel`). Raises `NotFound`."""
        request = Request.of(retrieve_model.build_request, model)
        return self._context.driver.run(fetch(request, self._context.conduct, Model, "id"))

    def delete(self, model: str) -> DeleteModelResponse:
        """Delete a fine-tuned model (`deleteModel`); an owner's right. Raises `NotFound`."""
        request = Request.of(delete_model.build_request, model)
        return self._context.driver.run(remove(request, _gone(model), self._context.conduct))


class AsyncModels:
    """The models that this key may use. `Models` has the details."""

    def __init__(self, context: Context[AsyncDriver]) -> None:
        self._context = context

    def list(self, *, limit: int | None = None) -> AsyncPager[Model]:
        """The models; see `Models.list`."""
        return AsyncPager(self._context.driver, listings.models(limit=limit), self._context.conduct)

    async def retrieve(self, model: str) -> Model:
        """Read what the service says of a model (`retrieveModel`). Raises `NotFound`."""
        request = Request.of(retrieve_model.build_request, model)
        return await self._context.driver.run(fetch(request, self._context.conduct, Model, "id"))

    async def delete(self, model: str) -> DeleteModelResponse:
        """Delete a fine-tuned model; see `Models.delete`."""
        request = Request.of(delete_model.build_request, model)
        return await self._context.driver.run(remove(request, _gone(model), self._context.conduct))


def _gone(model: str) -> DeleteModelResponse:
    return DeleteModelResponse(id=model, object="model", deleted=True)
