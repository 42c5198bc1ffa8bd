"""Bad data is found after the job was accepted, and reported with the hosted service's messages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import Caller, chat, jsonl

INVALID = "The job failed due to an invalid training file. Invalid file format. "


def with_example(number: int, example: Any) -> bytes:
    """Return a good file in which example `number`, counted from 1, is replaced."""
    lines = chat().splitlines()
    lines[number - 1] = example if isinstance(example, bytes) else json.dumps(example).encode()
    return b"\n".join(lines)


def conversation(*messages: Any) -> dict[str, Any]:
    """Return an example with these messages."""
    return {"messages": list(messages)}


USER = {"role": "user", "content": "Hello?"}
ASSISTANT = {"role": "assistant", "content": "Hello!"}


def test_the_job_is_accepted_then_fails_with_the_reason(caller: Caller) -> None:
    """Creation succeeds; the failed job has an error with code, message and param, and an event."""
    identifier = caller.create(chat(7))
    assert caller.job(identifier)["status"] == "validating_files"
    job = caller.finished(identifier)
    assert job["status"] == "failed"
    assert job["finished_at"] > job["created_at"]
    assert job["error"] == {
        "code": "invalid_n_examples",
        "message": "Training file has 7 example(s), but must have at least 10 examples",
        "param": "training_file",
    }
    last = caller.events(identifier)[-1]
    assert (last["level"], last["message"]) == ("error", job["error"]["message"])
    assert job["trained_tokens"] is None
    assert job["fine_tuned_model"] is None
    assert caller.get(f"/fine_tuning/jobs/{identifier}/checkpoints")["data"] == []


def test_a_bad_validation_file_is_named(caller: Caller) -> None:
    """An error in the validation file has its own code and param."""
    job = caller.finished(caller.create(chat(), with_example(12, b"not json")))
    assert job["error"]["code"] == "invalid_validation_file"
    assert job["error"]["param"] == "validation_file"
    assert "invalid validation file" in job["error"]["message"]
    assert "Example 12 is not valid JSON" in job["error"]["message"]


@pytest.mark.parametrize(
    ("example", "complaint"),
    [
        (
            conversation(USER, {"content": "Hello!"}),
            "Example 3, message 2 Discriminator 'role' is missing in value",
        ),
        (conversation(USER, {"role": "robot", "content": "?"}), "Example 3, message 2 Input tag"),
        (conversation(USER, {"role": ["user"]}), "Example 3, message 2 Input tag"),
        (conversation("Hello?"), "Example 3, message 1 Input should be an object"),
        (conversation(), "Example 3, messages List should have at least 1 item"),
        ({"messages": "Hello?"}, "Example 3, messages Input should be a list, but got a string"),
        ({"messages": None}, "Example 3 Missing key 'messages'"),
        ({}, "Example 3 Missing key 'messages'"),
        (conversation(ASSISTANT, USER), "Example 3, message 2 Last message must be from the"),
        (conversation({"role": "user"}), "Example 3, message 1 Missing key 'content'"),
        (conversation({"role": "user", "content": None}), "message 1 Content must not be null"),
        (conversation({"role": "user", "content": 5}), "message 1 Content should be a string"),
        (conversation({"role": "user", "content": []}), "message 1 Content must have at least one part"),
        (conversation({**USER, "mood": "good"}), "message 1 Extra inputs are not permitted"),
        (conversation(USER, {**ASSISTANT, "weight": 2}), "message 2 Weight is for"),
        (conversation(USER, {**ASSISTANT, "weight": 0}), "Example 3 must have at least one"),
        (conversation({"role": "tool", "content": "1"}), "Missing key 'tool_call_id'"),
        ({**conversation(USER, ASSISTANT), "tools": [1]}, "Example 3, tools Input should be"),
        ([], "Example 3, expected a JSON object, but got a list"),
        (b'{"messages": [', "Example 3 is not valid JSON"),
        (b'{"messages": "\xff"}', "Example 3 is not valid JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "Example 3 is not valid JSON"),
        ({"prompt": "a", "completion": "b"}, "is in the completions format, but this method"),
        ({"input": {}, "preferred_output": []}, "is in the preference format, but this method"),
    ],
)
def test_the_first_bad_example_is_named_with_its_message(
    caller: Caller, example: Any, complaint: str
) -> None:
    """The error gives the number of the example and of the message, and the reason."""
    job = caller.finished(caller.create(with_example(3, example)))
    assert job["error"]["code"] == "invalid_training_file"
    assert job["error"]["message"].startswith(INVALID + "Example 3")
    assert complaint in job["error"]["message"]


@pytest.mark.parametrize(
    ("fields", "needed"),
    [
        ({"model": "babbage-002"}, "completions"),
        ({"method": {"type": "dpo"}}, "preference"),
    ],
)
def test_data_of_another_format_is_an_error_that_names_both_formats(
    caller: Caller, fields: dict[str, Any], needed: str
) -> None:
    """Conversations are refused for a method or model that needs another format, with both names."""
    job = caller.finished(caller.create(chat(), **fields))
    assert job["error"]["code"] == "invalid_training_file"
    assert (
        f"in the chat format, but this method and model need the {needed} format" in (job["error"]["message"])
    )


@pytest.mark.parametrize(
    ("pair", "complaint"),
    [
        ({"preferred_output": [ASSISTANT]}, "Missing key 'input'"),
        ({"input": {"messages": [USER]}, "preferred_output": [ASSISTANT]}, "'non_preferred_output"),
        (
            {"input": {}, "preferred_output": [ASSISTANT], "non_preferred_output": [ASSISTANT]},
            "Example 1, input Missing key 'messages'",
        ),
        (
            {
                "input": {"messages": [USER]},
                "preferred_output": [USER],
                "non_preferred_output": [ASSISTANT],
            },
            "Example 1, preferred_output, message 1 Role must be assistant",
        ),
    ],
)
def test_a_bad_pair_of_preferences_is_named(caller: Caller, pair: dict[str, Any], complaint: str) -> None:
    """A preference pair needs a prompt and two outputs of the assistant."""
    job = caller.finished(caller.create(jsonl([pair] * 10), method={"type": "dpo"}))
    assert complaint in job["error"]["message"]


def test_a_reinforcement_prompt_ends_with_the_user(caller: Caller) -> None:
    """Reinforcement data has no output, so its last message is from the user."""
    grader = {"type": "python", "name": "mine", "source": "def grade(sample, item): return 1"}
    method = {"type": "reinforcement", "reinforcement": {"grader": grader}}
    job = caller.finished(caller.create(chat(), model="o4-mini", method=method))
    assert "Example 1, message 3 Last message must be from the user" in job["error"]["message"]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + chat(),
        chat().replace(b"\n", b"\r\n"),
        chat().replace(b"\n", b"\n\n"),
        chat().rstrip(b"\n"),
    ],
    ids=["byte order mark", "CRLF", "blank lines", "no last newline"],
)
def test_ordinary_ways_of_writing_lines_are_accepted(caller: Caller, data: bytes) -> None:
    """A byte order mark, CRLF and blank lines make no difference."""
    assert caller.finished(caller.create(data))["status"] == "succeeded"


def test_tool_calls_and_parts_are_good_data(caller: Caller) -> None:
    """Conversations can have tool calls, content parts and weights."""
    call = {"id": "c1", "type": "function", "function": {"name": "now", "arguments": "{}"}}
    example = {
        "messages": [
            {"role": "developer", "content": "Use tools."},
            {"role": "user", "content": [{"type": "text", "text": "What time is it?"}]},
            {"role": "assistant", "tool_calls": [call], "weight": 0},
            {"role": "tool", "tool_call_id": "c1", "content": "noon"},
            {"role": "assistant", "content": "Noon.", "weight": 1},
        ],
        "tools": [{"type": "function", "function": {"name": "now"}}],
        "parallel_tool_calls": False,
    }
    assert caller.finished(caller.create(jsonl([example] * 10)))["status"] == "succeeded"


def test_one_example_is_enough_for_validation(caller: Caller) -> None:
    """A validation file needs 1 example, a training file 10."""
    assert caller.finished(caller.create(chat(), chat(1)))["status"] == "succeeded"
    error = caller.finished(caller.create(chat(), b"\n"))["error"]
    assert (error["code"], error["param"]) == ("invalid_n_examples", "validation_file")
    assert error["message"] == "Validation file has 0 example(s), but must have at least 1 example"
