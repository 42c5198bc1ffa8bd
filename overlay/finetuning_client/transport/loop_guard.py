"""Guard of an asynchronous connection pool against use in more than one event loop."""

from __future__ import annotations

from ..errors import ConfigurationError


class LoopGuard:
    """Remembers the event loop in which a connection pool was first used."""

    def __init__(self) -> None:
        self._loop: object = None

    def require(self) -> None:
        """Raise `ConfigurationError` in any other loop, where the pool's connections would fail or hang."""
        # Loaded here, since only an asynchronous client that is used needs it.
        from anyio.lowlevel import current_token

        here: object = current_token()
        if self._loop is None:
            self._loop = here
        # Newer versions of anyio return a new object for each call.
        if self._loop != here:
            raise ConfigurationError(
                "the client cannot be used here: its connections belong to another event loop. "
                "Create one client for each event loop"
            )
