"""Query parameters: limits, cursors, choices and metadata filters, or a refusal that names the parameter."""

from __future__ import annotations

from starlette.requests import Request

from finetuning_emulator.errors import ApiError, invalid_value

__all__ = ["choice", "limit", "metadata_filter", "unknown_cursor"]

_MAX_INTEGER = (1 << 63) - 1
_MAX_FILTERS = 16
_MAX_KEY = 64
_MAX_VALUE = 512
_FILTER_SYNTAX = "write metadata[key]=value, or metadata=null for jobs without metadata"


def limit(request: Request, default: int, most: int, *, refuse_more: bool = False) -> int:
    """Return the `limit`; a number above `most` is either refused or replaced by `most`."""
    text = request.query_params.get("limit")
    if text is None:
        return default
    number = _MAX_INTEGER if len(text) > 18 and text.isdecimal() else _integer(text)
    if number is None:
        raise invalid_value("limit", "expected an integer", code="invalid_type")
    if number < 1:
        raise invalid_value("limit", "expected an integer, at least 1", code="integer_below_min_value")
    if number > most and refuse_more:
        raise invalid_value("limit", f"expected an integer, at most {most}", code="integer_above_max_value")
    return min(number, most)


def choice(request: Request, name: str, values: tuple[str, ...]) -> str:
    """Return a parameter that is one of these values; the first is the default."""
    value = request.query_params.get(name, values[0])
    if value not in values:
        raise invalid_value(name, "expected " + " or ".join(f"'{value}'" for value in values))
    return value


def unknown_cursor(after: str) -> ApiError:
    """Return the 400 for a cursor that is not in the list."""
    return invalid_value("after", f"nothing in this list has the id '{after[:64]}'")


def metadata_filter(request: Request) -> dict[str, str] | None:
    """Return the filter `metadata[key]=value`; empty for `metadata=null`, None without a filter."""
    wanted: dict[str, str] = {}
    null = False
    for name, value in request.query_params.multi_items():
        if not name.startswith("metadata"):
            continue
        if name == "metadata":
            # Some clients write null as an empty value.
            if value not in ("", "null"):
                raise invalid_value("metadata", _FILTER_SYNTAX, code="invalid_type")
            null = True
            continue
        key = name[len("metadata[") : -1]
        if not (name.startswith("metadata[") and name.endswith("]") and key):
            reason = f"'{name[:64]}' is not a filter; {_FILTER_SYNTAX}"
            raise invalid_value("metadata", reason, code="invalid_type")
        if wanted.setdefault(key, value) != value:
            raise invalid_value("metadata", f"the key '{key[:64]}' has two values")
    if wanted and null:
        raise invalid_value("metadata", _FILTER_SYNTAX)
    _check_size(wanted)
    return wanted or ({} if null else None)


def _check_size(wanted: dict[str, str]) -> None:
    if len(wanted) > _MAX_FILTERS:
        raise invalid_value("metadata", f"expected at most {_MAX_FILTERS} filters")
    if any(len(key) > _MAX_KEY or len(value) > _MAX_VALUE for key, value in wanted.items()):
        raise invalid_value(
            "metadata",
            f"a key is longer than {_MAX_KEY} characters or a value is longer than {_MAX_VALUE}",
        )


def _integer(text: str) -> int | None:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(text) < 20 else None
