"""Guard of an asynchronous connection pool against use in more than one event loop."""

from __future__ import annotations

from ..errors import ConfigurationError


class LoopGuard:
    """Remembers the event loop in which a connection pool was first used."""

    def __init__(self) -> None:
        self._loop: object = None

    def require(self) -> None:
        """Raise `ConfigurationError` in any other loop, where the pool's connections would fail or hang."""
        here = _current_loop()
        if self._loop is None:
            self._loop = here
        if self._loop is not here:
            raise ConfigurationError(
                "the client cannot be used here: its connections belong to another event loop. "
                "Create one client for each event loop"
            )


_marks: object = None


def _current_loop() -> object:
    """Return an object that represents the running event loop, of asyncio or trio."""
    from anyio.lowlevel import RunVar

    global _marks  # noqa: PLW0603  made when first used, since anyio is loaded only then
    if _marks is None:
        _marks = RunVar[object]("finetuning_client_loop")
    assert isinstance(_marks, RunVar)
    try:
        return _marks.get()
    except LookupError:
        mark = object()
        _marks.set(mark)
        return mark
