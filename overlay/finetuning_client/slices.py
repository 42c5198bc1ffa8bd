"""Parts of lists: the result of slicing a pager, for either kind of client."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")

Items = list
"""The items of a slice of a blocking pager, which are read at once."""


class AsyncItems(Generic[T]):
    """The items of a slice of an asynchronous pager: `await` it for a list, or use `async for`."""

    __slots__ = ("_source",)

    def __init__(self, source: AsyncIterable[T]) -> None:
        self._source = source

    def __aiter__(self) -> AsyncIterator[T]:
        return aiter(self._source)

    def __await__(self) -> Generator[Any, Any, list[T]]:
        return self._all().__await__()

    def __repr__(self) -> str:
        return f"<AsyncItems: a slice of {self._source!r}>"

    async def _all(self) -> list[T]:
        return [item async for item in self._source]
