"""`check_dataset`: each problem has its line, and any bytes give a report or a `DatasetError`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetuning_client import DatasetError, DatasetReport, InvalidRequestError, Problem, check_dataset

ASK = {"role": "user", "content": "How do I reset it?"}
ANSWER = {"role": "assistant", "content": "Hold the button."}
CHAT = {"messages": [{"role": "system", "content": "Be brief."}, ASK, ANSWER]}
COMPLETION = {"prompt": "Reset:", "completion": " hold it"}
PREFERENCE = {
    "input": {"messages": [ASK]},
    "preferred_output": [ANSWER],
    "non_preferred_output": [{"role": "assistant", "content": "No."}],
}
REINFORCEMENT = {"messages": [ASK], "reference_answer": "hold"}
EXAMPLES = {
    "chat": CHAT,
    "completions": COMPLETION,
    "preference": PREFERENCE,
    "reinforcement": REINFORCEMENT,
}


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """A function that writes a file of lines: bytes unchanged, other values as JSON."""

    def make(*lines: Any) -> Path:
        path = tmp_path / "train.jsonl"
        texts = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        path.write_bytes(b"\n".join(texts))
        return path

    return make


def problems(path: Path) -> list[str]:
    """Return the problems of single lines, without those of the file as a whole."""
    return [str(problem) for problem in check_dataset(path, minimum=0, check=False).problems]


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_format_is_recognised(write: Any, name: str) -> None:
    """The keys of the first example determine the format."""
    report = check_dataset(write(*[EXAMPLES[name]] * 10))
    assert (report.format, report.examples, report.problems) == (name, 10, ())


def test_report_counts_examples_messages_and_duplicates(write: Any) -> None:
    """Blank lines do not count."""
    lines = [CHAT, b"", CHAT, b"  ", {"messages": [ASK, ANSWER]}]
    report = check_dataset(write(*lines), minimum=1)
    assert report == DatasetReport(
        path=report.path,
        format="chat",
        examples=3,
        messages={"system": 2, "user": 3, "assistant": 3},
        characters=2 * len("Be brief.") + 3 * len(ASK["content"] + ANSWER["content"]),
        duplicates=1,
        problems=(),
    )
    assert report.path.endswith("train.jsonl")


def test_report_has_the_tokens_of_its_statistics(write: Any) -> None:
    """The report and its statistics have the same estimate."""
    report = check_dataset(write({"prompt": "12345", "completion": "6789"}), minimum=1)
    assert report.characters == 9
    assert report.estimated_tokens == report.stats.tokens > 3


def test_text_parts_of_content_are_counted(write: Any) -> None:
    """Images and other parts have no characters."""
    parts = [
        {"type": "text", "text": "abc"},
        {"type": "image_url", "image_url": {"url": "https://example.com/x.png"}},
    ]
    report = check_dataset(write({"messages": [{"role": "user", "content": parts}, ANSWER]}), minimum=1)
    assert report.characters == 3 + len(ANSWER["content"])


def test_byte_order_mark_is_accepted(write: Any) -> None:
    """Some editors on Windows write one."""
    line = b"\xef\xbb\xbf" + json.dumps(CHAT).encode()
    assert check_dataset(write(line), minimum=1).examples == 1


def chat(*messages: Any) -> dict[str, Any]:
    """Return a conversation."""
    return {"messages": list(messages)}


PROBLEMS: list[tuple[Any, str]] = [
    (b'{"messages": [', "is not JSON"),
    (b"\xff\xfe{}", "is not JSON"),
    (b"[" * 100_000, "nested too deeply"),
    ([CHAT], "is not a JSON object"),
    ("text", "is not a JSON object"),
    (None, "is not a JSON object"),
    ({}, "has an unknown format: expected 'messages', 'prompt' and 'completion'"),
    ({"text": "abc"}, "has an unknown format"),
    (COMPLETION, "has the format completions, but earlier lines have chat"),
    ({"messages": None}, "messages: must be a non-empty list of messages"),
    ({"messages": {}}, "messages: must be a non-empty list of messages"),
    ({"messages": []}, "messages: must be a non-empty list of messages"),
    (chat("hello", ANSWER), "messages[0]: must be an object with role and content"),
    (chat({"content": "x"}, ANSWER), "messages[0]: has no role"),
    (chat(ASK, {"role": "bot", "content": "x"}, ANSWER), "messages[1]: role must be one of"),
    (chat({"role": ["user"], "content": "x"}, ANSWER), "messages[0]: role must be one of"),
    (chat({"role": "user"}, ANSWER), "messages[0]: has no content"),
    (chat({"role": "user", "content": []}, ANSWER), "messages[0]: has no content"),
    (chat(ASK, {**ANSWER, "weight": 0.5}), "messages[1]: weight must be 0 or 1, not 0.5"),
    (chat(ASK), "messages: has no assistant message"),
]


@pytest.mark.parametrize(("line", "problem"), PROBLEMS, ids=lambda value: repr(value)[:40])
def test_each_problem_has_its_line(write: Any, line: Any, problem: str) -> None:
    """Lines are counted from 1, including blank ones."""
    found = problems(write(CHAT, b"", line, CHAT))
    assert found
    for text in found:
        assert text.startswith("line 3: ")
    assert any(problem in text for text in found), found


OF_OTHER_FORMATS: list[tuple[Any, str]] = [
    ({"prompt": "x"}, "completion: must be a string"),
    ({"prompt": ["x"], "completion": "y"}, "prompt: must be a string"),
    ({"prompt": "x", "completion": ""}, "completion: is empty"),
    ({**PREFERENCE, "input": None}, "input: must be an object with messages"),
    ({**PREFERENCE, "input": {}}, "input.messages: must be a non-empty list of messages"),
    ({**PREFERENCE, "preferred_output": []}, "preferred_output: must be a non-empty list of messages"),
    (
        {"input": {"messages": [ASK]}, "preferred_output": [ANSWER]},
        "non_preferred_output: must be a non-empty list",
    ),
    ({**REINFORCEMENT, "messages": [{"role": "user"}]}, "messages[0]: has no content"),
]


@pytest.mark.parametrize(("line", "problem"), OF_OTHER_FORMATS, ids=lambda value: repr(value)[:40])
def test_problems_of_other_formats_name_the_key(write: Any, line: Any, problem: str) -> None:
    """The problem names the key."""
    assert any(f"line 1: {problem}" in text for text in problems(write(line)))


@pytest.mark.parametrize(
    "message",
    [
        {"role": "assistant", "content": None, "refusal": "I cannot help with that."},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
        {"role": "assistant", "content": ""},
        {"role": "assistant", "content": "x", "weight": 0},
        {"role": "developer", "content": "x"},
        {"role": "user", "content": "x", "name": "Ada"},
        {"role": "user", "content": [{"type": "text", "text": "x"}]},
    ],
    ids=str,
)
def test_valid_messages_have_no_problems(write: Any, message: Any) -> None:
    """A refusal needs no content, and a message may have a name and a weight."""
    assert problems(write(chat(ASK, message, ANSWER))) == []


def test_too_few_examples_are_a_problem_of_the_file(write: Any) -> None:
    """The hosted service requires 10 examples for training, 1 for validation."""
    path = write(*[CHAT] * 9)
    with pytest.raises(DatasetError, match="has 9 examples; at least 10 are required") as e:
        check_dataset(path)
    assert [problem.line for problem in e.value.problems] == [0]
    assert check_dataset(path, minimum=1).examples == 9


def test_error_lists_the_first_problems_and_counts_the_rest(write: Any) -> None:
    """`problems` has all of them."""
    with pytest.raises(DatasetError) as e:
        check_dataset(write(*[b"x"] * 12))
    lines = str(e.value).splitlines()
    assert lines[0].endswith("train.jsonl: 12 problems")
    assert lines[1].startswith("  line 1: is not JSON")
    assert lines[-1] == "  and 7 more"
    assert len(e.value.problems) == 12
    assert e.value.problems[11] == Problem(12, e.value.problems[0].message)
    assert e.value.path is not None and e.value.path.endswith("train.jsonl")


def test_single_problem_is_singular(write: Any) -> None:
    """The message says "1 problem"."""
    with pytest.raises(DatasetError, match="1 problem\n  line 2"):
        check_dataset(write(CHAT, b"x"), minimum=1)


def test_check_false_returns_the_problems(write: Any) -> None:
    """No error is raised."""
    report = check_dataset(write(b"x"), check=False)
    assert [problem.line for problem in report.problems] == [0, 1]
    assert report.format is None


def test_unreadable_file_is_named(tmp_path: Path) -> None:
    """The file is missing or empty, or is a directory."""
    (tmp_path / "empty").touch()
    for name, reason in {"missing": "no such file", "empty": "is empty", "": "is a directory"}.items():
        with pytest.raises(DatasetError, match=reason) as e:
            check_dataset(tmp_path / name)
        assert e.value.problems == ()


def test_file_of_blank_lines_has_no_examples(write: Any) -> None:
    """Fewer examples than the minimum are a problem."""
    with pytest.raises(DatasetError, match="has 0 examples; at least 10"):
        check_dataset(write(b"", b" ", b""))


def test_bytes_and_open_files_are_checked(write: Any) -> None:
    """An open file can be uploaded after the check."""
    path = write(CHAT, b"x")
    with path.open("rb") as file:
        sources: list[Any] = [str(path), path.read_bytes(), file]
        reports = [check_dataset(source, check=False) for source in sources]
    assert [report.path for report in reports] == [str(path), "upload.jsonl", "train.jsonl"]
    assert len({report.problems for report in reports}) == 1


@pytest.mark.parametrize("path", [None, 5, ["train.jsonl"]], ids=repr)
def test_value_that_is_not_a_source_is_refused(path: Any) -> None:
    """The error is `InvalidRequestError`."""
    with pytest.raises(InvalidRequestError):
        check_dataset(path)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def _objects(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Strategy for objects that have some of the fields, and for any other value."""
    return st.fixed_dictionaries({}, optional=fields) | _json


_roles = st.sampled_from(["user", "assistant"])
_messages = st.lists(_objects(role=_roles | _json, content=_json, weight=_json, tool_calls=_json), max_size=3)
_examples = _objects(
    messages=_messages,
    prompt=_json,
    completion=_json,
    input=_objects(messages=_messages),
    preferred_output=_messages,
    non_preferred_output=_messages,
    other=_json,
)


@given(lines=st.lists(st.binary(max_size=20) | _examples.map(lambda v: json.dumps(v).encode()), max_size=4))
def test_any_bytes_give_a_report_or_a_dataset_error(lines: list[bytes]) -> None:
    """Each problem has a line of the file, and no other exception is raised."""
    content = b"\n".join(lines)
    if not content:
        with pytest.raises(DatasetError, match="is empty"):
            check_dataset(content)
        return
    report = check_dataset(content, minimum=0, check=False)
    assert all(1 <= problem.line <= content.count(b"\n") + 1 for problem in report.problems)
    if report.examples:
        assert report.examples >= len({problem.line for problem in report.problems})
