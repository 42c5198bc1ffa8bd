"""Resources of a client, generated from openapi.yaml by `make generate`; do not edit."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from .resource_base import AsyncResource

if TYPE_CHECKING:
    from ..operation_settings import Settings
    from ..transport.drivers import AsyncDriver
    from .files import AsyncFiles
    from .graders import AsyncGraders
    from .jobs import AsyncJobs
    from .methods_of_models import AsyncModels
    from .permissions import AsyncPermissions
    from .uploads import AsyncUploads

__all__ = ["AsyncCheckpoints", "AsyncResources"]


class AsyncResources:
    """Resources of a client: attributes that are created when they are first used."""

    _driver: AsyncDriver
    _settings: Settings

    @cached_property
    def jobs(self) -> AsyncJobs:
        """Fine-tuning jobs, from creation to the finished model."""
        from .jobs import AsyncJobs

        return AsyncJobs(self._driver, self._settings)

    @cached_property
    def checkpoints(self) -> AsyncCheckpoints:
        """Resources that belong to checkpoints."""
        return AsyncCheckpoints(self._driver, self._settings)

    @cached_property
    def graders(self) -> AsyncGraders:
        """Scoring of model outputs, as used by reinforcement fine-tuning."""
        from .graders import AsyncGraders

        return AsyncGraders(self._driver, self._settings)

    @cached_property
    def files(self) -> AsyncFiles:
        """Files that jobs train on, and the result files that jobs produce."""
        from .files import AsyncFiles

        return AsyncFiles(self._driver, self._settings)

    @cached_property
    def uploads(self) -> AsyncUploads:
        """Large files sent in parts."""
        from .uploads import AsyncUploads

        return AsyncUploads(self._driver, self._settings)

    @cached_property
    def models(self) -> AsyncModels:
        """Base models and fine-tuned models."""
        from .methods_of_models import AsyncModels

        return AsyncModels(self._driver, self._settings)


class AsyncCheckpoints(AsyncResource):
    """Resources that belong to checkpoints."""

    @cached_property
    def permissions(self) -> AsyncPermissions:
        """Which projects of an organization may use fine-tuned checkpoints. Needs an admin key."""
        from .permissions import AsyncPermissions

        return AsyncPermissions(self._driver, self._settings)
