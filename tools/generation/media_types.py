"""Media types: what each is written as."""

from __future__ import annotations

__all__ = ["media_kind"]


def media_kind(media_type: str) -> str:
    """Return what a media type is written as: json, form, multipart, text, binary, or unknown."""
    essence = media_type.partition(";")[0].strip().lower()
    if essence == "application/json" or essence.endswith("+json"):
        return "json"
    if essence.startswith("text/"):
        return "text"
    kinds = {
        "application/x-www-form-urlencoded": "form",
        "multipart/form-data": "multipart",
        "application/octet-stream": "binary",
    }
    return kinds.get(essence, "unknown")
