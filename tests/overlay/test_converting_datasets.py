"""`convert` makes complete training files from tables and from the layouts of other tools, or none."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finetuning_client import ConfigurationError, DatasetError, InvalidRequestError, check_dataset
from finetuning_client.data import convert, dedupe, repair


def user(text: str) -> dict[str, Any]:
    """Return a message from the user."""
    return {"role": "user", "content": text}


def assistant(text: str) -> dict[str, Any]:
    """Return a message from the assistant."""
    return {"role": "assistant", "content": text}


def rows_of(path: Path) -> list[Any]:
    """Return the examples in a file."""
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


@pytest.fixture
def converted(tmp_path: Path) -> Callable[..., list[Any]]:
    """A function that converts content under a file name, and returns the examples."""

    def run(name: str, content: str | bytes | list[Any], **options: Any) -> list[Any]:
        path = tmp_path / name
        if isinstance(content, list):
            content = json.dumps(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        made = convert(path, tmp_path / "made.jsonl", **options)
        found = rows_of(made.path)
        assert made.examples == len(found)
        return found

    return run


CHAT = [{"messages": [user("a"), assistant("b")]}]
PAIR = [
    {
        "input": {"messages": [user("q")]},
        "preferred_output": [assistant("good")],
        "non_preferred_output": [assistant("bad")],
    }
]
ASKED = [user("q"), assistant("good")], [user("q"), assistant("bad")]
LAYOUTS: dict[str, tuple[str, str | bytes | list[Any], list[Any]]] = {
    "csv": ("data.csv", "prompt,completion\na,b\n", CHAT),
    "csv with quotes": ("data.csv", 'question,answer\r\n"a","b"\r\n', CHAT),
    "csv with semicolons": ("data.csv", "prompt;response\na;b\n", CHAT),
    "csv in latin-1": (
        "data.csv",
        "prompt,completion\né,b\n".encode("latin-1"),
        [{"messages": [user("é"), assistant("b")]}],
    ),
    "csv with a mark": ("data.csv", "\ufeffprompt,completion\na,b\n", CHAT),
    "csv with old Mac line ends": ("data.csv", "prompt,completion\ra,b\r", CHAT),
    "compressed csv": ("data.csv.gz", gzip.compress(b"prompt,completion\na,b\n"), CHAT),
    "tsv": ("data.tsv", "prompt\tcompletion\na\tb\n", CHAT),
    "a table with an unknown extension": ("data.txt", "prompt,completion\na,b\n", CHAT),
    "json": ("data.json", [{"prompt": "a", "completion": "b"}], CHAT),
    "json lines": ("data.jsonl", '{"input": "a", "output": "b"}\n', CHAT),
    "json in utf-16": ("data.json", '[{"prompt": "a", "completion": "b"}]'.encode("utf-16"), CHAT),
    "chat": ("data.json", CHAT, CHAT),
    "chat in a cell": (
        "data.csv",
        'messages\n"' + json.dumps(CHAT[0]["messages"]).replace('"', '""') + '"\n',
        CHAT,
    ),
    "sharegpt": (
        "data.json",
        [{"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}],
        CHAT,
    ),
    "sharegpt with a system message": (
        "data.json",
        [
            {
                "system": "s",
                "conversation": [{"from": "user", "value": "a"}, {"from": "assistant", "value": "b"}],
            }
        ],
        [{"messages": [{"role": "system", "content": "s"}, user("a"), assistant("b")]}],
    ),
    "alpaca": (
        "data.json",
        [{"instruction": "add", "input": "1+1", "output": 2}],
        [{"messages": [user("add\n\n1+1"), assistant("2")]}],
    ),
    "alpaca with a history": (
        "data.json",
        [{"instruction": "more", "input": "", "output": "c", "history": [["a", "b"]]}],
        [{"messages": [user("a"), assistant("b"), user("more"), assistant("c")]}],
    ),
    "preference": ("data.csv", "prompt,chosen,rejected\nq,good,bad\n", PAIR),
    "preference of conversations": ("data.json", [{"chosen": ASKED[0], "rejected": ASKED[1]}], PAIR),
    "preference of both": ("data.json", [{"prompt": "q", "chosen": ASKED[0], "rejected": ASKED[1]}], PAIR),
    "preference as it is trained": ("data.jsonl", json.dumps(PAIR[0]), PAIR),
}


@pytest.mark.parametrize(("name", "content", "expected"), LAYOUTS.values(), ids=LAYOUTS.keys())
def test_layouts_are_recognised(
    converted: Callable[..., list[Any]], name: str, content: Any, expected: list[Any]
) -> None:
    """The layout is found from the name of the file and the names of the columns."""
    assert converted(name, content) == expected


TEXT = st.text(min_size=1, max_size=12).filter(lambda text: text.strip() and "\0" not in text)


@settings(max_examples=80, deadline=None)
@given(
    pairs=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5),
    kind=st.sampled_from(["csv", "tsv", "json"]),
)
def test_texts_are_preserved_by_every_format(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]], kind: str
) -> None:
    """Cells keep line ends, quotes, delimiters and any script; the result converts to itself."""
    folder = tmp_path_factory.getbasetemp()
    path = folder / f"pairs.{kind}"
    if kind == "json":
        path.write_text(json.dumps([{"prompt": a, "completion": b} for a, b in pairs]), encoding="utf-8")
    else:
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter="\t" if kind == "tsv" else ",")
        writer.writerows([("prompt", "completion"), *pairs])
        path.write_bytes(text.getvalue().encode())
    made = convert(path, folder / "pairs.out", overwrite=True)
    assert rows_of(made.path) == [{"messages": [user(a), assistant(b)]} for a, b in pairs]
    again = convert(made.path, folder / "pairs.again", overwrite=True)
    assert again.path.read_bytes() == made.path.read_bytes()


def test_parquet_is_read_by_polars(tmp_path: Path) -> None:
    """Columns are converted, messages lose the nulls of their structs, and `keep` adds columns."""
    polars = pytest.importorskip("polars")
    path = tmp_path / "data.parquet"
    polars.DataFrame({"prompt": ["a"] * 5000, "completion": ["b"] * 5000, "n": range(5000)}).write_parquet(
        path
    )
    made = convert(path, keep=["n"])
    assert made.path == tmp_path / "data.jsonl"
    assert rows_of(made.path)[4999] == {**CHAT[0], "n": 4999}
    messages = [[{**user("a"), "name": None}, {**assistant("b"), "name": "x"}]]
    polars.DataFrame({"messages": messages}).write_parquet(path)
    made = convert(path, overwrite=True)
    assert rows_of(made.path) == [{"messages": [user("a"), {**assistant("b"), "name": "x"}]}]
    path.write_bytes(b"PAR1 and nothing else")
    with pytest.raises(DatasetError, match="is not a Parquet file"):
        convert(path, overwrite=True)


def test_parquet_without_polars_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says it once, without the traceback of an import."""
    monkeypatch.setitem(sys.modules, "polars", None)
    path = tmp_path / "data.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(ConfigurationError, match=r"pip install 'finetuning-client\[data\]'"):
        convert(path)


