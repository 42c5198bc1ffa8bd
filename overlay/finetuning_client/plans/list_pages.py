"""Lists, page by page: `Cursor` follows the cursor of a list endpoint until the list or the limit ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from ..arguments import require_whole
from ..errors import BadRequest, InvalidRequestError, NotFound, UnprocessableEntity
from ..operation_settings import Settings
from ..record import Record, replace
from ..retry_after_header import http_date
from ..views.field_readers import whole
from .attempts import exchange
from .effects import Emit, Plan, Request, Response, Stream
from .responses import invalid_response, read_object

T = TypeVar("T")

_SMALLEST_PAGE = 10


class Page(Record, Generic[T]):
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
        from ..views.html_tables import items_html

        return items_html(self.data, f"page of {len(self.data)}")


class Listing(Record, Generic[T]):
    """Description of a list: how to request it, how to read it, and how much of it.

    Attributes:
        request: makes the request for one page from `after` and `limit` (either may be `None`).
        model: the list model of the generated library.
        read: converts an item of the model into an item for the caller.
        limit: maximum number of items in total; `None` means all.
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
        """Name of the list and its request, for messages."""
        request = self.request(self.after, self.limit)
        name = str(request.options["url"]).rpartition("/")[2].replace("_", " ")
        filters = {k: v for k, v in request.options.get("params", {}).items() if k not in {"after", "limit"}}
        shown = "".join(f", {key}={value}" for key, value in filters.items())
        most = "" if self.limit is None else f", at most {self.limit}"
        return f"{name} ({request}{shown}{most})"

    def __post_init__(self) -> None:
        require_whole("limit", self.limit, at_least=0, or_none=True)
        require_whole("page_size", self.page_size, at_least=1, or_none=True)
        if self.after is not None and (not isinstance(self.after, str) or not self.after):
            shown = f", not {repr(self.after)[:80]}"
            raise InvalidRequestError.of("after", "the id of an item or None", self.after, shown)


class Span(Record):
    """The positions of a list that a slice selects; `stop` is `None` for all from `start` on."""

    start: int = 0
    stop: int | None = None
    step: int = 1

    @classmethod
    def of(cls, index: object) -> Span:
        """Return the span of a slice. Raises `InvalidRequestError` for anything else.

        The end of a server's list is not known, so it is only read from its start.
        """
        if isinstance(index, slice):
            parts = (index.start or 0, index.stop, 1 if index.step is None else index.step)
            known = [part for part in parts if part is not None]
            if all(isinstance(part, int) and part >= 0 for part in known) and parts[2]:
                return cls(*parts)
        rule, end = "a slice from the start of the list, such as [:10]", f", not {index!r:.80}"
        raise InvalidRequestError.of("index", rule, index, f"{end}; for one item, use first()")

    def __contains__(self, position: int) -> bool:
        is_inside = position >= self.start and (self.stop is None or position < self.stop)
        return is_inside and (position - self.start) % self.step == 0

    def cut(self, listing: Listing[T]) -> Listing[T]:
        """Return the listing without what comes after the span."""
        if self.stop is None or (listing.limit is not None and listing.limit <= self.stop):
            return listing
        return replace(listing, limit=self.stop)


def as_listed(item: T) -> T:
    """Return the item itself: the `read` of a listing whose items need no conversion."""
    return item


class Cursor(Generic[T]):
    """Position in a list: each `next` requests one page.

    The list ends where the server says that nothing follows, by `has_more` or by a `total`, where a page is
    empty, and where the server repeats a cursor: a server that ignores `after` would otherwise be queried for
    ever. A server that says neither is asked until a page has nothing new, or is so short that it must be the
    last. Items that a page repeats from the previous page are left out, and the last page is cut to the
    limit.

    Attributes:
        date: when the last page was sent, by the server's clock, in Unix seconds; `None` if it does not say.
    """

    def __init__(self, listing: Listing[T], settings: Settings) -> None:
        self._listing = listing
        self._settings = settings
        self._after = listing.after
        self._used = {listing.after}
        self._left = listing.limit
        self._before: set[Any] = set()
        self._is_over = listing.limit == 0
        self._is_guess = False
        self._seen = 0
        self.date: float | None = None

    def next(self) -> Plan[Page[T] | None]:
        """Request the next page that has anything new; `None` at the end of the list."""
        listing = self._listing
        while not self._is_over:
            size = listing.page_size
            if self._left is not None:
                size = min(self._left, size or self._left)
            page = yield from self._request(size)
            if page is None:
                break
            found = page.data
            ids = [_id_of(item) for item in found]
            last = ids[-1] if ids else None
            if not ids or (last in self._used and last is not None):
                if ids and listing.after is None:
                    page.require_end(self._seen)
                break
            new = [item for item, key in zip(found, ids, strict=True) if key not in self._before]
            items = [listing.read(item) for item in new[: self._left]]
            self._before = {key for key in ids if key is not None}
            self._seen += len(new)
            self._used.add(last)
            self._after = last
            if self._left is not None:
                self._left -= len(items)
            has_more = page.may_continue(self._seen, size)
            self._is_over = not has_more or last is None or self._left == 0
            if items:
                return Page(items, has_more)
        self._is_over = True
        return None

    def _request(self, size: int | None) -> Plan[_Received | None]:
        """Request a page; `None` if a server that did not promise another page refuses to send it."""
        request = self._listing.request(self._after, size)

        def read(response: Response) -> _Received:
            found = read_object(response, request, self._listing.model, strict=self._settings.strict)
            for item in found.data:
                if hasattr(item, "id") and not _id_of(item) and not _is_event(item):
                    raise invalid_response(response, request, "the list has an item without an id")
            self.date = http_date(response.headers.get("date"))
            more = getattr(found, "has_more", False)
            total = None if isinstance(more, bool) else whole(found.additional_properties.get("total"))
            return _Received(found.data, more if isinstance(more, bool) else None, total, response, request)

        try:
            page = yield from exchange(request, self._settings, read)
        except (BadRequest, NotFound, UnprocessableEntity):
            if not self._is_guess:
                raise
            return None
        self._is_guess = page.is_open
        return page


def _is_event(item: object) -> bool:
    """Return whether the item is an event, whose id some servers leave out."""
    from finetuning_api.models.fine_tuning_job_event import FineTuningJobEvent

    return isinstance(item, FineTuningJobEvent)


class _Received(Record):
    """A page as received.

    Attributes:
        data: its items.
        says_more: whether more follow; `None` if the server does not say.
        total: how many items the list has; `None` if the server does not say, or does not have to.
        response, request: for errors.
    """

    data: list[Any]
    says_more: bool | None
    total: int | None
    response: Response
    request: Request

    @property
    def is_open(self) -> bool:
        """True if the server does not say whether more follow."""
        return self.says_more is None and self.total is None

    def may_continue(self, seen: int, size: int | None) -> bool:
        """Return whether items may follow the first `seen` ones; `size` is how many were requested."""
        if self.says_more is not None:
            return self.says_more
        if self.total is not None:
            return seen < self.total
        # A server may send fewer at a time than were requested.
        return len(self.data) >= min(size or 1, _SMALLEST_PAGE)

    def require_end(self, seen: int) -> None:
        """Raise `InvalidResponse` if a list ends before its total, since items would be lost silently."""
        if self.says_more is None and self.total is not None and seen < self.total:
            reason = f"the list has {self.total} items, but the pages after the first {seen} repeat them"
            raise invalid_response(self.response, self.request, reason)


def _id_of(item: Any) -> str | None:
    found = getattr(item, "id", None)
    return found if isinstance(found, str) and found else None


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
