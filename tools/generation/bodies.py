"""Bodies: request bodies and responses by their media types, and how the fields of a form are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tools.generation.media_types import media_kind
from tools.generation.names import pascal_case
from tools.generation.reading import Shapes
from tools.generation.shapes import (
    Anything,
    Binary,
    Const,
    ListOf,
    MapOf,
    Named,
    Plain,
    Shape,
    Text,
    is_object,
    members,
    parts,
)
from tools.openapi import Place

__all__ = ["Bodies", "Body", "Content", "Response"]


_ANY_OR_NULL = (Anything(), Plain("None"))


@dataclass(frozen=True)
class Content:
    """A body of one media type. `kind` is json, form, multipart, text or binary."""

    media_type: str
    kind: str
    shape: Shape
    encodings: dict[str, str]


@dataclass(frozen=True)
class Body:
    """A request body, in any of several media types."""

    required: bool
    description: str
    contents: list[Content]


@dataclass(frozen=True)
class Response:
    """A documented response: its status, such as 200, 4XX or default, and its content, which may be none."""

    status: str
    contents: list[Content]


class Bodies:
    """Reader of the bodies of a document's operations."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self.document = shapes.document

    def body(self, place: Place, operation: dict[str, Any], name: str) -> Body | None:
        """Read the request body of an operation; None when it has none."""
        if "requestBody" not in operation:
            return None
        where, node = self.document.resolve((*place, "requestBody"))
        if not node["content"]:
            raise self.document.error(
                (*where, "content"), "a request body without content: name its media type"
            )
        several = len(node["content"]) > 1
        contents = []
        for media_type, media in node["content"].items():
            inner: Place = (*where, "content", media_type)
            kind = media_kind(media_type)
            own = f"{pascal_case(kind)}Body" if several else "body"
            if not re.fullmatch(r"[^\s/;]+/[^\s/;]+\s*(;.*)?", media_type):
                raise self.document.error(
                    inner, f"{media_type!r} is not a media type: write one such as application/json"
                )
            if "*" in media_type:
                raise self.document.error(inner, f"a request needs one media type, not {media_type}: name it")
            self._check_charset(inner, media_type)
            contents.append(self._content(inner, media_type, media, (name, own)))
        return Body(node.get("required", False), node.get("description", ""), contents)

    def _content(
        self, place: Place, media_type: str, media: dict[str, Any], names: tuple[str, str]
    ) -> Content:
        kind = media_kind(media_type)
        shape: Shape = Anything()
        if "schema" in media:
            shape = self.shapes.shape((*place, "schema"), pascal_case(names[0]), names[1])
        if shape == Binary() and kind in ("text", "unknown"):
            kind = "binary"
        self._check_shape(place, media_type, kind, shape)
        for key in ("encoding", "x-encoding"):
            if key in media and kind not in ("form", "multipart"):
                raise self.document.error((*place, key), f"`{key}` is for forms: leave it out")
        encodings = self._encodings(place, kind, shape, media)
        if kind == "text":
            shape = Plain("str")
        elif kind in ("binary", "unknown"):
            kind, shape = "binary", Binary()
        return Content(media_type, kind, shape, encodings)

    def _check_shape(self, place: Place, media_type: str, kind: str, shape: Shape) -> None:
        """Raise for a value that the media type cannot hold."""
        inner = (*place, "schema")
        error = self.document.error
        if kind in ("form", "multipart") and not is_object(shape):
            raise error(
                inner, f"{media_type} is written from an object: write `type: object` with its fields"
            )
        if kind == "text" and shape not in (Plain("str"), Anything()) and not _is_text(shape):
            raise error(inner, f"{media_type} is text: write `type: string`")
        if kind == "binary" and shape not in (Binary(), Anything()):
            raise error(
                inner, f"{media_type} is read and written as bytes: write `type: string` and `format: binary`"
            )
        if kind == "unknown" and shape not in (Binary(), Anything()):
            problem = f"only JSON and text are read, not {media_type}: write `format: binary`, or JSON"
            if "responses" not in place:
                problem = (
                    f"a request body of {media_type} cannot be written: write JSON, a form, text or bytes"
                )
            raise error(place, problem)

    def _encodings(self, place: Place, kind: str, shape: Shape, media: dict[str, Any]) -> dict[str, str]:
        """Return how each non-text field is written: deep, JSON in a urlencoded form, or a media type.

        `x-encoding` means the same as `encoding`, and hides a field from tools that misread it.
        """
        found: dict[str, str] = {}
        fields = (
            {it.name: it.shape for it in self.shapes.fields(shape.name)} if isinstance(shape, Named) else {}
        )
        for key in ("encoding", "x-encoding"):
            for name, encoding in (media.get(key) or {}).items():
                if fields and name not in fields:
                    raise self.document.error((*place, key, name), f"the form has no field {name!r}")
                how = self._encoding((*place, key, name), kind, encoding)
                if how:
                    found[name] = how
        for name, field in fields.items():
            self._check_field((*place, "encoding", name), name, field, kind, found.get(name, ""))
            if kind == "form" and name not in found and any(_is_nested(part) for part in members(field)):
                raise self.document.error(
                    place,
                    f"the field {name!r} is an object or a list of them: write `encoding` for it, with "
                    "`style: deepObject` or `contentType: application/json`",
                )
        return found

    def _encoding(self, place: Place, kind: str, encoding: dict[str, Any]) -> str:
        """Return how one field of a form is written; empty for the usual way."""
        error = self.document.error
        if encoding.get("headers") or encoding.get("allowReserved"):
            raise error(place, "headers and allowReserved of a part are not supported: leave them out")
        style, content_type = encoding.get("style"), encoding.get("contentType")
        if style in ("spaceDelimited", "pipeDelimited"):
            raise error(
                place,
                f"`style: {style}` is not supported in a form: write `deepObject`, or `form` with `explode`",
            )
        if encoding.get("explode") is False:
            raise error((*place, "explode"), "`explode: false` is not supported in a form: leave it out")
        if style == "deepObject":
            return "deep"
        if content_type is None or "*" in content_type:
            return ""
        first = str(content_type).partition(",")[0].strip()
        if kind == "multipart":
            return first
        if media_kind(first) == "json":
            return "json"
        raise error(place, f"a field of a urlencoded form cannot be {content_type}")

    def _check_field(self, place: Place, name: str, shape: Shape, kind: str, how: str) -> None:
        """Raise for a field that the form cannot contain."""
        error = self.document.error
        objects = [part for part in members(shape) if _is_nested(part)]
        if how == "deep" and not all(is_object(part) or part in _ANY_OR_NULL for part in members(shape)):
            raise error(
                place, f"`style: deepObject` is only for objects, and {name!r} is not one: leave it out"
            )
        if kind == "form" and any(isinstance(part, Binary) for part in parts(shape)):
            raise error(place, f"the field {name!r} has `format: binary`: write `multipart/form-data`")
        if kind == "multipart" and objects and how not in ("", "deep") and media_kind(how) != "json":
            raise error(place, f"the field {name!r} is an object, which cannot be written as {how}")

    def _check_charset(self, place: Place, media_type: str) -> None:
        """Raise for a charset other than UTF-8, in which all text is sent."""
        charset = re.search(r';\s*charset\s*=\s*"?([^";\s]+)', media_type, re.IGNORECASE)
        if charset and charset[1].lower() not in ("utf-8", "utf8", "us-ascii"):
            raise self.document.error(
                place, f"a request body in {charset[1]} is not supported, only UTF-8: leave `charset` out"
            )

    def responses(self, place: Place, operation: dict[str, Any], name: str) -> list[Response]:
        """Read the responses of an operation, in the order in which a status is matched."""
        found = []
        for status in operation["responses"]:
            if status.startswith("x-"):
                continue
            inner = (*place, "responses", status)
            if not re.fullmatch(r"[1-5](\d\d|XX)|default", status):
                raise self.document.error(
                    inner, f"{status!r} is not a status: write one such as '404', 4XX or default"
                )
            where, response = self.document.resolve(inner)
            content = response.get("content") or {}
            if content and (status in ("204", "205", "304") or status.startswith("1")):
                raise self.document.error(
                    (*where, "content"), f"a response with status {status} has no body: leave `content` out"
                )
            contents = [
                self._content(
                    (*where, "content", media_type), media_type, media, (name, f"response_{status}")
                )
                for media_type, media in content.items()
            ]
            for content in contents:
                if content.kind in ("form", "multipart"):
                    raise self.document.error(
                        inner, f"only JSON, text and bytes are read, not {content.media_type}"
                    )
            # A response to HEAD documents the body of GET, but has none.
            found.append(Response(status, [] if place[-1] == "head" else contents))
        if not found:
            raise self.document.error((*place, "responses"), "no response: add at least the one for success")
        return sorted(found, key=lambda it: (it.status == "default", it.status.endswith("XX"), it.status))


def _is_nested(shape: Shape) -> bool:
    return is_object(shape) or (isinstance(shape, ListOf) and not _is_plain(shape.item))


def _is_plain(shape: Shape) -> bool:
    return all(not isinstance(member, ListOf | MapOf) and not is_object(member) for member in members(shape))


def _is_text(shape: Shape) -> bool:
    return (
        isinstance(shape, Text)
        or (isinstance(shape, Named) and shape.base == "str")
        or (isinstance(shape, Const) and isinstance(shape.value, str))
    )