def test_columns_can_be_named(converted: Callable[..., list[Any]]) -> None:
    """This works for pairs and for preferences; a misspelt name gets a suggestion."""
    table = "q;good;bad;id\nq;good;bad;7\n"
    assert converted("data.csv", table, prompt="q", preferred="good", rejected="bad") == PAIR
    found = converted(
        "data.csv", table, prompt="q", completion="good", system="s", keep=["id"], overwrite=True
    )
    system = {"role": "system", "content": "s"}
    assert found == [{"messages": [system, user("q"), assistant("good")], "id": "7"}]
    with pytest.raises(DatasetError, match="line 2: has no column 'goood': did you mean 'good'"):
        converted("data.csv", table, prompt="q", completion="goood", overwrite=True)


def test_targets_of_other_methods_are_written(converted: Callable[..., list[Any]]) -> None:
    """Targets are completions, and prompts with the reference answer for a grader."""
    table = "prompt,completion,id\na,b,7\n"
    assert converted("data.csv", table, target="completions") == [{"prompt": "a", "completion": "b"}]
    found = converted("data.csv", table, target="reinforcement", keep=["id"], overwrite=True)
    assert found == [{"messages": [user("a")], "answer": "b", "id": "7"}]
    with pytest.raises(DatasetError, match="more than two messages"):
        long = [{"messages": [user("a"), assistant("b"), user("c"), assistant("d")]}]
        converted("data.json", long, target="completions", overwrite=True)


REFUSED = {
    "unknown layout": ("q,a\nx,y\n", r"the columns 'q', 'a': name the columns with prompt= and completion="),
    "empty cells": (
        "prompt,completion\na,b\nc,\n,d\n",
        r"line 3: completion: is empty\n  line 4: prompt: is empty",
    ),
    "an empty cell after one of two lines": (
        'prompt,completion\n"a\nb",c\nd,\n',
        "line 4: completion: is empty",
    ),
    "a cell too many": ("prompt,completion\na,b,c\n", "line 2: has 3 cells for 2 columns"),
    "a column twice": ("prompt,prompt\na,b\n", "two columns named 'prompt'"),
    "an open quote": ('prompt,completion\n"a,b\n', "line 2: is not CSV"),
    "no rows": ("prompt,completion\n", "has no rows"),
}


