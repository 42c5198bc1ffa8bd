"""Lists, page by page: `pages` follows the cursor of a list endpoint until the list or the limit ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ..errors import InvalidRequestError
from ..policies import Conduct
from .effects import Emit, Plan, Request, Stream
from .exchange import exchange, invalid, read_object

__all__ = ["Listing", "Page", "as_listed", "every_item", "one_page", "pages"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, in the server's order.

    Attributes:
        data: its items.
        has_more: whether the server says that more follow.
    """

    data: list[T]
    has_more: bool

    def __iter__(self) -> Iterator[T]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """What to list, and how much of it.

    Attributes:
        request: makes the request for one page out of `after` and `limit` (either may be `None`).
        model: the list model of the generated library.
        read: makes an item for the caller out of an item of the model.
        limit: how many items in all; `None` means all there are.
        page_size: how many items a request asks for; `None` leaves it to the server.
        after: the id of the item to begin after.
    """

    request: Callable[[str | None, int | None], Request]
    model: type[Any]
    read: Callable[[Any], T]
    limit: int | None = None
    page_size: int | None = None
    after: str | None = None

    def __post_init__(self) -> None:
        _require_count("limit", self.limit, at_least=0)
        _require_count("page_size", self.page_size, at_least=1)
        if self.after is not None and (not isinstance(self.after, str) or not self.after):
            rule = "the id of an item, or None"
            raise InvalidRequestError(
                f"after: must be {rule}, not {repr(self.after)[:80]}",
                field="after",
                limit=rule,
                value=self.after,
            )


def as_listed(item: T) -> T:
    """What reads an item that is to be given out as it is."""
    return item


def pages(listing: Listing[T], conduct: Conduct) -> Stream[Page[T]]:
    """Emit the pages of a list; the last one is cut to the limit.

    Stops where the server says that nothing follows, and where it repeats a cursor: a server that ignores
    `after` would otherwise be asked for ever. What a page repeats of the one before it is left out.
    """
    cursor, left = listing.after, listing.limit
    used = {cursor}
    before: set[Any] = set()
    while left is None or left > 0:
        size = listing.page_size if left is None else min(left, listing.page_size or left)
        found, more = yield from _fetched(listing, cursor, size, conduct)
        last = found[-1].id if found else None
        if last in used:
            return
        items = [listing.read(item) for item in found if item.id not in before][:left]
        before = {item.id for item in found}
        if items:
            yield Emit(Page(items, more))
        if not more or last is None:
            return
        used.add(last)
        cursor = last
        left = None if left is None else left - len(items)


def every_item(listing: Listing[T], conduct: Conduct) -> Plan[list[T]]:
    """The items of all pages, at once."""
    stream = pages(listing, conduct)
    items: list[T] = []
    reply: Any = None
    while True:
        try:
            effect = stream.send(reply)
        except StopIteration:
            return items
        reply = None
        if isinstance(effect, Emit):
            items += effect.item.data
        else:
            reply = yield effect


def one_page(
    listing: Listing[T], after: str | None, size: int | None, conduct: Conduct
) -> Plan[tuple[Page[T], str | None]]:
    """Fetch one page; return it with the cursor of the next one, `None` where the page is empty."""
    found, more = yield from _fetched(listing, after, size, conduct)
    last: str | None = found[-1].id if found else None
    return Page([listing.read(item) for item in found], more), last


def _fetched(
    listing: Listing[T], after: str | None, size: int | None, conduct: Conduct
) -> Plan[tuple[list[Any], bool]]:
    """The items of one page as they came, and whether more follow."""
    request = listing.request(after, size)
    answer = yield from exchange(request, conduct)
    found = read_object(answer, request, listing.model, "data", strict=conduct.strict)
    items: list[Any] = found.data
    for item in items:
        if not (isinstance(item.id, str) and item.id):
            raise invalid(answer, request, "the list holds an item without an id")
    more = getattr(found, "has_more", False)
    # Where the server does not say, only a page that is not full is the last.
    return items, more if isinstance(more, bool) else len(items) >= (size or 1)


def _require_count(name: str, value: object, *, at_least: int) -> None:
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool) or value < at_least:
        rule = f"a whole number, at least {at_least}, or None"
        raise InvalidRequestError(
            f"{name}: must be {rule}, not {value!r}", field=name, limit=rule, value=value
        )
