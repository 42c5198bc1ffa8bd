"""Sizes in the headers Content-Length and Content-Range."""

from __future__ import annotations

_MAX_DIGITS = 18


def byte_count(text: str | None) -> int | None:
    """Return the number of bytes that a header names, or `None` if the text is not a valid size."""
    # More digits than any file needs are not converted: conversion takes quadratic time.
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS else None
