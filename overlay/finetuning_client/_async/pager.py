"""Lists of objects: iterate for the items of all pages, or `pages()` for one page at a time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Generic, TypeVar

from ..plans.cursor import Listing, Page, pages
from ..settings import Settings
from ..transport.drivers import AsyncDriver

T = TypeVar("T")


class AsyncPager(Generic[T]):
    """A lazy list: nothing is requested before it is iterated; each iteration starts at the beginning."""

    __slots__ = ("_driver", "_listing", "_settings")

    def __init__(self, driver: AsyncDriver, listing: Listing[T], settings: Settings) -> None:
        self._driver = driver
        self._listing = listing
        self._settings = settings

    async def __aiter__(self) -> AsyncIterator[T]:
        # Closed here, or a loop that ends early would leave it to the garbage collector.
        async with aclosing(self.pages()) as found:
            async for page in found:
                for item in page:
                    yield item

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._listing.model.__name__}: iterate it>"

    def pages(self) -> AsyncGenerator[Page[T], None]:
        """Yield the pages, each requested when it is needed."""
        return self._driver.stream(pages(self._listing, self._settings))
