"""Check of a dataset file before it costs anything: every problem with its line, in one pass over the file.

The formats are those of the hosted service: chat, completions, preference (DPO) and reinforcement, with one
JSON object per line.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, TypeAlias

import attrs
import msgspec

from ..errors import DatasetError, InvalidRequestError, Problem
from ..upload_source import Source, open_source, reading

Format: TypeAlias = Literal["chat", "completions", "preference", "reinforcement"]

_FEWEST_EXAMPLES = 10
"""Number of examples that the hosted service requires of a training file."""

_PROBLEMS_SHOWN = 5
_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
# English text averages about four characters a token with the tokenisers of the hosted models.
_CHARACTERS_PER_TOKEN = 4


@attrs.frozen(kw_only=True)
class DatasetReport:
    """Summary of a dataset file.

    Attributes:
        path: the file.
        format: format of the first example that has one; `None` if none has.
        examples: number of examples (non-blank lines).
        messages: number of messages by role; empty for formats without messages.
        characters: number of characters of all texts.
        duplicates: number of examples that repeat an earlier one exactly.
        problems: what is wrong, in the order of the file.
    """

    path: str
    format: Format | None
    examples: int
    messages: Mapping[str, int]
    characters: int
    duplicates: int
    problems: tuple[Problem, ...]

    @property
    def estimated_tokens(self) -> int:
        """Estimated number of tokens per epoch, from the length of the texts."""
        return -(-self.characters // _CHARACTERS_PER_TOKEN)


def check_dataset(path: Source, *, minimum: int = _FEWEST_EXAMPLES, check: bool = True) -> DatasetReport:
    """Check a dataset file, and return a summary.

    Args:
        path: path of the file, its content as bytes, or a file open in binary mode.
        minimum: minimum number of examples; use 1 for a validation file.
        check: if true, a problem raises; if false, read the report's `problems`.

    Raises `DatasetError` for a file that is missing, unreadable or empty, and for its problems.
    """
    if not isinstance(minimum, int) or isinstance(minimum, bool) or minimum < 0:
        raise InvalidRequestError.of("minimum", "a whole number, at least 0", minimum)
    tally = _Tally()
    with open_source(path) as payload:
        name = os.fsdecode(path) if isinstance(path, str | os.PathLike) else payload.name
        with reading(name):
            for number, line in enumerate(payload.file, start=1):
                if line.strip():
                    tally.add(number, line)
    report = tally.report(name, minimum)
    if check and report.problems:
        raise DatasetError(_summary(report), path=report.path, problems=report.problems)
    return report


class _Tally:
    """Counts and problems of the lines read so far."""

    def __init__(self) -> None:
        self.format: Format | None = None
        self.examples = self.characters = self.duplicates = 0
        self.messages: Counter[str] = Counter()
        self.problems: list[Problem] = []
        self._seen: set[int] = set()

    def add(self, number: int, line: bytes) -> None:
        self.examples += 1
        mark = hash(line.strip())
        self.duplicates += mark in self._seen
        self._seen.add(mark)
        for message in self._read(line):
            self.problems.append(Problem(number, message))

    def _read(self, line: bytes) -> Iterator[str]:
        try:
            example = msgspec.json.decode(line.removeprefix(b"\xef\xbb\xbf"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield f"is not JSON: {error}"
            return
        if not isinstance(example, dict):
            yield "is not a JSON object"
            return
        found = _format_of(example)
        if found is None:
            yield f"has no known format: expected {_EXPECTED}"
            return
        self.format = self.format or found
        if found != self.format:
            yield f"has the format {found}, but earlier lines have {self.format}"
            return
        for messages in _CONVERSATIONS[found](example):
            for role, text in _messages(messages):
                self.messages[role] += 1
                self.characters += len(text)
        for name in ("prompt", "completion") if found == "completions" else ():
            self.characters += len(example[name]) if isinstance(example.get(name), str) else 0
        yield from _CHECKS[found](example)

    def report(self, path: str, minimum: int) -> DatasetReport:
        if self.examples < minimum:
            count = "1 example" if self.examples == 1 else f"{self.examples} examples"
            self.problems.insert(0, Problem(0, f"has {count}; at least {minimum} are required"))
        return DatasetReport(
            path=path,
            format=self.format,
            examples=self.examples,
            messages=dict(self.messages),
            characters=self.characters,
            duplicates=self.duplicates,
            problems=tuple(self.problems),
        )


def _summary(report: DatasetReport) -> str:
    shown = "\n".join(f"  {problem}" for problem in report.problems[:_PROBLEMS_SHOWN])
    more = len(report.problems) - _PROBLEMS_SHOWN
    count = "1 problem" if len(report.problems) == 1 else f"{len(report.problems)} problems"
    return f"{report.path}: {count}\n{shown}" + (f"\n  and {more} more" if more > 0 else "")


def _format_of(example: Mapping[str, Any]) -> Format | None:
    if "preferred_output" in example or "non_preferred_output" in example:
        return "preference"
    if "prompt" in example or "completion" in example:
        return "completions"
    messages = example.get("messages")
    if "messages" not in example:
        return None
    last = messages[-1] if isinstance(messages, list) and messages else None
    # Reinforcement examples end with what the model is to answer, and carry fields for the grader.
    asks = isinstance(last, dict) and last.get("role") == "user"
    extra = set(example) - {"messages", "tools", "parallel_tool_calls", "functions"}
    return "reinforcement" if asks and extra else "chat"


def _check_chat(example: Mapping[str, Any]) -> Iterator[str]:
    yield from _check_messages("messages", example["messages"])
    if isinstance(example["messages"], list) and not any(
        isinstance(m, dict) and m.get("role") == "assistant" for m in example["messages"]
    ):
        yield "messages: has no assistant message"


def _check_completions(example: Mapping[str, Any]) -> Iterator[str]:
    for name in ("prompt", "completion"):
        if not isinstance(example.get(name), str):
            yield f"{name}: must be a string"
    if example.get("completion") == "":
        yield "completion: is empty"


def _check_preference(example: Mapping[str, Any]) -> Iterator[str]:
    given = example.get("input")
    if not isinstance(given, dict):
        yield "input: must be an object with messages"
    else:
        yield from _check_messages("input.messages", given.get("messages"))
    for name in ("preferred_output", "non_preferred_output"):
        yield from _check_messages(name, example.get(name))


def _check_reinforcement(example: Mapping[str, Any]) -> Iterator[str]:
    yield from _check_messages("messages", example["messages"])


def _check_messages(at: str, messages: object) -> Iterator[str]:
    if not isinstance(messages, list) or not messages:
        yield f"{at}: must be a non-empty list of messages"
        return
    for index, message in enumerate(messages):
        where = f"{at}[{index}]"
        if not isinstance(message, dict):
            yield f"{where}: must be an object with role and content"
        elif "role" not in message:
            yield f"{where}: has no role"
        elif message["role"] not in _ROLES:
            yield f"{where}: role must be one of {', '.join(_ROLES)}, not {message['role']!r}"
        elif not _has_content(message):
            yield f"{where}: has no content"
        elif message.get("weight") not in (None, 0, 1):
            yield f"{where}: weight must be 0 or 1, not {message['weight']!r}"


def _has_content(message: Mapping[str, Any]) -> bool:
    if message.get("tool_calls") or message.get("function_call"):
        return True
    return isinstance(message.get("content"), str) or bool(message.get("content"))


def _messages(messages: object) -> Iterator[tuple[str, str]]:
    """Yield the role and the text of each well-formed message."""
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict) and isinstance(message.get("role"), str):
            content = message.get("content")
            parts = content if isinstance(content, list) else [{"text": content}]
            texts = [part.get("text") for part in parts if isinstance(part, dict)]
            yield message["role"], "".join(text for text in texts if isinstance(text, str))


def _of_preference(example: Mapping[str, Any]) -> tuple[object, ...]:
    given = example.get("input")
    asked = given.get("messages") if isinstance(given, dict) else None
    return asked, example.get("preferred_output"), example.get("non_preferred_output")


_EXPECTED = "'messages', 'prompt' and 'completion', or 'preferred_output' and 'non_preferred_output'"
_CHECKS: Mapping[Format, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "chat": _check_chat,
    "completions": _check_completions,
    "preference": _check_preference,
    "reinforcement": _check_reinforcement,
}
_CONVERSATIONS: Mapping[Format, Callable[[Mapping[str, Any]], tuple[object, ...]]] = {
    "chat": lambda example: (example["messages"],),
    "completions": lambda _: (),
    "preference": _of_preference,
    "reinforcement": lambda example: (example["messages"],),
}
