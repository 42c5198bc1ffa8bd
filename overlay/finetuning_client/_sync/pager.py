# Generated from _async/pager.py by `make generate`; do not edit.
"""Lists of objects: iterate for the items of all pages, or `pages()` for one page at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Generic, TypeVar

from ..plans.cursor import Listing, Page, pages
from ..settings import Settings
from ..transport.drivers import Driver

T = TypeVar("T")


class Pager(Generic[T]):
    """A lazy list: nothing is requested before it is iterated; each iteration starts at the beginning."""

    __slots__ = ("_driver", "_listing", "_settings")

    def __init__(self, driver: Driver, listing: Listing[T], settings: Settings) -> None:
        self._driver = driver
        self._listing = listing
        self._settings = settings

    def __iter__(self) -> Iterator[T]:
        # Closed here, or a loop that ends early would leave it to the garbage collector.
        with closing(self.pages()) as found:
            for page in found:
                for item in page:
                    yield item

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._listing.model.__name__}: iterate it>"

    def pages(self) -> Generator[Page[T], None, None]:
        """Yield the pages, each requested when it is needed."""
        return self._driver.stream(pages(self._listing, self._settings))
