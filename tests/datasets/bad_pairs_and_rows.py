"""Preference pairs, grader rows and completions with one fault each."""

from __future__ import annotations

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
    Fault,
    assistant,
    chat,
    image,
    user,
)

BAD_PAIRS: list[Fault] = [
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
    ("preferred output null", {**PAIR, "preferred_output": None}, "null-value"),
    ("preferred output weight 5", {**PAIR, "preferred_output": [{**ANSWER, "weight": 5}]}, "weight-value"),
    (
        "preferred output content null",
        {**PAIR, "preferred_output": [assistant(content=None)]},
        "missing-content",
    ),
    ("preferred output role missing", {**PAIR, "preferred_output": [{"content": "x"}]}, "missing-role"),
    ("preferred output string list", {**PAIR, "preferred_output": ["x"]}, "wrong-type"),
    ("preferred output extra", {**PAIR, "preferred_output": [{**ANSWER, "mood": 1}]}, "unknown-key"),
    ("preferred output tool undeclared", {**PAIR, "preferred_output": [CALLS]}, "undeclared-function"),
    (
        "preferred output arguments",
        {
            **PAIR,
            "input": {"messages": [ASK], "tools": [TOOL]},
            "non_preferred_output": [
                assistant(tool_calls=[{**CALL, "function": {"name": "look_up", "arguments": "x"}}])
            ],
        },
        "arguments-not-json",
    ),
    ("input null", {**PAIR, "input": None}, "null-value"),
    ("input string", {**PAIR, "input": "x"}, "wrong-type"),
    ("input messages string", {**PAIR, "input": {"messages": "x"}}, "wrong-type"),
    ("input role", {**PAIR, "input": {"messages": [{"role": "human", "content": "x"}]}}, "unknown-role"),
    ("input tools null", {**PAIR, "input": {"messages": [ASK], "tools": None}}, "null-value"),
    (
        "input unanswered",
        {**PAIR, "input": {"messages": [ASK, CALLS, ASK], "tools": [TOOL]}},
        "tool-unanswered",
    ),
    ("input functions", {**PAIR, "input": {"messages": [ASK], "functions": [{"name": "f"}]}}, "unknown-key"),
    ("tools at root", {**PAIR, "tools": [TOOL]}, "unknown-key"),
    ("messages at root", {**PAIR, "messages": [ASK]}, "unknown-key"),
    ("chosen rejected", {"prompt": "x", "chosen": "y", "rejected": "z"}, "wrong-format"),
    (
        "image in preferred output",
        {**PAIR, "preferred_output": [assistant(content=[image(PNG)])]},
        "image-role",
    ),
    ("pair with weight on user", {**PAIR, "input": {"messages": [{**ASK, "weight": 1}]}}, "weight-role"),
    (
        "two refusal",
        {
            **PAIR,
            "preferred_output": [
                assistant(content=[{"type": "refusal", "refusal": "x"}, {"type": "text", "text": "y"}])
            ],
        },
        "refusal-part",
    ),
]
"""Faults of preference pairs."""

BAD_ROWS: list[Fault] = [
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
    ("row with system last", chat(ASK, SYSTEM, answer="x"), "last-message"),
    ("row with tool last", {**WITH_TOOLS, "messages": [ASK, CALLS, RESULT], "a": 1}, "last-message"),
    ("row with tools string", {**ROW, "tools": "x"}, "wrong-type"),
    ("row with empty messages", {"messages": [], "answer": "x"}, "no-messages"),
    ("row with content null", {"messages": [user(None)], "answer": "x"}, "missing-content"),
    ("row with weight on user", {"messages": [{**ASK, "weight": 1}], "answer": "x"}, "weight-role"),
    (
        "row with function message",
        chat({"role": "function", "name": "f", "content": "x"}, ASK, answer=1),
        "unknown-role",
    ),
    ("row with repeated tool", {**ROW, "tools": [TOOL, TOOL]}, "duplicate-tool"),
    ("row with inf", b'{"messages": [{"role": "user", "content": "x"}], "n": [1, Infinity]}', "not-a-number"),
    ("row with lone", b'{"messages": [{"role": "user", "content": "x"}], "n": "\\udc00"}', "lone-surrogate"),
    ("row with pair", PAIR, "wrong-format"),
]
"""Faults of rows for a grader."""

BAD_COMPLETIONS: list[Fault] = [
    ("no completion", {"prompt": "x"}, "missing-key"),
    ("a prompt is a list", {"prompt": ["x"], "completion": "y"}, "wrong-type"),
    ("an empty completion", {"prompt": "x", "completion": ""}, "empty-string"),
    ("an unknown field of a completion", {**COMPLETION, "label": 1}, "unknown-key"),
    ("a conversation among completions", CHAT, "wrong-format"),
    ("prompt null", {"prompt": None, "completion": "x"}, "null-value"),
    ("completion null", {"prompt": "x", "completion": None}, "null-value"),
    ("completion list", {"prompt": "x", "completion": ["y"]}, "wrong-type"),
    ("completion number", {"prompt": "x", "completion": 5}, "wrong-type"),
    ("no prompt", {"completion": "y"}, "missing-key"),
    ("Prompt capital", {"Prompt": "x", "Completion": "y"}, "wrong-format"),
    ("text only", {"text": "y"}, "wrong-format"),
    ("prompt response", {"prompt": "x", "response": "y"}, "missing-key"),
    ("messages too", {"prompt": "x", "completion": "y", "messages": []}, "wrong-format"),
]
"""Faults of prompts with completions."""
