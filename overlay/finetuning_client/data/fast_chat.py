"""Fast path for lines with plain conversations: decoded into types that are derived from the contract.

A conversation is plain if its messages have strings as content, and nothing else but a name and a weight. The
types refuse everything else, and what they accept satisfies the schemas. All lines of a piece are decoded at
once; repeated keys, which decoding ignores, show up in the size of the piece.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from itertools import chain
from operator import attrgetter, itemgetter, methodcaller
from typing import Annotated, Any, ClassVar, Literal, Union

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from .duplicates import loosely
from .tokens import EXAMPLE_TOKENS, MESSAGE_TOKENS
from .training_formats import Schema, format_schema, resolved


class PlainExamples(Struct):
    """Valid plain conversations from consecutive lines: each list has one value per conversation.

    Attributes:
        characters: of all texts.
        texts: the texts of every conversation whose tokens are to be measured, by its index.
        tokens: of a conversation.
        fingerprints: of the conversations.
        prompts: fingerprints of the conversations without their last messages.
        roles: number of messages by role.
    """

    characters: int = 0
    texts: dict[int, list[str]] = {}
    tokens: list[float] = []
    fingerprints: list[int] = []
    prompts: list[int] = []
    roles: Counter[str] = Counter()


class PlainReader:
    """Reads decoded plain conversations.

    Args:
        wants_prompts: whether to take the fingerprints of prompts.
    """

    def __init__(self, wants_prompts: bool) -> None:
        self._wants_prompts = wants_prompts
        self._expects_marks = False

    def read(
        self, examples: list[Any], content: bytes, ratios: tuple[float, float], chosen: range
    ) -> PlainExamples | None:
        """Return the content of the examples in some lines; `None` if one is invalid or the lines hold more.

        `ratios` are the tokens per character of texts with non-ASCII characters, and of the rest;
        the examples with the `chosen` indexes are to be measured. Names and weights are looked for only where
        the size of the lines shows that there are some.
        """
        for has_marks in (True,) if self._expects_marks else (False, True):
            found = self._gather(examples, content, ratios, has_marks)
            if found is not None:
                self._expects_marks = has_marks
                for index in chosen:
                    found.texts[index] = [message.content for message in examples[index].messages]
                return found
        return None

    def _gather(
        self, examples: list[Any], content: bytes, ratios: tuple[float, float], has_marks: bool
    ) -> PlainExamples | None:
        # Whole lists are used for speed: a check spends nearly all of its time here and in decoding.
        conversations = list(map(_messages_of, examples))
        texts = [tuple(map(_content_of, messages)) for messages in conversations]
        parts = list(chain.from_iterable(texts))
        # A text that sorts before "!" is empty or begins with a space.
        if min(parts) < "!" and any(map(is_blank, parts)):
            return None
        kinds = [tuple(map(type, messages)) for messages in conversations]
        # The role of the first message is enough to distinguish examples with the same texts.
        firsts = list(map(_first_of, kinds))
        fingerprints = list(map(hash, zip(firsts, texts, strict=True)))
        frame = _frame(kinds)
        if has_marks and not _add_marks(conversations, frame, fingerprints):
            return None
        lengths = [sum(map(len, own)) for own in texts]
        characters = sum(lengths)
        plain = all(map(str.isascii, parts))
        size = characters if plain else sum(map(len, map(str.encode, parts)))
        if not frame.accounts_for(content, size, parts):
            return None
        ratio = ratios[True]
        tokens = [
            length * ratio + MESSAGE_TOKENS * count + EXAMPLE_TOKENS
            for length, count in zip(lengths, map(len, texts), strict=True)
        ]
        if not plain:
            for index, own in enumerate(texts):
                if not all(map(str.isascii, own)):
                    tokens[index] += lengths[index] * (ratios[False] - ratio)
        found = PlainExamples(characters, {}, tokens, fingerprints, [], frame.roles)
        if self._wants_prompts:
            asked = map(loosely, map("\0".join, map(_all_but_last, texts)))
            found.prompts = list(map(hash, zip(firsts, asked, strict=True)))
        return found


_messages_of = attrgetter("messages")
_content_of = attrgetter("content")
_first_of = itemgetter(0)
_all_but_last = itemgetter(slice(-1))


class _Frame(Struct):
    """Content of some lines other than the texts of their examples.

    Attributes:
        lines: number of lines.
        size: in bytes, without the spaces after colons and commas.
        spaces: number of those spaces, where they are written.
        strings: number of strings, including the texts and the keys.
        answers: whether every example ends with a message of the assistant.
        roles: number of messages by role.
    """

    lines: int = 0
    size: int = 0
    spaces: int = 0
    strings: int = 0
    answers: bool = True
    roles: Counter[str] = Counter()

    def accounts_for(self, content: bytes, size: int, texts: list[str]) -> bool:
        """Return whether lines contain only this and texts of the given size in bytes.

        It is false for blank lines, for repeated keys, and if examples share a line or span several.
        """
        if not self.answers:
            return False
        lines = self.lines - (not content.endswith(b"\n"))
        written = self.spaces if content[12:13] == b" " else 0
        escapes = len(content) - size - self.size - lines - written
        # As json.dumps writes it: each escape is one byte longer than its character.
        # Removing the backslashes is faster than counting them.
        if escapes == 0 or (escapes > 0 and escapes == len(content) - len(content.replace(b"\\", b""))):
            return _has_one_object_in_each(content, self.lines)
        if b"\\u0000" in content or not _has_one_object_in_each(content, self.lines):
            return False
        return content.count(b'"') == 2 * self.strings + sum(text.count('"') for text in texts)


def _has_one_object_in_each(content: bytes, examples: int) -> bool:
    """Return whether each line is one example, since decoding allows any white space between two of them.

    Within an example no object follows another without a comma.
    """
    # Faster than counting line ends.
    lines = BytesIO(content).readlines()
    if len(lines) != examples or set(map(_first_of, lines)) != {_BRACE}:
        return False
    return set(map(_last_but_one, lines)) == {_BRACE_END} or all(map(_ends_object, lines))


_last_but_one = itemgetter(-2)
_ends_object = methodcaller("endswith", (b"}\n", b"}\r\n", b"}"))
_BRACE, _BRACE_END = b"{}"


def _frame(conversations: list[tuple[type, ...]]) -> _Frame:
    """Return the frame around the texts of conversations, given the types of their messages."""
    roles: Counter[str] = Counter()
    lasts: set[str] = set()
    # A file has few different sequences of roles.
    for kinds, count in Counter(conversations).items():
        found = list(map(_role_of, kinds))
        lasts.add(found[-1])
        for role in found:
            roles[role] += count
    lines, messages = len(conversations), roles.total()
    beside = len('{"messages":[]}') * lines + len('{"role":"","content":""},') * messages - lines
    return _Frame(
        lines=lines,
        size=beside + sum(len(role) * count for role, count in roles.items()),
        spaces=4 * messages,
        strings=lines + 4 * messages,
        answers=lasts == {"assistant"},
        roles=roles,
    )


def _add_marks(conversations: list[Any], frame: _Frame, fingerprints: list[int]) -> bool:
    """Add the names and weights of messages; return false if an example has no message that is trained on."""
    for index, messages in enumerate(conversations):
        is_trained = False
        marks = [(message.name, message.weight) for message in messages]
        for message in messages:
            is_trained |= _role_of(type(message)) == "assistant" and message.weight != 0
            if message.weight is not UNSET:
                frame.size += len(',"weight":1')
                frame.spaces += 2
                frame.strings += 1
            if message.name is not UNSET:
                frame.size += len(',"name":""') + len(message.name.encode())
                frame.spaces += 2
                frame.strings += 2
        if not is_trained:
            return False
        if any(mark != (UNSET, UNSET) for mark in marks):
            fingerprints[index] = hash((fingerprints[index], *marks))
    return True


def is_blank(text: str) -> bool:
    """Return whether a text is empty or has nothing but spaces and line ends."""
    return not text.strip(" \t\r\n")


def _role_of(message: type) -> str:
    return message.__struct_config__.tag  # type: ignore[attr-defined, no-any-return]


@cache
def decoder() -> msgspec.json.Decoder[Any]:
    """Return the decoder of plain conversations; it raises for any other line."""
    schema = format_schema("chat")
    messages = resolved(schema["properties"]["messages"])
    members = [resolved(member) for member in resolved(messages["items"])["anyOf"]]
    plain = [found for member in members if (found := _plain_message(member)) is not None]
    union: Any = Union[tuple(plain)]  # noqa: UP007
    messages_type: Any = Annotated[list[union], Meta(min_length=1)]
    example = msgspec.defstruct(
        "Example", [("messages", messages_type)], forbid_unknown_fields=True, gc=False
    )
    return msgspec.json.Decoder(example)


def _plain_message(member: Schema) -> Any:
    """Return the type of a message with only a text, a name and a weight."""
    properties: Mapping[str, Schema] = member["properties"]
    role = properties["role"]["const"]
    if set(member["required"]) - {"role", "content"}:
        return None
    fields: list[Any] = [("content", str)]
    absent: dict[str, Any] = {}
    for name in ("name", "weight"):
        kind = _plain_type(resolved(properties[name])) if name in properties else None
        if kind is None:
            absent[name] = UNSET
        else:
            # Absent but not null, which the schema refuses.
            fields.append((name, Union[kind, UnsetType], UNSET))  # noqa: UP007
    namespace = {"__annotations__": dict.fromkeys(absent, ClassVar[Any]), **absent}
    return msgspec.defstruct(
        f"{role.title()}Message",
        fields,
        namespace=namespace,
        tag_field="role",
        tag=role,
        forbid_unknown_fields=True,
        gc=False,
    )


def _plain_type(schema: Schema) -> Any:
    if "enum" in schema:
        return Literal[tuple(schema["enum"])]
    return str if schema.get("type") == "string" else None
