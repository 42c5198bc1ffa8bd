"""Good files with unusual content."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .examples import (
    ANSWER,
    ASK,
    CALL,
    CALLS,
    CHAT,
    COMPLETION,
    PAIR,
    PNG,
    RESULT,
    ROW,
    SYSTEM,
    TOOL,
    WITH_TOOLS,
    File,
    assistant,
    call,
    chat,
    image,
    lines,
    several,
    tool,
    user,
)

_MANY = several(CHAT)
_LINES = lines(_MANY)


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
        "an image at an address in capitals",
        chat(user([image("HTTPS://EXAMPLE.COM/X.PNG"), {"type": "text", "text": "reset it"}]), ANSWER),
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
    _good("u2028 raw", chat(user("reset it a\u2028b\u2029c"), ANSWER), ensure_ascii=False),
    _good("NEL raw", chat(user("reset it a\u0085b\x0b"), ANSWER), ensure_ascii=False),
    _good("emoji esc", chat(user("reset it 😀👩‍👩‍👧"), ANSWER)),
    _good("del char", chat(user("reset it \x7f"), ANSWER)),
    _good("noncharacter", chat(user("reset it \uffff\ufeff"), ANSWER), ensure_ascii=False),
    _good(
        "developer parts",
        chat({"role": "developer", "content": [{"type": "text", "text": "x"}]}, ASK, ANSWER),
    ),
    _good("empty user name", chat({**ASK, "name": ""}, ANSWER)),
    _good("weight 0.0", chat(ASK, {**ANSWER, "weight": 0.0}, ASK, ANSWER)),
    _good("refusal null content", chat(ASK, assistant(content=None, refusal="No."))),
    _good("refusal and content", chat(ASK, assistant(content="x", refusal="No."))),
    _good("audio id", chat(ASK, assistant(audio={"id": "audio_1"}))),
    _good("audio id null content", chat(ASK, assistant(content=None, audio={"id": "a"}))),
    _good(
        "function call + null refusal",
        chat(
            ASK,
            assistant(content=None, refusal=None, function_call={"name": "f", "arguments": "{}"}),
            functions=[{"name": "f"}],
        ),
    ),
    _good("call empty content", chat(ASK, {**CALLS, "content": ""}, RESULT, ANSWER, tools=[TOOL])),
    _good("arguments unicode ws", call(function={"arguments": ' {"a": "\u2028"}\n'})),
    _good("arguments nested", call(function={"arguments": '{"a":{"b":[1,2,{"c":null}]}}'})),
    _good("64 char name", chat(ASK, ANSWER, tools=[{"type": "function", "function": {"name": "a" * 64}}])),
    _good(
        "128 tools",
        chat(ASK, ANSWER, tools=[{"type": "function", "function": {"name": f"f{i}"}} for i in range(128)]),
    ),
    _good(
        "200 tools",
        chat(ASK, ANSWER, tools=[{"type": "function", "function": {"name": f"f{i}"}} for i in range(200)]),
    ),
    _good("tool result empty", chat(ASK, CALLS, {**RESULT, "content": ""}, ANSWER, tools=[TOOL])),
    _good(
        "tool result parts",
        chat(ASK, CALLS, {**RESULT, "content": [{"type": "text", "text": "x"}]}, ANSWER, tools=[TOOL]),
    ),
    _good(
        "three parallel",
        chat(
            ASK,
            assistant(tool_calls=[{**CALL, "id": f"c{i}"} for i in range(3)]),
            *[{**RESULT, "tool_call_id": f"c{i}"} for i in (2, 0, 1)],
            ANSWER,
            tools=[TOOL],
            parallel_tool_calls=True,
        ),
    ),
    _good(
        "call then call",
        chat(
            ASK,
            CALLS,
            RESULT,
            {**CALLS, "tool_calls": [{**CALL, "id": "c2"}]},
            {**RESULT, "tool_call_id": "c2"},
            ANSWER,
            tools=[TOOL],
        ),
    ),
    _good("tools+functions", chat(ASK, ANSWER, tools=[TOOL], functions=[{"name": "look_up"}])),
    _good(
        "params any",
        tool(
            parameters={"type": "object", "properties": {"$ref": 1, "x": []}, "additionalProperties": False}
        ),
    ),
    _good("strict true", tool(strict=True)),
    _good(
        "image webp",
        chat(user([image("data:image/webp;base64,UklGRg=="), {"type": "text", "text": "reset it"}]), ANSWER),
    ),
    _good(
        "jpeg",
        chat(
            user(
                [
                    image("data:image/jpeg;base64,/9j/4AAQ", detail="high"),
                    {"type": "text", "text": "reset it"},
                ]
            ),
            ANSWER,
        ),
    ),
    _good(
        "image localhost",
        chat(user([image("http://127.0.0.1:8000/x?y=1#z"), {"type": "text", "text": "reset it"}]), ANSWER),
    ),
    _good(
        "file data",
        chat(
            user(
                [
                    {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:..."}},
                    {"type": "text", "text": "reset it"},
                ]
            ),
            ANSWER,
        ),
    ),
    _good(
        "mp3",
        chat(
            user(
                [
                    {"type": "input_audio", "input_audio": {"data": "", "format": "mp3"}},
                    {"type": "text", "text": "reset it"},
                ]
            ),
            ANSWER,
        ),
    ),
    _good("long text", chat(user("reset it " + "x" * 1_000_000), ANSWER)),
    _good("200 messages", chat(*[ASK, ANSWER] * 100)),
    _good("assistant first", chat(ANSWER, ASK, ANSWER)),
    _good("assistant twice", chat(ASK, ANSWER, ANSWER)),
    _good("system last but one", chat(ASK, SYSTEM, ANSWER)),
    _good("empty system", chat({"role": "system", "content": ""}, ASK, ANSWER)),
    _good("spaces answer", chat(ASK, assistant(content=" "))),
    _good(
        "row with nested fields",
        {**ROW, "reference": {"a": [{"b": None}]}, "messages_": 1, "tools": [TOOL]},
        "reinforcement",
    ),
    _good("row with parallel_tool_calls any", {**ROW, "parallel_tool_calls": "x"}, "reinforcement"),
    _good("row with calls", {"messages": [ASK, CALLS, RESULT, ASK], "tools": [TOOL]}, "reinforcement"),
    _good("row with only messages", {"messages": [ASK]}, "reinforcement"),
    _good(
        "row with image",
        {"messages": [user([image(PNG), {"type": "text", "text": "reset it"}])], "answer": "x"},
        "reinforcement",
    ),
    _good(
        "row with weight assistant",
        {"messages": [ASK, {**ANSWER, "weight": 0}, ASK], "answer": 1},
        "reinforcement",
    ),
    _good(
        "row with preferred-looking no", {"messages": [ASK], "preferred": "x", "input": "y"}, "reinforcement"
    ),
    _good("pair with system", {**PAIR, "input": {"messages": [SYSTEM, ASK]}}, "dpo"),
    _good(
        "pair with parallel_tool_calls",
        {**PAIR, "input": {"messages": [ASK], "tools": [TOOL], "parallel_tool_calls": True}},
        "dpo",
    ),
    _good(
        "pair with after tool", {**PAIR, "input": {"messages": [ASK, CALLS, RESULT], "tools": [TOOL]}}, "dpo"
    ),
    _good("pair with weight1", {**PAIR, "preferred_output": [{**ANSWER, "weight": 1}]}, "dpo"),
    _good("pair with refusal", {**PAIR, "preferred_output": [assistant(refusal="No")]}, "dpo"),
    _good(
        "pair with parts",
        {**PAIR, "preferred_output": [assistant(content=[{"type": "text", "text": "x"}])]},
        "dpo",
    ),
    _good("pair with same", {**PAIR, "preferred_output": [ANSWER], "non_preferred_output": [ANSWER]}, "dpo"),
    _good("pair with system last", {**PAIR, "input": {"messages": [ASK, SYSTEM]}}, "dpo"),
    _good("completion both long", {"prompt": "reset it", "completion": " \n"}, model="babbage-002"),
    _good(
        "completion fine-tuned model",
        {"prompt": "reset it", "completion": "x"},
        model="ft:babbage-002:acme::x",
    ),
    File("solidus", _LINES.replace(b"Hold", b"a\\/b"), "", 0),
    File("u escapes of ascii", _LINES.replace(b'"role"', b'"r\\u006fle"'), "", 0),
    File("quote escape", _LINES.replace(b"Hold", b"\\u0022Hold"), "", 0),
    File("unterminated spaces", _LINES.replace(b"\n", b"   \n"), "", 0),
    File("tabs in JSON", _LINES.replace(b": ", b"\t:\t"), "", 0),
    File("CRLF no end", _LINES.replace(b"\n", b"\r\n")[:-2], "", 0),
    File("mixed ends", _LINES.replace(b"\n", b"\r\n", 5), "", 0),
    File("blank begin end", b"\n\r\n  \n" + _LINES + b"\n\t\n\n", "", 0),
    File("bom blank", b"\xef\xbb\xbf\n" + _LINES, "", 0),
    File("weight 1e0", _LINES.replace(b'button."}', b'button.", "weight": 1e0}'), "", 0),
    File(
        "weight -0",
        lines(several(chat(ASK, {**ANSWER, "weight": 0}, ASK, ANSWER))).replace(
            b'"weight": 0', b'"weight": -0'
        ),
        "",
        0,
    ),
]
"""Good files with unusual content."""
