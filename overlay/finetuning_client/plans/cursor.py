"""Lists, page by page: `Cursor` follows the cursor of a list endpoint until the list or the limit ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from ..errors import InvalidRequestError
from ..retry_after_header import http_date
from ..settings import Settings
from .attempts import exchange
from .effects import Emit, Plan, Request, Response, Stream
from .responses import invalid_response, read_object

T = TypeVar("T")


class Page(Struct, Generic[T], frozen=True):
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

    def _repr_html_(self) -> str:
        from ..results.notebook import items_html

        return items_html(self.data, f"page of {len(self.data)}")


class Listing(Struct, Generic[T], frozen=True):
    """Description of a list: how to request it, how to read it, and how much of it.

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

    @property
    def described(self) -> str:
        """What is listed, and by which request."""
        request = self.request(self.after, self.limit)
        name = str(request.options["url"]).rpartition("/")[2].replace("_", " ")
        filters = {k: v for k, v in request.options.get("params", {}).items() if k not in {"after", "limit"}}
        shown = "".join(f", {key}={value}" for key, value in filters.items())
        most = "" if self.limit is None else f", at most {self.limit}"
        return f"{name} ({request}{shown}{most})"

    def __post_init__(self) -> None:
        _require_count("limit", self.limit, at_least=0)
        _require_count("page_size", self.page_size, at_least=1)
        if self.after is not None and (not isinstance(self.after, str) or not self.after):
            shown = f", not {repr(self.after)[:80]}"
            raise InvalidRequestError.of("after", "the id of an item, or None", self.after, shown)


class Span(Struct, frozen=True):
    """The positions of a list that a slice means; `stop` is `None` for all from `start` on."""

    start: int = 0
    stop: int | None = None
    step: int = 1

    @classmethod
    def of(cls, index: object) -> Span:
        """Return the span of a slice. Raises `InvalidRequestError` for anything else.

        A list of a server has no known end, so it is read from its start only.
        """
        if isinstance(index, slice):
            parts = (index.start or 0, index.stop, 1 if index.step is None else index.step)
            known = [part for part in parts if part is not None]
            if all(isinstance(part, int) and part >= 0 for part in known) and parts[2]:
                return cls(*parts)
        rule = "a slice from the start of the list, such as [:10]; for one item use first()"
        raise InvalidRequestError.of("index", rule, index)

    def __contains__(self, position: int) -> bool:
        is_inside = position >= self.start and (self.stop is None or position < self.stop)
        return is_inside and (position - self.start) % self.step == 0

    def cut(self, listing: Listing[T]) -> Listing[T]:
        """Return the listing without what comes after the span."""
        if self.stop is None or (listing.limit is not None and listing.limit <= self.stop):
            return listing
        return replace(listing, limit=self.stop)


def as_listed(item: T) -> T:
    """Return the item itself: the `read` of a listing whose items need no other form."""
    return item


class Cursor(Generic[T]):
    """Position in a list: each `next` requests one page.

    The list ends where the server says that nothing follows, where a page is empty, and where the server
    repeats a cursor: a server that ignores `after` would otherwise be asked for ever. Items that a page
    repeats of the page before are left out, and the last page is cut to the limit.

    Attributes:
        date: when the last page was sent by the server's clock, in Unix seconds; `None` if it does not say.
    """

    def __init__(self, listing: Listing[T], settings: Settings) -> None:
        self._listing = listing
        self._settings = settings
        self._after = listing.after
        self._used = {listing.after}
        self._left = listing.limit
        self._before: set[Any] = set()
        self._is_over = listing.limit == 0
        self.date: float | None = None

    def next(self) -> Plan[Page[T] | None]:
        """Request the next page that has anything new; `None` at the end of the list."""
        listing = self._listing
        while not self._is_over:
            size = listing.page_size
            if self._left is not None:
                size = min(self._left, size or self._left)
            found, has_more = yield from self._request(size)
            ids = [getattr(item, "id", None) for item in found]
            last = ids[-1] if ids else None
            if last in self._used and (has_more or last is not None):
                break
            new = [item for item, key in zip(found, ids, strict=True) if key not in self._before]
            items = [listing.read(item) for item in new[: self._left]]
            self._before = {key for key in ids if key is not None}
            self._used.add(last)
            self._after = last
            if self._left is not None:
                self._left -= len(items)
            self._is_over = not has_more or last is None or self._left == 0
            if items:
                return Page(items, has_more)
        self._is_over = True
        return None

    def _request(self, size: int | None) -> Plan[tuple[list[Any], bool]]:
        """Request a page; return its items as they came, and whether more follow."""
        request = self._listing.request(self._after, size)

        def read(response: Response) -> Any:
            found = read_object(response, request, self._listing.model, strict=self._settings.strict)
            for item in found.data:
                if hasattr(item, "id") and not (isinstance(item.id, str) and item.id):
                    raise invalid_response(response, request, "the list has an item without an id")
            self.date = http_date(response.headers.get("date"))
            return found

        found = yield from exchange(request, self._settings, read)
        items: list[Any] = found.data
        more = getattr(found, "has_more", False)
        # Where the server does not say, only a page that is not full is the last.
        return items, more if isinstance(more, bool) else len(items) >= (size or 1)


def pages(listing: Listing[T], settings: Settings) -> Stream[Page[T]]:
    """Emit the pages of a list."""
    cursor = Cursor(listing, settings)
    while (page := (yield from cursor.next())) is not None:
        yield Emit(page)


def every_item(listing: Listing[T], settings: Settings) -> Plan[list[T]]:
    """Return the items of all pages."""
    cursor = Cursor(listing, settings)
    items: list[T] = []
    while (page := (yield from cursor.next())) is not None:
        items += page.data
    return items


def _require_count(name: str, value: object, *, at_least: int) -> None:
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool) or value < at_least:
        raise InvalidRequestError.of(name, f"a whole number, at least {at_least}, or None", value)
