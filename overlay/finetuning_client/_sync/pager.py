# Generated from _async/pager.py by `make generate`; do not edit.
"""Lists of objects: iterate over one for the items of all pages, or over `pages()` for a page at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Generic, TypeVar

from ..holders import HoldsClient, made_by
from ..operation_settings import Settings
from ..plans.list_pages import Listing, Page, Span, pages
from ..slices import Items
from ..transport.drivers import Driver

T = TypeVar("T")


@made_by("the list methods of a client")
class Pager(HoldsClient, Generic[T]):
    """A lazy list: nothing is requested until it is iterated; each iteration starts at the beginning.

    A slice such as `[:10]` reads only as many items as it needs.
    """

    __slots__ = ("_driver", "_listing", "_settings", "_span")
    _instead = "pickle its items or their ids"

    def __init__(
        self, driver: Driver, listing: Listing[T], settings: Settings, span: Span | None = None
    ) -> None:
        self._driver = driver
        self._listing = listing
        self._settings = settings
        self._span = span or Span()

    def __iter__(self) -> Iterator[T]:
        position = 0
        # Closed here, so that a loop that ends early does not leave it to the garbage collector.
        with closing(self.pages()) as found:
            for page in found:
                for item in page:
                    if position in self._span:
                        yield item
                    position += 1

    def __getitem__(self, index: slice) -> Items[T]:
        span = Span.of(index)
        listing = span.cut(self._listing)
        return Items(Pager(self._driver, listing, self._settings, span))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._listing.described}: iterate it, or use first() or a slice>"

    def _repr_html_(self) -> str:
        from ..views.html_tables import items_html

        return items_html(self, self._listing.described)

    def first(self) -> T | None:
        """Return the first item, in one request; `None` if the list is empty."""
        found = self[:1]
        return found[0] if found else None

    def pages(self) -> Generator[Page[T], None, None]:
        """Yield the pages, each requested when it is needed."""
        return self._driver.stream(pages(self._listing, self._settings))