@pytest.mark.parametrize(("content", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_tables_that_lack_something_are_refused(tmp_path: Path, content: str, message: str) -> None:
    """One error has all bad rows, and nothing is written."""
    path = tmp_path / "data.csv"
    path.write_text(content)
    with pytest.raises(DatasetError, match=message):
        convert(path)
    assert [found.name for found in tmp_path.iterdir()] == ["data.csv"]


BAD_ROWS: dict[str, tuple[dict[str, Any], str]] = {
    "role": (
        {"conversations": [{"from": "alien", "value": "a"}]},
        r"conversations\[0\].from: must be one of",
    ),
    "no turns": ({"conversations": []}, "must be a list of turns"),
    "turn": ({"conversations": ["a"]}, "must be an object with 'from' and 'value'"),
    "messages": ({"messages": "a"}, "messages: must be a list of messages"),
    "message": ({"messages": [{"content": "a"}]}, r"messages\[0\]: must be an object with role and content"),
    "null": ({"prompt": "a", "completion": None}, "completion: must be a string, not empty"),
    "list": ({"prompt": ["a"], "completion": "b"}, "prompt: must be a string, not list"),
    "no prompt": ({"chosen": "a", "rejected": "b"}, "has none of the columns prompt"),
    "history": ({"instruction": "a", "output": "b", "history": ["c"]}, r"history\[0\]: must be a pair"),
}


@pytest.mark.parametrize(("row", "message"), BAD_ROWS.values(), ids=BAD_ROWS.keys())
def test_rows_that_cannot_be_converted_are_reported_by_line(
    tmp_path: Path, row: dict[str, Any], message: str
) -> None:
    """The error also names the field."""
    path = tmp_path / "data.jsonl"
    path.write_text("\n" + json.dumps(row) + "\n")
    with pytest.raises(DatasetError, match=rf"line 2: .*{message}") as caught:
        convert(path)
    assert caught.value.problems[0].line == 2


@pytest.mark.parametrize(
    "content",
    [
        "Prompt,Completion\nask,reply\n",
        "PROMPT;Response\nask;reply\n",
        "Instruction,Input,Output\nask,,reply\n",
        "x,Question,Answer\n1,ask,reply\n",
    ],
)
def test_usual_columns_are_recognised_in_capitals(tmp_path: Path, content: str) -> None:
    """Columns that were named keep their names."""
    path = tmp_path / "data.csv"
    path.write_text(content)
    rows = [json.loads(line) for line in convert(path).path.read_text().splitlines()]
    assert [[message["content"] for message in row["messages"]] for row in rows] == [["ask", "reply"]]
    path.write_text("Prompt,prompt,Completion\nno,ask,reply\n")
    assert "ask" in convert(path, overwrite=True).path.read_text()
    assert "no" in convert(path, prompt="Prompt", completion="Completion", overwrite=True).path.read_text()


def test_a_short_row_is_reported_by_its_line(tmp_path: Path) -> None:
    """This includes the first row, which determines the layout."""
    path = tmp_path / "data.csv"
    path.write_text("prompt,completion\nask\nask,reply\nask\n")
    with pytest.raises(DatasetError) as caught:
        convert(path)
    message = "completion: must be a string, not empty"
    assert [(found.line, found.message) for found in caught.value.problems] == [(2, message), (4, message)]


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"PK\x03\x04", "a zip archive, as are .xlsx files"), (b"BZh91AY", "bzip2"), (b"%PDF-1.7", "a PDF")],
)
def test_other_kinds_of_files_are_named(tmp_path: Path, content: bytes, name: str) -> None:
    """The error says what to do with them."""
    path = tmp_path / "data.xlsx"
    path.write_bytes(content + b"\0" * 100)
    for step in (convert, repair, dedupe):
        with pytest.raises(DatasetError, match=f"is not JSON Lines: the file is {name}: "):
            step(path)


def test_arguments_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """Formats and targets are refused if they are unknown, or if the rows cannot be converted to them."""
    path = tmp_path / "data.csv"
    path.write_text("prompt,completion\na,b\n")
    for options, field in [
        ({"format": "xml"}, "format"),
        ({"target": "sharegpt"}, "target"),
        ({"target": "preference"}, "target"),
        ({"keep": "answer"}, "keep"),
        ({"keep": [1]}, "keep"),
        ({"prompt": 5}, "prompt"),
        ({"encoding": "rot13"}, "encoding"),
        ({"to": 5}, "to"),
    ]:
        with pytest.raises(InvalidRequestError) as caught:
            convert(path, **options)  # type: ignore[arg-type]
        assert caught.value.field == field


def test_a_layout_can_be_chosen_if_several_fit(converted: Callable[..., list[Any]]) -> None:
    """A row with instruction and output could also be a pair."""
    row = [{"instruction": "a", "input": "more", "output": "b"}]
    assert converted("data.json", row, format="pairs") == CHAT
    assert converted("data.json", row, format="json", overwrite=True) != CHAT


def test_a_converted_file_passes_the_check(tmp_path: Path) -> None:
    """Ten rows of a table make a good training file."""
    path = tmp_path / "data.csv"
    path.write_text("prompt,completion\n" + "".join(f"question {i},answer {i}\n" for i in range(10)))
    assert check_dataset(convert(path).path).examples == 10
