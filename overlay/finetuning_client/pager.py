"""Lists as the user sees them: iterate for the items of all pages, or `pages()` for one page at a time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import aclosing, closing
from typing import Generic, TypeVar

from .drivers import AsyncDriver, Driver
from .plans.pages import Listing, Page, pages
from .policies import Conduct

__all__ = ["AsyncPager", "Pager"]

T = TypeVar("T")


class Pager(Generic[T]):
    """A lazy list: nothing is requested before it is iterated, each iteration starts anew."""

    __slots__ = ("_conduct", "_driver", "_listing")

    def __init__(self, driver: Driver, listing: Listing[T], conduct: Conduct) -> None:
        self._driver = driver
        self._listing = listing
        self._conduct = conduct

    def __iter__(self) -> Iterator[T]:
        with closing(self.pages()) as found:
            for page in found:
                yield from page

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._listing.model.__name__}: iterate it>"

    def pages(self) -> Generator[Page[T], None, None]:
        """The pages, each requested when it is asked for."""
        return self._driver.stream(pages(self._listing, self._conduct))


class AsyncPager(Generic[T]):
    """`Pager` for `async for`."""

    __slots__ = ("_conduct", "_driver", "_listing")

    def __init__(self, driver: AsyncDriver, listing: Listing[T], conduct: Conduct) -> None:
        self._driver = driver
        self._listing = listing
        self._conduct = conduct

    async def __aiter__(self) -> AsyncIterator[T]:
        # Closed here, or a loop that ends early would leave it to the garbage collector.
        async with aclosing(self.pages()) as found:
            async for page in found:
                for item in page:
                    yield item

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._listing.model.__name__}: iterate it>"

    def pages(self) -> AsyncGenerator[Page[T], None]:
        """The pages, each requested when it is asked for."""
        return self._driver.stream(pages(self._listing, self._conduct))
