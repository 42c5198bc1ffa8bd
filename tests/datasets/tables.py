"""Files with one planted fault each, and good but unusual ones; both client and emulator are held to them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any, NamedTuple

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
    """A file, the method and model that it is for, and what a check finds.

    Attributes:
        name: what is planted.
        content: the bytes.
        code: code of the finding; empty for a good file.
        line: line of the finding; 0 for the whole file.
        method, model: what the file is for.
    """

    name: str
    content: bytes
    code: str = ""
    line: int = LINE
    method: str = "supervised"
    model: str | None = None


_GOOD: dict[str, Any] = {"supervised": CHAT, "dpo": PAIR, "reinforcement": ROW}


def lines(examples: list[Any], **options: Any) -> bytes:
    """Return examples as JSON Lines; bytes are lines as they are."""
    texts = [one if isinstance(one, bytes) else json.dumps(one, **options).encode() for one in examples]
    return b"\n".join(texts) + b"\n"


def several(example: Any, count: int = 12) -> list[Any]:
    """Return different examples like one."""
    return [_numbered(example, number) for number in range(count)]


def _numbered(example: Any, number: int) -> Any:
    text = (
        json.dumps(example)
        .replace("reset it", f"reset number {number}")
        .replace("Reset:", f"Reset {number}:")
    )
    return json.loads(text)


def _planted(name: str, fault: Any, code: str, method: str = "supervised", model: str | None = None) -> File:
    """Return a good file in which one line is at fault."""
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
    """Return a conversation in which a call differs from a good one."""
    function = {**CALL["function"], **changes.pop("function", {})}  # type: ignore[dict-item]
    return chat(
        ASK, assistant(tool_calls=[{**CALL, "function": function, **changes}]), RESULT, ANSWER, tools=[TOOL]
    )


def tool(**changes: Any) -> dict[str, Any]:
    """Return a conversation with a tool that differs from a good one."""
    return chat(ASK, ANSWER, tools=[{"type": "function", "function": {**TOOL["function"], **changes}}])  # type: ignore[dict-item]


_RAW = json.dumps(CHAT).encode()
_TEXT = b'{"messages": [{"role": "user", "content": "%s"}, {"role": "assistant", "content": "b"}]}'

_SUPERVISED: list[tuple[str, Any, str]] = [
    # JSON
    ("half a line", _RAW[:40], "not-json"),
    ("two objects on a line", _RAW + _RAW, "not-json"),
    ("two objects with a space between", _RAW + b" " + _RAW, "not-json"),
    ("two objects with a tab between", _RAW + b"\t" + _RAW, "not-json"),
    ("two objects with a carriage return between", _RAW + b"\r" + _RAW, "not-json"),
    ("two objects on a line, and a blank line", _RAW + b" " + _RAW + b"\n", "not-json"),
    ("a vertical tab before the object", b"\x0b" + _RAW, "control-character"),
    ("a form feed after the object", _RAW + b"\x0c", "control-character"),
    ("single quotes", str(CHAT).encode(), "not-json"),
    ("a comma at the end of a line", _RAW + b",", "trailing-comma"),
    ("a comma before a bracket", _RAW.replace(b"}]}", b"}],}"), "not-json"),
    ("a comment", b"// a comment", "not-json"),
    ("NaN", b'{"messages": [], "weight": NaN}', "not-a-number"),
    ("Infinity", b'{"messages": [], "weight": -Infinity}', "not-a-number"),
    ("a number beyond all bounds", b'{"messages": [], "weight": 1e999}', "number-too-large"),
    ("a number of 5000 digits", b'{"messages": [], "weight": ' + b"9" * 5000 + b"}", "number-too-large"),
    ("half of a surrogate pair", _TEXT % rb"\ud83d", "lone-surrogate"),
    ("a surrogate pair in the wrong order", _TEXT % rb"\ude00\ud83d", "lone-surrogate"),
    ("a NUL byte", _TEXT % b"a\x00b", "control-character"),
    ("a tab in a string", _TEXT % b"a\tb", "control-character"),
    ("100 000 lists in each other", b"[" * 100_000 + b"]" * 100_000, "too-deep"),
    ("100 000 objects in each other", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "too-deep"),
    ("Latin-1", _TEXT % "Grüße".encode("latin-1"), "not-utf-8"),
    ("half a character", _TEXT % b"\xe2\x82", "not-utf-8"),
    ("a key twice", _RAW.replace(b'"role": "user"', b'"role": "system", "role": "user"'), "duplicate-key"),
    ("messages twice", _RAW[:-1] + b', "messages": []}', "duplicate-key"),
    ("a list", [CHAT], "not-an-object"),
    ("a string", "text", "not-an-object"),
    ("null", None, "not-an-object"),
    ("a number", 5, "not-an-object"),
    # Formats
    ("an empty object", {}, "wrong-format"),
    ("another object", {"text": "abc"}, "wrong-format"),
    ("a completion", COMPLETION, "wrong-format"),
    ("a preference pair", PAIR, "wrong-format"),
    # Fields of an example
    ("messages are null", {"messages": None}, "null-value"),
    ("messages are a string", {"messages": "Hello"}, "wrong-type"),
    ("no messages", {"messages": []}, "no-messages"),
    ("an unknown field", chat(ASK, ANSWER, mood="good"), "unknown-key"),
    ("tools are null", chat(ASK, ANSWER, tools=None), "null-value"),
    ("tools are an object", chat(ASK, ANSWER, tools={}), "wrong-type"),
    ("a tool is a number", chat(ASK, ANSWER, tools=[1]), "wrong-type"),
    ("parallel_tool_calls is a string", chat(ASK, ANSWER, parallel_tool_calls="no"), "wrong-type"),
    ("parallel_tool_calls is null", chat(ASK, ANSWER, parallel_tool_calls=None), "null-value"),
    ("no functions", chat(ASK, ANSWER, functions=[]), "empty-list"),
    # Messages
    ("a message is a string", chat("Hello", ANSWER), "wrong-type"),
    ("a message is null", chat(None, ANSWER), "null-value"),
    ("no role", chat({"content": "Hello"}, ANSWER), "missing-role"),
    ("an unknown role", chat(ASK, {"role": "robot", "content": "x"}, ANSWER), "unknown-role"),
    ("a role in capitals", chat({"role": "User", "content": "x"}, ANSWER), "unknown-role"),
    ("a role is a list", chat({"role": ["user"], "content": "x"}, ANSWER), "unknown-role"),
    ("ShareGPT's fields", chat({"from": "human", "value": "x"}, ANSWER), "missing-role"),
    ("no content", chat({"role": "user"}, ANSWER), "missing-content"),
    ("content is null", chat(user(None), ANSWER), "missing-content"),
    ("content is a number", chat(user(5), ANSWER), "wrong-type"),
    ("no parts", chat(user([]), ANSWER), "missing-content"),
    ("an answer without content", chat(ASK, assistant()), "missing-content"),
    ("an answer of null", chat(ASK, assistant(content=None)), "missing-content"),
    ("an unknown field of a message", chat(ASK, {**ANSWER, "mood": "good"}), "unknown-key"),
    ("a name is null", chat({**ASK, "name": None}, ANSWER), "null-value"),
    ("a weight of 2", chat(ASK, {**ANSWER, "weight": 2}), "weight-value"),
    ("a weight of a half", chat(ASK, {**ANSWER, "weight": 0.5}), "weight-value"),
    ("a weight of true", chat(ASK, {**ANSWER, "weight": True}), "weight-value"),
    ("a weight of null", chat(ASK, {**ANSWER, "weight": None}), "weight-value"),
    ("a weight as a string", chat(ASK, {**ANSWER, "weight": "1"}), "weight-value"),
    ("a user's weight", chat({**ASK, "weight": 1}, ANSWER), "weight-role"),
    ("all weights are 0", chat(ASK, {**ANSWER, "weight": 0}), "no-target"),
    ("the last message is the user's", chat(ASK, ANSWER, ASK), "last-message"),
    ("the last message is the system's", chat(ASK, ANSWER, SYSTEM), "last-message"),
    ("no answer", chat(ASK), "last-message"),
    # Parts
    ("a part is a string", chat(user(["Hello"]), ANSWER), "wrong-type"),
    ("a part without a type", chat(user([{"text": "x"}]), ANSWER), "missing-key"),
    ("a part of an unknown type", chat(user([{"type": "video", "video": "x"}]), ANSWER), "content-part"),
    ("a text part without text", chat(user([{"type": "text"}]), ANSWER), "missing-key"),
    ("a text part of a number", chat(user([{"type": "text", "text": 1}]), ANSWER), "wrong-type"),
    ("an assistant's image", chat(ASK, assistant(content=[image(PNG)])), "image-role"),
    ("a system's image", chat({"role": "system", "content": [image(PNG)]}, ASK, ANSWER), "image-role"),
    ("an image in a file", chat(user([image("file:///tmp/x.png")]), ANSWER), "image-url"),
    ("an image by a path", chat(user([image("images/x.png")]), ANSWER), "image-url"),
    ("an image in BMP", chat(user([image("data:image/bmp;base64,Qk0=")]), ANSWER), "image-url"),
    ("an image without Base64", chat(user([image("data:image/png,x")]), ANSWER), "image-url"),
    ("an image as a string", chat(user([{"type": "image_url", "image_url": PNG}]), ANSWER), "wrong-type"),
    ("an unknown detail", chat(user([image(PNG, detail="best")]), ANSWER), "wrong-value"),
    (
        "a refusal among parts",
        chat(ASK, assistant(content=[{"type": "text", "text": "x"}, {"type": "refusal", "refusal": "No."}])),
        "refusal-part",
    ),
    # Tools
    ("a tool without a name", chat(ASK, ANSWER, tools=[{"type": "function", "function": {}}]), "missing-key"),
    ("a tool of another type", chat(ASK, ANSWER, tools=[{**TOOL, "type": "search"}]), "wrong-value"),
    ("a tool's name with a space", tool(name="look up"), "function-name"),
    ("a tool's name with a line end", tool(name="look_up\n"), "function-name"),
    ("a tool's name of 65 characters", tool(name="a" * 65), "function-name"),
    ("parameters are a string", tool(parameters="none"), "wrong-type"),
    ("two tools of one name", chat(ASK, ANSWER, tools=[TOOL, TOOL]), "duplicate-tool"),
    ("no result", chat(ASK, CALLS, ASK, ANSWER, tools=[TOOL]), "tool-unanswered"),
    (
        "another id",
        chat(ASK, CALLS, {**RESULT, "tool_call_id": "x"}, ANSWER, tools=[TOOL]),
        "tool-call-unknown",
    ),
    ("a result without a call", chat(ASK, RESULT, ANSWER, tools=[TOOL]), "tool-call-unknown"),
    (
        "a result without an id",
        chat(ASK, CALLS, {"role": "tool", "content": "x"}, ANSWER, tools=[TOOL]),
        "missing-key",
    ),
    ("two results of one call", chat(ASK, CALLS, RESULT, RESULT, ANSWER, tools=[TOOL]), "tool-call-repeated"),
    (
        "two calls with one id",
        chat(ASK, assistant(tool_calls=[CALL, CALL]), RESULT, ANSWER, tools=[TOOL]),
        "tool-call-repeated",
    ),
    ("calls are null", chat(ASK, assistant(content="x", tool_calls=None)), "null-value"),
    ("no calls", chat(ASK, assistant(content="x", tool_calls=[])), "empty-list"),
    (
        "a call without a type",
        chat(ASK, assistant(tool_calls=[{"id": "1", "function": CALL["function"]}]), tools=[TOOL]),
        "missing-key",
    ),
    ("arguments are an object", call(function={"arguments": {}}), "wrong-type"),
    ("arguments are not JSON", call(function={"arguments": "{city: 1}"}), "arguments-not-json"),
    ("arguments are empty", call(function={"arguments": ""}), "arguments-not-json"),
    ("arguments are a list", call(function={"arguments": "[1]"}), "arguments-not-object"),
    ("another function", call(function={"name": "look_down"}), "undeclared-function"),
    ("a call without tools", chat(ASK, CALLS, RESULT, ANSWER), "undeclared-function"),
    (
        "a function call of an undeclared function",
        chat(ASK, assistant(function_call={"name": "f", "arguments": "{}"})),
        "undeclared-function",
    ),
]

_PREFERENCE: list[tuple[str, Any, str]] = [
    ("a conversation among pairs", CHAT, "wrong-format"),
    ("no input", {key: PAIR[key] for key in ("preferred_output", "non_preferred_output")}, "missing-key"),
    ("input is a list", {**PAIR, "input": [ASK]}, "wrong-type"),
    ("input without messages", {**PAIR, "input": {}}, "missing-key"),
    ("input without a message", {**PAIR, "input": {"messages": []}}, "no-messages"),
    ("input ends with an answer", {**PAIR, "input": {"messages": [ASK, ANSWER]}}, "last-message"),
    ("an unknown field of the input", {**PAIR, "input": {"messages": [ASK], "mood": 1}}, "unknown-key"),
    ("an unknown field of a pair", {**PAIR, "score": 1}, "unknown-key"),
    ("no worse output", {key: PAIR[key] for key in ("input", "preferred_output")}, "missing-key"),
    ("an output is a string", {**PAIR, "preferred_output": "Yes."}, "wrong-type"),
    ("an output is a message", {**PAIR, "preferred_output": ANSWER}, "wrong-type"),
    ("an empty output", {**PAIR, "non_preferred_output": []}, "output-count"),
    ("an output of two messages", {**PAIR, "preferred_output": [ANSWER, ANSWER]}, "output-count"),
    ("an output of the user", {**PAIR, "preferred_output": [ASK]}, "output-role"),
    ("an output without content", {**PAIR, "preferred_output": [assistant()]}, "missing-content"),
    (
        "vendor's former names",
        {"input": PAIR["input"], "preferred_completion": [ANSWER], "non_preferred_completion": [ANSWER]},
        "wrong-format",
    ),
]

_REINFORCEMENT: list[tuple[str, Any, str]] = [
    ("an answer at the end", chat(ASK, ANSWER, answer="x"), "last-message"),
    ("no messages of a row", {"answer": "x"}, "wrong-format"),
    ("a function's message", chat({"role": "function", "name": "f", "content": "x"}, ASK), "unknown-role"),
    ("a completion among rows", COMPLETION, "wrong-format"),
    ("NaN in a field", b'{"messages": [{"role": "user", "content": "x"}], "score": NaN}', "not-a-number"),
    (
        "a key twice in a field",
        b'{"messages": [{"role": "user", "content": "x"}], "a": {"b": 1, "b": 2}}',
        "duplicate-key",
    ),
]

_COMPLETIONS: list[tuple[str, Any, str]] = [
    ("no completion", {"prompt": "x"}, "missing-key"),
    ("a prompt is a list", {"prompt": ["x"], "completion": "y"}, "wrong-type"),
    ("an empty completion", {"prompt": "x", "completion": ""}, "empty-string"),
    ("an unknown field of a completion", {**COMPLETION, "label": 1}, "unknown-key"),
    ("a conversation among completions", CHAT, "wrong-format"),
]

_MANY = several(CHAT)
_WHOLE: list[File] = [
    File("an empty file", b"", "empty-file", 0),
    File("blank lines only", b"\n \n\t\n", "empty-file", 0),
    File("carriage returns alone", b"\r".join(lines(_MANY).splitlines()), "not-json-lines", 1),
    File("nine examples", lines(several(CHAT, 9)), "too-few-examples", 0),
    File("gzip", gzip.compress(lines(_MANY), mtime=0), "compressed", 1),
    File("a zip archive", b"PK\x03\x04" + b"x" * 50, "compressed", 1),
    File("UTF-16", lines(_MANY).decode().encode("utf-16"), "utf-16", 1),
    File("UTF-16 without a mark", lines(_MANY).decode().encode("utf-16-le"), "utf-16", 1),
    File("UTF-32", lines(_MANY).decode().encode("utf-32"), "utf-16", 1),
    File("a JSON array", json.dumps(_MANY).encode(), "json-array", 1),
    File("a JSON array over several lines", json.dumps(_MANY, indent=2).encode(), "json-array", 1),
    File(
        "an array with an example per line",
        b"[\n" + b",\n".join(lines(_MANY).splitlines()) + b"\n]",
        "json-array",
        1,
    ),
    File(
        "pretty-printed", b"\n".join(json.dumps(one, indent=2).encode() for one in _MANY), "pretty-printed", 1
    ),
    File("CSV", b"prompt,completion\n" + b"a,b\n" * 20, "csv", 1),
    File("tabs", b"prompt\tcompletion\n" + b"a\tb\n" * 20, "csv", 1),
    File("plain text", b"How do I reset it?\nHold the button.\n" * 9, "not-json-lines", 1),
    File("YAML", b"- role: user\n  content: x\n" * 9, "not-json-lines", 1),
    File("completions for a chat model", lines(several(COMPLETION)), "wrong-format", 1),
    File("pairs for supervised training", lines(several(PAIR)), "wrong-format", 1),
    File("rows for supervised training", lines(several(ROW)), "wrong-format", 1),
    File("conversations for dpo", lines(_MANY), "wrong-format", 1, "dpo"),
    File("conversations for reinforcement", lines(_MANY), "wrong-format", 1, "reinforcement"),
    File("conversations for a completions model", lines(_MANY), "wrong-format", 1, model="babbage-002"),
    File(
        "a line of 16 MiB and some bytes",
        lines([*_MANY[:4], b"x" * (16 << 20) + b"xxx", *_MANY[4:]]),
        "line-too-long",
    ),
    File("a line of 17 MB", lines([*_MANY[:4], b"x" * (17 << 20), *_MANY[4:]]), "line-too-long"),
]

FAULTS: list[File] = [
    *(_planted(*row) for row in _SUPERVISED),
    *(_planted(*row, method="dpo") for row in _PREFERENCE),
    *(_planted(*row, method="reinforcement") for row in _REINFORCEMENT),
    *(_planted(*row, model="babbage-002") for row in _COMPLETIONS),
    *_WHOLE,
]
"""Files with one planted fault each."""


def _good(
    name: str, example: Any, method: str = "supervised", model: str | None = None, **options: Any
) -> File:
    return File(name, lines(several(example), **options), "", 0, method, model)


def _written(name: str, write: Callable[[bytes], bytes]) -> File:
    return File(name, write(lines(_MANY)))


GOOD: list[File] = [
    _good("plain", CHAT),
    _good("compact", CHAT, separators=(",", ":")),
    _good("not in ASCII", chat(user("Wie geht das zurück? reset it 如何 😀"), ANSWER), ensure_ascii=False),
    _good("escaped", chat(user("Wie geht das zurück? reset it 如何 😀"), ANSWER)),
    _good(
        "quotes and backslashes",
        chat(user('a "b" \\ reset it \\" c\n\t'), assistant(content='{"a": "b\\\\"}')),
    ),
    _good("keys in another order", {"messages": [{"content": "reset it", "role": "user"}, ANSWER]}),
    _good("no system message", chat(ASK, ANSWER)),
    _good("only an answer", chat(assistant(content="Please reset it."))),
    _good("several system messages", chat(SYSTEM, ASK, SYSTEM, ANSWER)),
    _good("a developer's message", chat({"role": "developer", "content": "Be brief."}, ASK, ANSWER)),
    _good("many turns", chat(*[ASK, ANSWER] * 40)),
    _good("two questions in a row", chat(ASK, ASK, ANSWER)),
    _good("names", chat({**ASK, "name": "Ada"}, {**ANSWER, "name": "Bot"})),
    _good("weights", chat(ASK, {**ANSWER, "weight": 0}, ASK, {**ANSWER, "weight": 1})),
    _good("a weight of 1.0", chat(ASK, {**ANSWER, "weight": 1.0})),
    _good("text in parts", chat(user([{"type": "text", "text": "reset it"}] * 2), ANSWER)),
    _good("an answer in parts", chat(ASK, assistant(content=[{"type": "text", "text": "x"}]))),
    _good(
        "an image by address",
        chat(user([image("https://example.com/x.png"), {"type": "text", "text": "reset it"}]), ANSWER),
    ),
    _good(
        "an image as data",
        chat(user([image(PNG, detail="low"), {"type": "text", "text": "reset it"}]), ANSWER),
    ),
    _good(
        "audio",
        chat(user([{"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}]), ASK, ANSWER),
    ),
    _good("a document", chat(user([{"type": "file", "file": {"file_id": "file-1"}}]), ASK, ANSWER)),
    _good("a refusal", chat(ASK, assistant(refusal="I cannot."))),
    _good("a refusal as a part", chat(ASK, assistant(content=[{"type": "refusal", "refusal": "No."}]))),
    _good("nulls of an answer", chat(ASK, {**ANSWER, "refusal": None, "audio": None, "function_call": None})),
    _good("tools", WITH_TOOLS),
    _good("a call at the end", chat(ASK, CALLS, tools=[TOOL])),
    _good(
        "a call with content", chat(ASK, {**CALLS, "content": "Let me see."}, RESULT, ANSWER, tools=[TOOL])
    ),
    _good("a call with null content", chat(ASK, {**CALLS, "content": None}, tools=[TOOL])),
    _good("tools that are not called", chat(ASK, ANSWER, tools=[TOOL], parallel_tool_calls=False)),
    _good("no tools in a list", chat(ASK, ANSWER, tools=[])),
    _good(
        "results in another order",
        chat(
            ASK,
            assistant(tool_calls=[CALL, {**CALL, "id": "call_2"}]),
            {**RESULT, "tool_call_id": "call_2"},
            RESULT,
            ANSWER,
            tools=[TOOL],
        ),
    ),
    _good(
        "an id used again in a later turn",
        chat(ASK, CALLS, RESULT, ANSWER, ASK, CALLS, RESULT, ANSWER, tools=[TOOL]),
    ),
    _good(
        "a strict tool",
        chat(ASK, ANSWER, tools=[{"type": "function", "function": {"name": "f", "strict": None}}]),
    ),
    _good(
        "the older functions",
        chat(
            ASK,
            assistant(content=None, function_call={"name": "f", "arguments": '{"a": 1}'}),
            {"role": "function", "name": "f", "content": None},
            ANSWER,
            functions=[{"name": "f"}],
        ),
    ),
    _good("pairs", PAIR, "dpo"),
    _good(
        "pairs with tools",
        {**PAIR, "input": {"messages": [ASK, CALLS, RESULT], "tools": [TOOL]}, "preferred_output": [CALLS]},
        "dpo",
    ),
    _good("rows", ROW, "reinforcement"),
    _good(
        "rows with any fields",
        {**ROW, "prompt": "x", "a": {"b": [1, None, {}]}, "n": 10**30, "": ""},
        "reinforcement",
    ),
    _good(
        "rows with a developer",
        chat({"role": "developer", "content": "x"}, ASK, ANSWER, ASK),
        "reinforcement",
    ),
    _good("a field nested 600 deep", {**ROW, "deep": json.loads("[" * 600 + "]" * 600)}, "reinforcement"),
    _good("completions", COMPLETION, model="babbage-002"),
    _good("an empty prompt", {"prompt": "", "completion": "reset it"}, model="babbage-002"),
    _written("a byte order mark", lambda content: b"\xef\xbb\xbf" + content),
    _written("CRLF", lambda content: content.replace(b"\n", b"\r\n")),
    _written("blank lines", lambda content: content.replace(b"\n", b"\n \n\n")),
    _written("no line end at the end", lambda content: content.rstrip(b"\n")),
    _written("spaces around lines", lambda content: b"  " + content.replace(b"\n", b" \t\n  ")),
    _written("line separators in strings", lambda c: c.replace(b"Be brief.", b"a\xe2\x80\xa8b\xc2\x85")),
]
"""Good files that are unusual."""
