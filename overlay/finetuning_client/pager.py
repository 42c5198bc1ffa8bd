"""Lists as the user sees them: iterate for the items of all pages, or `pages()` for one page at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Generic, TypeVar

from .drivers import AsyncDriver, Driver
from .plans.pages import Listing, Page, pages
from .policies import RetryPolicy

__all__ = ["AsyncPager", "Pager"]

T = TypeVar("T")


class Pager(Generic[T]):
    """A lazy list: nothing is requested before it is iterated, each iteration starts anew."""

    __slots__ = ("_driver", "_listing", "_retry")

    def __init__(self, driver: Driver, listing: Listing[T], retry: RetryPolicy) -> None:
        self._driver = driver
        self._listing = listing
        self._retry = retry

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page

    def pages(self) -> Iterator[Page[T]]:
        """The pages, each requested when it is asked for."""
        return self._driver.stream(pages(self._listing, self._retry))


class AsyncPager(Generic[T]):
    """`Pager` for `async for`."""

    __slots__ = ("_driver", "_listing", "_retry")

    def __init__(self, driver: AsyncDriver, listing: Listing[T], retry: RetryPolicy) -> None:
        self._driver = driver
        self._listing = listing
        self._retry = retry

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page:
                yield item

    def pages(self) -> AsyncIterator[Page[T]]:
        """The pages, each requested when it is asked for."""
        return self._driver.stream(pages(self._listing, self._retry))
