# Generated from _async/resource_base.py by `make generate`; do not edit.
"""Base of a client's resources: what they use to run their plans."""

from __future__ import annotations

from ..holders import HoldsClient, made_by
from ..operation_settings import Settings
from ..transport.drivers import Driver


@made_by("a client")
class Resource(HoldsClient):
    """A group of operations of one client."""

    def __init__(self, driver: Driver, settings: Settings) -> None:
        self._driver = driver
        self._settings = settings

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self._driver.connection.base_url}>"
