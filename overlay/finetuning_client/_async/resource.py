"""Base of the resources of a client: what they run their plans with."""

from __future__ import annotations

from ..settings import Settings
from ..transport.drivers import AsyncDriver


class AsyncResource:
    """A group of operations of one client."""

    def __init__(self, driver: AsyncDriver, settings: Settings) -> None:
        self._driver = driver
        self._settings = settings

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self._driver.connection.base_url}>"
