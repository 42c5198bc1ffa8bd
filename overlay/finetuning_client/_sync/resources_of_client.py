# Generated from _async/resources_of_client.py by `make generate`; do not edit.
"""Resources of a client, generated from openapi.yaml by `make generate`; do not edit."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from .resource_base import Resource

if TYPE_CHECKING:
    from ..operation_settings import Settings
    from ..transport.drivers import Driver
    from .files import Files
    from .graders import Graders
    from .jobs import Jobs
    from .methods_of_models import Models
    from .permissions import Permissions
    from .uploads import Uploads

__all__ = ["Checkpoints", "Resources"]


class Resources:
    """Resources of a client: attributes that are created when they are first used."""

    _driver: Driver
    _settings: Settings

    @cached_property
    def jobs(self) -> Jobs:
        """Fine-tuning jobs, from creation to the finished model."""
        from .jobs import Jobs

        return Jobs(self._driver, self._settings)

    @cached_property
    def checkpoints(self) -> Checkpoints:
        """Resources that belong to checkpoints."""
        return Checkpoints(self._driver, self._settings)

    @cached_property
    def graders(self) -> Graders:
        """Scoring of model outputs, as used by reinforcement fine-tuning."""
        from .graders import Graders

        return Graders(self._driver, self._settings)

    @cached_property
    def files(self) -> Files:
        """Files that jobs train on, and the result files that jobs produce."""
        from .files import Files

        return Files(self._driver, self._settings)

    @cached_property
    def uploads(self) -> Uploads:
        """Large files sent in parts."""
        from .uploads import Uploads

        return Uploads(self._driver, self._settings)

    @cached_property
    def models(self) -> Models:
        """Base models and fine-tuned models."""
        from .methods_of_models import Models

        return Models(self._driver, self._settings)


class Checkpoints(Resource):
    """Resources that belong to checkpoints."""

    @cached_property
    def permissions(self) -> Permissions:
        """Which projects of an organization may use fine-tuned checkpoints. Needs an admin key."""
        from .permissions import Permissions

        return Permissions(self._driver, self._settings)
