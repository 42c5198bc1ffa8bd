"""`repair` corrects the compression, encoding and layout of a file, and nothing that needs a guess."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finetuning_client import DatasetError, InvalidRequestError
from finetuning_client.data import Repaired, repair

ROWS = [
    {"messages": [{"role": "user", "content": 'café naïve Größe {["\\"}] , '}], "n": 1.0},
    {"a": [1, {"b": "]"}], "c": None},
]
TEXT = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)
PLAIN = TEXT.encode()


def names(folder: Path) -> list[str]:
    """Return the names of the files in a directory."""
    return sorted(path.name for path in folder.iterdir())


def codes(made: Repaired) -> list[str]:
    """Return the codes of the repairs."""
    return [mending.code for mending in made.mended]


FAULTS = {
    "nothing": (PLAIN, []),
    "no last line end": (PLAIN.rstrip(), []),
    "mark": (b"\xef\xbb\xbf" + PLAIN, ["bom"]),
    "mark within": (PLAIN.replace(b"\n", b"\n\xef\xbb\xbf", 1), ["bom"]),
    "utf-16": (TEXT.encode("utf-16"), ["encoding"]),
    "utf-16 without mark": (TEXT.encode("utf-16-be"), ["encoding"]),
    "utf-32": (TEXT.encode("utf-32"), ["encoding"]),
    "latin-1": (TEXT.encode("latin-1"), ["encoding"]),
    "gzip": (gzip.compress(PLAIN), ["gzip"]),
    "gzip of utf-16": (gzip.compress(TEXT.encode("utf-16")), ["gzip", "encoding"]),
    "crlf": (PLAIN.replace(b"\n", b"\r\n"), ["line-ends"]),
    "cr": (PLAIN.replace(b"\n", b"\r"), ["line-ends"]),
    "commas": (PLAIN.replace(b"\n", b",\n"), ["trailing-comma"]),
    "blank lines": (b"\n" + PLAIN.replace(b"\n", b"\n \n"), ["blank-lines"]),
    "array": (json.dumps(ROWS).encode(), ["json-array"]),
    "array by lines": (b"[\n" + PLAIN.strip().replace(b"\n", b",\n") + b"\n]\n", ["json-array"]),
    "pretty array": (json.dumps(ROWS, indent=2).encode(), ["json-array", "pretty-printed"]),
    "pretty objects": ("\n".join(json.dumps(r, indent=1) for r in ROWS).encode(), ["pretty-printed"]),
    "joined": (PLAIN.replace(b"\n", b""), ["joined-lines"]),
    "all": (
        gzip.compress(("\ufeff" + json.dumps(ROWS, indent=2).replace("\n", "\r\n")).encode("utf-16-le")),
        ["gzip", "encoding", "json-array", "pretty-printed"],
    ),
}


@pytest.mark.parametrize(("content", "mended"), FAULTS.values(), ids=FAULTS.keys())
def test_faults_of_the_file_are_repaired_and_reported(
    tmp_path: Path, content: bytes, mended: list[str]
) -> None:
    """The examples are unchanged, and a second repair has nothing to do."""
    path = tmp_path / "data.jsonl"
    path.write_bytes(content)
    made = repair(path)
    assert made.path == tmp_path / "data.repaired.jsonl"
    assert codes(made) == mended
    assert made.examples == len(ROWS)
    assert [json.loads(line) for line in made.path.read_bytes().decode().split("\n")[:-1]] == ROWS
    again = repair(made.path)
    assert codes(again) == []
    assert again.path.read_bytes() == made.path.read_bytes()
    assert path.read_bytes() == content


NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@given(
    rows=st.lists(st.dictionaries(st.text(max_size=4), JSON, max_size=3), min_size=1, max_size=4),
    indent=st.sampled_from([None, 0, 3]),
    in_array=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    compressed=st.booleans(),
)
def test_any_examples_are_preserved_in_each_of_these_layouts(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[dict[str, Any]],
    indent: int | None,
    in_array: bool,
    encoding: str,
    line_end: str,
    compressed: bool,
) -> None:
    """A second repair changes nothing."""
    folder = tmp_path_factory.getbasetemp()
    if in_array:
        text = json.dumps(rows, indent=indent)
    else:
        text = "\n".join(json.dumps(row, indent=indent) for row in rows) + "\n"
    content = text.replace("\n", line_end).encode(encoding)
    path = folder / "any.jsonl"
    path.write_bytes(gzip.compress(content) if compressed else content)
    made = repair(path, overwrite=True)
    assert [json.loads(line) for line in made.path.read_bytes().split(b"\n")[:-1]] == rows
    again = repair(made.path, folder / "again.jsonl", overwrite=True)
    assert (codes(again), again.path.read_bytes()) == ([], made.path.read_bytes())


@settings(max_examples=100, deadline=None)
@given(content=st.binary(min_size=1, max_size=60) | st.text('{}[]",:\\ \n\r1a', max_size=40).map(str.encode))
def test_any_bytes_are_repaired_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """A repaired file is JSON Lines; a refused file leaves no new file."""
    path = tmp_path_factory.getbasetemp() / "bytes.jsonl"
    path.write_bytes(content)
    target = path.with_name("bytes.out")
    target.unlink(missing_ok=True)
    try:
        made = repair(path, target)
    except DatasetError as error:
        assert error.path == str(path)  # noqa: PT017  an error is an expected outcome
        assert not target.exists()
    else:
        rows = [json.loads(line) for line in made.path.read_bytes().split(b"\n")[:-1]]
        assert len(rows) == made.examples > 0
        assert all(isinstance(row, dict) for row in rows)


def test_lines_that_need_a_guess_are_listed_and_nothing_is_written(tmp_path: Path) -> None:
    """One error lists all of them."""
    path = tmp_path / "data.jsonl"
    path.write_bytes(b'{"a": 1}\n{"a": \n{"b": 2}\n[1]\n{"c": 3,}\n' + b"x\n" * 5)
    with pytest.raises(DatasetError, match=r"without guessing[\s\S]*line 2: [\s\S]*and 3 more") as caught:
        repair(path)
    assert [problem.line for problem in caught.value.problems] == [2, 4, 5, 6, 7, 8, 9, 10]
    assert names(tmp_path) == ["data.jsonl"]


UNCERTAIN = {
    "greek": '{"a": "Καλημέρα"}\n'.encode("cp1253"),
    "russian": '{"a": "Привет"}\n'.encode("cp1251"),
    "polish": '{"a": "że łódź już była"}\n'.encode("cp1250"),
    "japanese": '{"a": "こんにちは"}\n'.encode("shift_jis"),
    "two encodings": PLAIN + TEXT.encode("latin-1"),
}


@pytest.mark.parametrize("content", UNCERTAIN.values(), ids=UNCERTAIN.keys())
def test_an_uncertain_encoding_is_not_guessed(tmp_path: Path, content: bytes) -> None:
    """The error names the line and the argument."""
    path = tmp_path / "data.jsonl"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=r"line 1: is not UTF-8, .*pass encoding="):
        repair(path)
    assert names(tmp_path) == ["data.jsonl"]


def test_a_known_encoding_can_be_passed(tmp_path: Path) -> None:
    """A byte order mark, which is certain, takes precedence."""
    path = tmp_path / "data.jsonl"
    path.write_bytes(UNCERTAIN["greek"])
    made = repair(path, encoding="cp1253")
    assert json.loads(made.path.read_bytes()) == {"a": "Καλημέρα"}
    assert "CP1253" in str(made.mended[0])
    path.write_bytes(b"\xef\xbb\xbf" + PLAIN)
    assert codes(repair(path, encoding="cp1253", overwrite=True)) == ["bom"]
    with pytest.raises(InvalidRequestError, match="encoding: must be an encoding that Python knows"):
        repair(path, encoding="klingon", overwrite=True)
    path.write_bytes(b'{"a": "\xff"}\n')
    with pytest.raises(DatasetError, match="is not utf-8"):
        repair(path, encoding="utf-8", overwrite=True)


BROKEN = {
    "cut gzip": (gzip.compress(PLAIN * 50)[:-12], "damaged or truncated"),
    "cut array": (b'[{"a": 1},\n{"a": 2}', "line 2: is truncated: the array is never closed"),
    "cut object": (b'{"a": [\n1,\n', "line 1: starts an object that is never closed"),
    "numbers": (b"[1, 2]", "line 1: is not a JSON object"),
    "text after the array": (b'[{"a": 1}]\nx', "line 2: is not a JSON object"),
    "blank": (b"\n \n", "has no examples"),
    "empty": (b"", "is empty"),
    "odd utf-16": (TEXT.encode("utf-16")[:-1], "is not utf-16"),
}


@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_a_file_that_cannot_be_repaired_is_one_clear_error(
    tmp_path: Path, content: bytes, message: str
) -> None:
    """The error names the line, if there is one."""
    path = tmp_path / "data.jsonl"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=message):
        repair(path)
    assert names(tmp_path) == ["data.jsonl"]


def test_a_file_is_repaired_in_place_with_overwrite(tmp_path: Path) -> None:
    """The same path needs overwrite=True; otherwise it is refused."""
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + PLAIN)
    with pytest.raises(DatasetError, match="already exists"):
        repair(path, path)
    assert repair(path, path, overwrite=True).path == path
    assert path.read_bytes() == PLAIN


def test_objects_that_span_pieces_are_found(tmp_path: Path) -> None:
    """A file of several megabytes is read in pieces, which may split strings and escapes."""
    rows = [{"n": n, "t": '\\"' * (n % 7) + "x" * 997} for n in range(2500)]
    path = tmp_path / "data.json"
    path.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    made = repair(path)
    assert made.examples == len(rows)
    assert [json.loads(line) for line in made.path.read_text(encoding="utf-8").splitlines()] == rows
