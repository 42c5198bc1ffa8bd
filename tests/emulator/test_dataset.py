"""The reader of data files is bounded and deterministic, and raises no exception for any content."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finetuning_emulator.simulation.dataset import Dataset, read_dataset
from finetuning_emulator.simulation.example_formats import Format
from finetuning_emulator.simulation.job_error import JobError

from .conftest import chat, jsonl

text = st.text(max_size=40)
json_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=12,
)
message = st.fixed_dictionaries(
    {},
    optional={
        "role": st.sampled_from(["system", "user", "assistant", "tool", "robot"]) | json_value,
        "content": text | json_value,
        "weight": json_value,
        "tool_calls": json_value,
    },
)
odd_example = st.fixed_dictionaries(
    {},
    optional={
        "messages": st.lists(message, max_size=4) | json_value,
        "prompt": json_value,
        "completion": json_value,
        "input": st.fixed_dictionaries({"messages": st.lists(message, max_size=2)}) | json_value,
        "preferred_output": st.lists(message, max_size=2) | json_value,
        "non_preferred_output": st.lists(message, max_size=2) | json_value,
        "tools": json_value,
    },
)
conversation = st.builds(
    lambda asked, answered: {
        "messages": [
            {"role": "user", "content": asked},
            {"role": "assistant", "content": answered},
        ]
    },
    text,
    text,
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A path that each example writes to."""
    return tmp_path_factory.mktemp("dataset") / "data.jsonl"


def read(path: Path, content: bytes, form: Format = Format.CHAT) -> Dataset | JobError:
    """Return the result of reading this content as a training file."""
    path.write_bytes(content)
    return read_dataset(path, form, "training")


@settings(deadline=None)
@given(content=st.binary(max_size=400), form=st.sampled_from(Format))
def test_any_bytes_give_a_dataset_or_an_error(path: Path, content: bytes, form: Format) -> None:
    """For any content, the result is a dataset or an error with its param."""
    found = read(path, content * 12, form)
    assert isinstance(found, Dataset) or found.param == "training_file"


@settings(deadline=None)
@given(examples=st.lists(odd_example | json_value, min_size=1, max_size=4), form=st.sampled_from(Format))
def test_any_json_gives_a_dataset_or_the_first_bad_example(
    path: Path, examples: list[Any], form: Format
) -> None:
    """Any JSON is accepted, or refused with the number of its first bad example."""
    found = read(path, jsonl(examples * 10), form)
    if isinstance(found, JobError):
        assert "Example " in found.message
    else:
        assert found.tokens >= found.targets >= 0


@settings(deadline=None)
@given(examples=st.lists(conversation, min_size=1, max_size=30))
def test_good_conversations_are_counted(path: Path, examples: list[Any]) -> None:
    """Examples, duplicates and tokens are counted; too few examples are an error."""
    found = read(path, jsonl(examples))
    if len(examples) < 10:
        assert isinstance(found, JobError)
        assert found.code == "invalid_n_examples"
        assert f"has {len(examples)} example(s)" in found.message
    else:
        assert isinstance(found, Dataset)
        assert found.examples == len(examples)
        different = {json.dumps(example) for example in examples}
        assert found.duplicates == len(examples) - len(different)
        assert 0 < found.targets < found.tokens


@settings(deadline=None)
@given(examples=st.lists(conversation, min_size=12, max_size=20), place=st.integers(0, 11))
def test_the_number_of_the_bad_example_is_right(path: Path, examples: list[Any], place: int) -> None:
    """The first bad example is named by its number."""
    found = read(path, jsonl([*examples[:place], {"messages": []}, *examples[place:]]))
    assert isinstance(found, JobError)
    assert f"Example {place + 1}, messages" in found.message


def test_reading_twice_gives_the_same_result(path: Path) -> None:
    """The result depends on the content only; other content has another digest."""
    first, again, other = read(path, chat()), read(path, chat()), read(path, chat(21))
    assert isinstance(first, Dataset)
    assert isinstance(other, Dataset)
    assert first == again
    assert first.digest != other.digest


def test_an_endless_line_is_not_read_into_memory(path: Path) -> None:
    """A line that is too long is a bad example, and does not allocate much memory."""
    found = read(path, chat() + b'{"messages": "' + b"x" * (17 * 1024 * 1024))
    assert isinstance(found, JobError)
    assert "Example 21 is longer than 16777216 bytes" in found.message


def test_an_empty_file_has_no_examples(path: Path) -> None:
    """A file without examples has too few."""
    for nothing in (b"", b"\n \n\t\r\n", b"\xef\xbb\xbf"):
        found = read(path, nothing)
        assert isinstance(found, JobError)
        assert "has 0 example(s)" in found.message
