"""Good examples of every format, builders of files and faulty examples, and readers of findings."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from finetuning_client.data import DatasetReport

ASK = {"role": "user", "content": "How do I reset it?"}
ANSWER = {"role": "assistant", "content": "Hold the button."}
SYSTEM = {"role": "system", "content": "Be brief."}
CHAT = {"messages": [SYSTEM, ASK, ANSWER]}
COMPLETION = {"prompt": "Reset:", "completion": " hold it"}
PAIR = {
    "input": {"messages": [ASK]},
    "preferred_output": [ANSWER],
    "non_preferred_output": [{"role": "assistant", "content": "No."}],
}
ROW = {"messages": [ASK], "answer": "hold"}
TOOL = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}}}
CALL = {"id": "call_1", "type": "function", "function": {"name": "look_up", "arguments": "{}"}}
CALLS = {"role": "assistant", "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "42"}
WITH_TOOLS = {"messages": [ASK, CALLS, RESULT, ANSWER], "tools": [TOOL]}
PNG = "data:image/png;base64,iVBORw0KGgo="
LINE = 5


class File(NamedTuple):
    """A data file, the method and model to check it for, and the expected finding.

    Attributes:
        name: the fault or the unusual property.
        content: the bytes.
        code: code of the finding; empty for a good file.
        line: line of the finding; 0 for the whole file.
        method, model: the method and the model to check the file for.
    """

    name: str
    content: bytes
    code: str = ""
    line: int = LINE
    method: str = "supervised"
    model: str | None = None


_GOOD: dict[str, Any] = {"supervised": CHAT, "dpo": PAIR, "reinforcement": ROW}


def lines(examples: list[Any], **options: Any) -> bytes:
    """Return examples as JSON Lines; an example given as bytes is a line as it is."""
    texts = [one if isinstance(one, bytes) else json.dumps(one, **options).encode() for one in examples]
    return b"\n".join(texts) + b"\n"


def several(example: Any, count: int = 12) -> list[Any]:
    """Return different examples of the same form."""
    return [_numbered(example, number) for number in range(count)]


def _numbered(example: Any, number: int) -> Any:
    text = (
        json.dumps(example)
        .replace("reset it", f"reset number {number}")
        .replace("Reset:", f"Reset {number}:")
    )
    return json.loads(text)


def planted(name: str, fault: Any, code: str, method: str = "supervised", model: str | None = None) -> File:
    """Return a good file with a fault in one line."""
    examples = several(COMPLETION if model == "babbage-002" else _GOOD[method])
    examples[LINE - 1] = fault
    return File(name, lines(examples), code, LINE, method, model)


def chat(*messages: Any, **fields: Any) -> dict[str, Any]:
    """Return a conversation."""
    return {"messages": list(messages), **fields}


def user(content: Any) -> dict[str, Any]:
    """Return a message of the user."""
    return {"role": "user", "content": content}


def assistant(**fields: Any) -> dict[str, Any]:
    """Return a message of the assistant."""
    return {"role": "assistant", **fields}


def image(url: Any, **fields: Any) -> dict[str, Any]:
    """Return a content part with an image."""
    return {"type": "image_url", "image_url": {"url": url, **fields}}


def call(**changes: Any) -> dict[str, Any]:
    """Return a conversation with a tool call that differs from a good one."""
    function = {**CALL["function"], **changes.pop("function", {})}  # type: ignore[dict-item]
    return chat(
        ASK, assistant(tool_calls=[{**CALL, "function": function, **changes}]), RESULT, ANSWER, tools=[TOOL]
    )


def tool(**changes: Any) -> dict[str, Any]:
    """Return a conversation with a tool definition that differs from a good one."""
    return chat(ASK, ANSWER, tools=[{"type": "function", "function": {**TOOL["function"], **changes}}])  # type: ignore[dict-item]


_RAW = json.dumps(CHAT).encode()


def encoded(value: Any) -> bytes:
    """Return a value as one line of JSON."""
    return json.dumps(value).encode()


Fault = tuple[str, Any, str]
"""A fault: its name, an example or a line that has it, and the code of the finding."""


def found(report: DatasetReport, code: str) -> list[tuple[int, str]]:
    """Return the line and the text of each finding with this code."""
    return [(finding.line, finding.text) for finding in report.findings if finding.code == code]
