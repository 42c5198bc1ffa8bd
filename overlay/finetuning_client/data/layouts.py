"""Common layouts of rows, and the training examples that they become.

A row of any layout becomes messages, or a pair of answers; a target says how they are written. Nothing is
invented: a row that lacks something raises `ValueError`, which says what.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import attrs
import msgspec

from ..errors import InvalidRequestError
from ..misspellings import near_name

Layout: TypeAlias = Literal["chat", "sharegpt", "alpaca", "pairs", "preference"]
"""`pairs` are a prompt and an answer in two columns, `preference` a prompt and two answers."""

Target: TypeAlias = Literal["chat", "completions", "preference", "reinforcement"]
"""The formats of training files."""

Row: TypeAlias = Mapping[str, Any]
Messages: TypeAlias = list[dict[str, Any]]

_PROMPTS = ("prompt", "question", "instruction", "input", "query", "user")
_ANSWERS = ("completion", "response", "answer", "output", "assistant")
_PREFERRED = ("preferred_output", "preferred", "chosen")
_REJECTED = ("non_preferred_output", "non_preferred", "rejected")
_CONVERSATIONS = ("conversations", "conversation")
_USUAL = {*_PROMPTS, *_ANSWERS, *_PREFERRED, *_REJECTED, *_CONVERSATIONS, "messages", "system", "history"}
_ROLES = {
    "system": "system",
    "developer": "developer",
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "bot": "assistant",
    "model": "assistant",
    "assistant": "assistant",
}
# Fields beside the messages of an example.
_BESIDE_MESSAGES = ("tools", "parallel_tool_calls", "functions")


@attrs.frozen(kw_only=True)
class Columns:
    """Names of columns, each `None` for the usual names, and what is added to every example.

    Attributes:
        prompt, completion, preferred, rejected: names of columns.
        system: a system message for examples that have none.
        keep: columns that are written alongside the messages, for a grader to read.
    """

    prompt: str | None = None
    completion: str | None = None
    preferred: str | None = None
    rejected: str | None = None
    system: str | None = None
    keep: Sequence[str] = ()


def layout_of(row: Row, columns: Columns) -> Layout | None:
    """Return the layout of a row, by the names of its columns; `None` for an unknown one."""
    row = _with_usual_names(row, columns)
    if columns.preferred or columns.rejected:
        return "preference"
    if columns.completion:
        return "pairs"
    if "messages" in row:
        return "chat"
    if _first(row, _CONVERSATIONS):
        return "sharegpt"
    if _first(row, _PREFERRED) and _first(row, _REJECTED):
        return "preference"
    if "instruction" in row and "output" in row:
        return "alpaca"
    return "pairs" if _first(row, _PROMPTS) and _first(row, _ANSWERS) else None


def convert_row(row: Row, layout: Layout, target: Target, columns: Columns) -> dict[str, Any]:
    """Return the training example that a row becomes. Raises `ValueError` if it lacks something."""
    row = _with_usual_names(row, columns)
    example = _TARGETS[target](_READERS[layout](row, columns))
    return example | {name: row[_column(row, name, ())] for name in columns.keep}


def _with_usual_names(row: Row, columns: Columns) -> Row:
    """Return a row with its usual names in lower case; columns that the caller named are unchanged."""
    named = {columns.prompt, columns.completion, columns.preferred, columns.rejected, *columns.keep}
    names = {name: name if name in named else _usual_name(name, row) for name in row}
    return {names[name]: value for name, value in row.items()}


def _usual_name(name: str, row: Row) -> str:
    small = name.strip().lower().replace(" ", "_")
    return small if small in _USUAL and small not in row else name


def check_target(layout: Layout, target: Target | None) -> Target:
    """Return the format of the examples. Raises `InvalidRequestError` if a layout cannot become it."""
    if target is None:
        return "preference" if layout == "preference" else "chat"
    if (layout == "preference") != (target == "preference"):
        raise InvalidRequestError.of("target", f"a format that {layout} rows can be converted to", target)
    return target


def _chat(row: Row, columns: Columns) -> dict[str, Any]:
    messages = _with_system(_messages(row.get("messages"), "messages"), columns.system)
    beside = {name: _loaded(row[name]) for name in _BESIDE_MESSAGES if row.get(name) is not None}
    return {"messages": messages, **beside}


def _sharegpt(row: Row, columns: Columns) -> dict[str, Any]:
    name = _first(row, _CONVERSATIONS) or _CONVERSATIONS[0]
    turns = _loaded(row.get(name))
    if not isinstance(turns, list) or not turns:
        raise ValueError(f"{name}: must be a list of turns, each with 'from' and 'value'")
    messages: Messages = []
    for index, turn in enumerate(turns):
        at = f"{name}[{index}]"
        if not isinstance(turn, Mapping):
            raise ValueError(f"{at}: must be an object with 'from' and 'value'")  # noqa: TRY004
        said = turn.get("from", turn.get("role"))
        role = _ROLES.get(said) if isinstance(said, str) else None
        if role is None:
            raise ValueError(f"{at}.from: must be one of {', '.join(_ROLES)}, not {said!r:.60}")
        messages.append({"role": role, "content": _text(turn.get("value", turn.get("content")), at)})
    return {"messages": _with_system(messages, row.get("system") or columns.system)}


def _alpaca(row: Row, columns: Columns) -> dict[str, Any]:
    prompt = _text(row[_column(row, columns.prompt, ("instruction",))], "instruction")
    given = row.get("input")
    if given is not None and str(given).strip():
        prompt = f"{prompt}\n\n{_text(given, 'input')}"
    messages: Messages = []
    for index, turn in enumerate(_loaded(row.get("history")) or ()):
        if not isinstance(turn, Sequence) or len(turn) != 2:
            raise ValueError(f"history[{index}]: must be a pair of a question and an answer")
        messages += _exchange(turn[0], turn[1], f"history[{index}]")
    answer = _column(row, columns.completion, ("output",))
    messages += _exchange(prompt, row[answer], answer)
    return {"messages": _with_system(messages, row.get("system") or columns.system)}


def _pairs(row: Row, columns: Columns) -> dict[str, Any]:
    answer = _column(row, columns.completion, _ANSWERS)
    asked = _column({name: row[name] for name in row if name != answer}, columns.prompt, _PROMPTS)
    prompt = {"role": "user", "content": _text(row[asked], asked)}
    messages = [prompt, {"role": "assistant", "content": _text(row[answer], answer)}]
    return {"messages": _with_system(messages, row.get("system") or columns.system)}


def _preference(row: Row, columns: Columns) -> dict[str, Any]:
    preferred = _answers(row, columns.preferred, _PREFERRED)
    rejected = _answers(row, columns.rejected, _REJECTED)
    # If both are whole conversations, their common beginning is the prompt.
    most = min(len(preferred), len(rejected)) - 1
    shared = next((i for i in range(most) if preferred[i] != rejected[i]), most)
    prompt, preferred, rejected = preferred[:shared], preferred[shared:], rejected[shared:]
    if columns.prompt or not prompt:
        name = _column(row, columns.prompt, _PROMPTS)
        given = _loaded(row[name])
        if isinstance(given, Mapping):
            given = given.get("messages")
        prompt = (
            _messages(given, name)
            if isinstance(given, list)
            else [{"role": "user", "content": _text(given, name)}]
        )
    prompt = _with_system(prompt, row.get("system") or columns.system)
    return {"input": {"messages": prompt}, "preferred_output": preferred, "non_preferred_output": rejected}


def _as_completions(example: dict[str, Any]) -> dict[str, Any]:
    roles = [message["role"] for message in example["messages"]]
    if roles not in (["user", "assistant"], ["system", "user", "assistant"]):
        raise ValueError("cannot be converted to a prompt and a completion: it has more than two messages")
    *asked, answer = [message["content"] for message in example["messages"]]
    return {"prompt": "\n\n".join(asked), "completion": answer}


def _as_reinforcement(example: dict[str, Any]) -> dict[str, Any]:
    messages = example["messages"]
    if messages[-1]["role"] != "assistant":
        return example
    if len(messages) == 1:
        raise ValueError("has no prompt before the answer")
    return {**example, "messages": messages[:-1], "answer": messages[-1].get("content")}


def _answers(row: Row, name: str | None, usual: Sequence[str]) -> Messages:
    """Return the messages of a column that holds an answer, or a conversation that ends with one."""
    name = _column(row, name, usual)
    value = _loaded(row[name])
    if isinstance(value, list):
        return _messages(value, name)
    if isinstance(value, Mapping):
        return _messages([value], name)
    return [{"role": "assistant", "content": _text(value, name)}]


def _exchange(prompt: object, answer: object, at: str) -> Messages:
    return [
        {"role": "user", "content": _text(prompt, at)},
        {"role": "assistant", "content": _text(answer, at)},
    ]


def _messages(value: object, at: str) -> Messages:
    value = _loaded(value)
    if not isinstance(value, list) or not value:
        raise ValueError(f"{at}: must be a list of messages")
    for index, message in enumerate(value):
        if not isinstance(message, Mapping) or not isinstance(message.get("role"), str):
            raise ValueError(f"{at}[{index}]: must be an object with role and content")  # noqa: TRY004
    # In Parquet each struct has all fields; absent ones are null.
    return [{k: v for k, v in m.items() if v is not None or k == "content"} for m in value]


def _with_system(messages: Messages, system: object) -> Messages:
    if not system or messages[0]["role"] in ("system", "developer"):
        return messages
    return [{"role": "system", "content": _text(system, "system")}, *messages]


def _text(value: object, at: str) -> str:
    """Return the text of a cell; numbers and booleans are written as in JSON."""
    if isinstance(value, bool | int | float):
        return msgspec.json.encode(value).decode()
    if not isinstance(value, str):
        raise ValueError(f"{at}: must be a string, not {_kind(value)}")  # noqa: TRY004
    if not value.strip():
        raise ValueError(f"{at}: is empty")
    return value


def _kind(value: object) -> str:
    return "empty" if value is None else type(value).__name__


def _loaded(value: object) -> Any:
    """Return the list or object that a cell holds as JSON text; any other value as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            found = msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            return value
        items = found if isinstance(found, list) else [found]
        return found if items and all(isinstance(item, dict | list) for item in items) else value
    return value


def _column(row: Row, name: str | None, usual: Sequence[str]) -> str:
    """Return the name of a column: the one that was named, or a usual one that the row has."""
    found = name or _first(row, usual)
    if found is None:
        raise ValueError(f"has none of the columns {', '.join(usual)}: it has {', '.join(row)}")
    if found not in row:
        near = near_name(found, row)
        hint = f": did you mean {near!r}?" if near else f": it has {', '.join(row)}"
        raise ValueError(f"has no column {found!r}{hint}")
    return found


def _first(row: Row, names: Sequence[str]) -> str | None:
    return next((name for name in names if name in row), None)


_READERS: Mapping[Layout, Callable[[Row, Columns], dict[str, Any]]] = {
    "chat": _chat,
    "sharegpt": _sharegpt,
    "alpaca": _alpaca,
    "pairs": _pairs,
    "preference": _preference,
}
_TARGETS: Mapping[Target, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "chat": lambda example: example,
    "completions": _as_completions,
    "preference": lambda example: example,
    "reinforcement": _as_reinforcement,
}
