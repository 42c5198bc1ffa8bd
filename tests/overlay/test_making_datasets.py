"""`split`, `dedupe` and `sample` lose no row, repeat no row and leak no prompt."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finetuning_client import DatasetError, InvalidRequestError
from finetuning_client.data import check, dedupe, repair, sample, split


def chat(question: str, answer: str = "yes", **fields: Any) -> dict[str, Any]:
    """Return an example with one question."""
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"messages": messages, **fields}


def write(path: Path, rows: list[Any]) -> Path:
    """Write rows as JSON Lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def lines(path: Path) -> list[str]:
    """Return the lines of a file, without their ends."""
    return path.read_text(encoding="utf-8").splitlines()


def names(folder: Path) -> list[str]:
    """Return the names of the files in a directory."""
    return sorted(path.name for path in folder.iterdir())


def prompt(line: str) -> str:
    """Return the question of a line, ignoring case and white space."""
    return " ".join(str(json.loads(line)["messages"][0]["content"]).casefold().split())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory for the files of all generated examples."""
    return tmp_path_factory.mktemp("made")


ROWS = st.lists(
    st.builds(
        chat,
        st.sampled_from(["a", "A", " a ", "b", "c d", "c  D", "e", "f", "g"])
        | st.text(min_size=1, max_size=3),
        st.sampled_from(["yes", "no"]),
        label=st.sampled_from(["x", "y", "z"]),
    ),
    min_size=2,
    max_size=40,
)


@settings(max_examples=50, deadline=None)
@given(
    rows=ROWS,
    fraction=st.sampled_from([0.05, 0.1, 0.3, 0.5, 0.9]),
    seed=st.integers(0, 5),
    stratify=st.sampled_from([None, "label"]),
)
def test_split_is_a_partition_without_leaks(
    folder: Path, rows: list[Any], fraction: float, seed: int, stratify: str | None
) -> None:
    """Every line is in one of the files, in its old order, and no prompt is in both."""
    path = write(folder / "all.jsonl", rows)
    if len({prompt(line) for line in lines(path)}) == 1:
        with pytest.raises(DatasetError, match="cannot be split"):
            split(path, fraction=fraction, seed=seed, stratify=stratify, overwrite=True)
        return
    made = split(path, fraction=fraction, seed=seed, stratify=stratify, overwrite=True)
    train, validation = lines(made.train), lines(made.validation)
    assert (len(train), len(validation)) == (made.train_examples, made.validation_examples)
    assert train
    assert validation
    assert Counter(train + validation) == Counter(lines(path))
    assert {prompt(line) for line in train}.isdisjoint({prompt(line) for line in validation})
    kept = iter(lines(path))
    assert all(line in kept for line in train), "the order changed"


def test_split_has_the_requested_share(tmp_path: Path) -> None:
    """If all prompts differ, the share is exact; by default the new files are in the same directory."""
    path = write(tmp_path / "data.jsonl", [chat(f"question {i}") for i in range(250)])
    made = split(path, fraction=0.1)
    assert (made.train_examples, made.validation_examples) == (225, 25)
    assert (made.train, made.validation) == (
        tmp_path / "data.train.jsonl",
        tmp_path / "data.validation.jsonl",
    )
    other = split(path, tmp_path / "t", tmp_path / "v", fraction=0.1, seed=1)
    assert lines(other.validation) != lines(made.validation)


def test_many_rows_with_one_prompt_do_not_change_the_share(tmp_path: Path) -> None:
    """They stay in the training file with every seed."""
    rows = [chat("the same", str(i)) for i in range(60)] + [chat(f"own {i}") for i in range(40)]
    path = write(tmp_path / "data.jsonl", rows)
    for seed in range(6):
        made = split(path, tmp_path / "t", tmp_path / "v", fraction=0.1, seed=seed, overwrite=True)
        assert made.validation_examples == 10


def test_stratified_split_keeps_the_shares_of_a_field(tmp_path: Path) -> None:
    """The field is given by its path, or by a function of the example."""
    rows = [chat(f"question {i}", label="rare" if i % 10 == 0 else "usual") for i in range(200)]
    path = write(tmp_path / "data.jsonl", rows)
    by_path = split(path, tmp_path / "t", tmp_path / "v", fraction=0.2, stratify="label")
    assert by_path.strata == {"rare": (4, 20), "usual": (36, 180)}
    by_function = split(
        path, tmp_path / "t2", tmp_path / "v2", fraction=0.2, stratify=lambda row: row["label"]
    )
    assert lines(by_function.validation) == lines(by_path.validation)
    with pytest.raises(InvalidRequestError, match="did you mean 'label'"):
        split(path, stratify="lable")


def test_prompts_of_several_strata_do_not_leak(tmp_path: Path) -> None:
    """This holds although each stratum is split separately."""
    rows = [chat(f"question {i}", label="usual") for i in range(200)]
    rows += [chat(f"question {i}", label="rare") for i in range(0, 200, 7)]
    path = write(tmp_path / "data.jsonl", rows)
    for seed in range(6):
        made = split(path, fraction=0.2, seed=seed, stratify="label", overwrite=True)
        assert set(map(prompt, lines(made.train))).isdisjoint(map(prompt, lines(made.validation)))
        assert 35 <= made.validation_examples <= 65


def test_split_is_the_same_on_every_machine(tmp_path: Path) -> None:
    """The recorded lines depend neither on the hash seed of the interpreter nor on its random numbers."""
    path = write(tmp_path / "data.jsonl", [chat(f"question {i}") for i in range(40)])
    code = "import sys; from finetuning_client.data import sample, split; p, t, v, s = sys.argv[1:]"
    code += "; split(p, t, v, fraction=0.1, seed=7); sample(p, s, n=4, seed=7)"
    names = [str(tmp_path / name) for name in ("t", "v", "s")]
    environment = {**os.environ, "PYTHONHASHSEED": "99"}
    subprocess.run([sys.executable, "-c", code, str(path), *names], check=True, env=environment)
    drawn = [[int(prompt(line).split()[1]) for line in lines(Path(name))] for name in names[1:]]
    assert drawn == [[4, 22, 32, 34], [4, 6, 9, 39]]


@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_dedupe_keeps_the_first_of_each_and_is_idempotent(folder: Path, rows: list[Any]) -> None:
    """Equal JSON values are duplicates, whatever the order of their keys."""
    path = write(folder / "twice.jsonl", [*rows, *(dict(reversed(row.items())) for row in rows)])
    made = dedupe(path, folder / "once.jsonl", overwrite=True)
    kept = lines(made.path)
    assert kept == list(dict.fromkeys(map(json.dumps, rows)))
    assert (made.examples, made.removed) == (len(kept), 2 * len(rows) - len(kept))
    again = dedupe(made.path, folder / "again.jsonl", overwrite=True)
    assert (again.removed, again.path.read_bytes()) == (0, made.path.read_bytes())


def test_dedupe_by_prompt_compares_questions(tmp_path: Path) -> None:
    """Chat, preference and completions rows are compared; their answers are ignored."""
    pair = {"input": {"messages": [{"role": "user", "content": "a"}]}, "preferred_output": []}
    rows = [
        chat("a", "1"),
        chat("a", "2"),
        chat("b"),
        pair,
        {**pair, "x": 1},
        {"prompt": "p"},
        {"prompt": "p"},
    ]
    made = dedupe(write(tmp_path / "data.jsonl", rows), by="prompt")
    # The preference and the chat rows have the same question.
    assert (made.path.name, made.examples, made.removed) == ("data.deduped.jsonl", 3, 4)


def test_dedupe_works_when_its_table_grows(tmp_path: Path) -> None:
    """There are more rows than the table has room for at first."""
    rows = [{"prompt": str(i % 3000)} for i in range(4000)]
    assert dedupe(write(tmp_path / "data.jsonl", rows)).examples == 3000


@settings(max_examples=40, deadline=None)
@given(count=st.integers(1, 30), n=st.integers(1, 40), seed=st.integers(-3, 3))
def test_sample_draws_rows_without_repetition(folder: Path, count: int, n: int, seed: int) -> None:
    """They are as many as requested, or all rows, in the order of the file, and the same for each seed."""
    path = write(folder / "rows.jsonl", [{"prompt": str(i)} for i in range(count)])
    made = sample(path, folder / "drawn.jsonl", n=n, seed=seed, overwrite=True)
    drawn = [int(json.loads(line)["prompt"]) for line in lines(made.path)]
    assert drawn == sorted(set(drawn))
    assert (made.examples, made.total) == (len(drawn), count)
    assert len(drawn) == min(n, count)


def test_every_row_is_drawn_equally_often(tmp_path: Path) -> None:
    """Over 200 seeds, each of 10 rows is in a sample of 3 about 60 times."""
    path = write(tmp_path / "rows.jsonl", [{"prompt": str(i)} for i in range(10)])
    drawn: Counter[str] = Counter()
    for seed in range(200):
        drawn.update(lines(sample(path, tmp_path / "s", n=3, seed=seed, overwrite=True).path))
    assert len(drawn) == 10
    assert all(38 < times < 82 for times in drawn.values())


STEPS: list[Callable[..., Any]] = [
    split,
    dedupe,
    lambda path, **options: sample(path, n=3, **options),
]


@pytest.mark.parametrize("step", STEPS, ids=["split", "dedupe", "sample"])
def test_a_bad_line_leaves_nothing_behind(tmp_path: Path, step: Callable[..., Any]) -> None:
    """The error names the line, and the functions that help."""
    path = write(tmp_path / "data.jsonl", [chat("a"), chat("b")])
    with path.open("a") as file:
        file.write('\n{"messages": [}\n')
    with pytest.raises(DatasetError, match=r"line 4: is not JSON.*\n.*data\.check") as caught:
        step(path)
    assert caught.value.problems[0].line == 4
    assert names(tmp_path) == ["data.jsonl"]


@pytest.mark.parametrize("step", STEPS, ids=["split", "dedupe", "sample"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x1f\x8b\x08\x00", "gzip.*data.repair"),
        (chat("a").__repr__().encode("utf-16"), "UTF-16.*data.repair"),
        (b"PAR1\x00", "Parquet.*data.convert"),
        (b"", "is empty"),
        (b"[1]\n", "is not a JSON object"),
    ],
    ids=["gzip", "utf-16", "parquet", "empty", "array"],
)
def test_files_that_are_not_json_lines_are_named(
    tmp_path: Path, step: Callable[..., Any], content: bytes, message: str
) -> None:
    """The error names the function that converts them to JSON Lines."""
    path = tmp_path / "data.jsonl"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=message):
        step(path)
    assert names(tmp_path) == ["data.jsonl"]


def test_an_existing_file_is_replaced_only_with_overwrite(tmp_path: Path) -> None:
    """An existing file is not changed in part, and the source is not replaced by accident."""
    path = write(tmp_path / "data.jsonl", [chat("a"), chat("a"), chat("b")])
    before = path.read_bytes()
    with pytest.raises(DatasetError, match=r"already exists.*overwrite=True"):
        dedupe(path, path)
    (tmp_path / "v").write_text("mine")
    with pytest.raises(DatasetError, match="v: already exists"):
        split(path, tmp_path / "t", tmp_path / "v")
    assert (path.read_bytes(), (tmp_path / "v").read_text()) == (before, "mine")
    assert names(tmp_path) == ["data.jsonl", "v"]
    assert dedupe(path, path, overwrite=True).examples == 2
    assert len(lines(path)) == 2


def test_a_target_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    """It may be in a missing directory, be a directory, or be the same path as the other new file."""
    path = write(tmp_path / "data.jsonl", [chat("a"), chat("b")])
    with pytest.raises(DatasetError, match="there is no directory"):
        dedupe(path, tmp_path / "missing" / "x.jsonl")
    with pytest.raises(DatasetError, match="is a directory"):
        dedupe(path, tmp_path)
    with pytest.raises(DatasetError, match="given for two output files"):
        split(path, tmp_path / "x", tmp_path / "x")
    assert names(tmp_path) == ["data.jsonl"]


REFUSED: dict[str, Callable[[Any], object]] = {
    "all": lambda path: split(path, fraction=1),
    "true": lambda path: split(path, fraction=True),
    "a fraction as seed": lambda path: split(path, seed=1.5),  # type: ignore[arg-type]
    "not a path of a field": lambda path: split(path, stratify="a..b"),
    "nothing": lambda path: sample(path, n=0),
    "a long seed": lambda path: sample(path, n=3, seed=1 << 70),
    "unknown": lambda path: dedupe(path, by="line"),  # type: ignore[arg-type]
    "not a path": lambda path: dedupe(5),  # type: ignore[arg-type]
    "a fraction as the target": lambda path: split(path, 0.2),  # type: ignore[arg-type]
    "no second path": lambda path: split(path, "a.jsonl", 0.2),  # type: ignore[arg-type]
    "no path to dedupe to": lambda path: dedupe(path, 5),  # type: ignore[arg-type]
    "no path to sample to": lambda path: sample(path, 5, n=1),  # type: ignore[arg-type]
    "no path to repair to": lambda path: repair(path, 5),  # type: ignore[arg-type]
    "no name of a model": lambda path: check(path, model=5),  # type: ignore[arg-type]
}


def test_strata_may_be_lists(tmp_path: Path) -> None:
    """Lists with different items are different strata."""
    path = write(tmp_path / "data.jsonl", [chat(str(n), tags=[n % 2]) for n in range(20)])
    made = split(path, stratify=lambda row: row["tags"], fraction=0.5)
    assert made.strata == {"[0]": (5, 10), "[1]": (5, 10)}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED.keys())
def test_arguments_out_of_range_are_refused(tmp_path: Path, call: Callable[[Path], object]) -> None:
    """They are refused before anything is written."""
    path = write(tmp_path / "data.jsonl", [chat("a"), chat("b")])
    with pytest.raises(InvalidRequestError):
        call(path)
    assert names(tmp_path) == ["data.jsonl"]


def test_line_ends_marks_and_blank_lines_do_not_reach_the_new_file(tmp_path: Path) -> None:
    """The content of the lines is unchanged."""
    path = tmp_path / "data.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"prompt":  "a"}\r\n\r\n {"prompt": "b"}')
    assert dedupe(path).path.read_bytes() == b'{"prompt":  "a"}\n{"prompt": "b"}\n'


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Splitting, sampling, comparing and repairing four megabytes of rows takes less than two."""
    path = write(tmp_path / "data.jsonl", [chat(f"question {i}", "word " * 400) for i in range(2000)])
    array = tmp_path / "array.json"
    array.write_text(f"[{','.join(lines(path))}]")
    for step, source in [*((step, path) for step in STEPS), (repair, array)]:
        tracemalloc.start()
        step(source, overwrite=True)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 2_000_000


def test_a_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    """A file that only its owner may read stays private."""
    path = write(tmp_path / "data.jsonl", [chat("a"), chat("b")])
    path.chmod(0o600)
    dedupe(path, path, overwrite=True)
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_interrupt_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No partial file is left, and the existing file is unchanged."""
    path = write(tmp_path / "data.jsonl", [chat("a"), chat("b")])
    (tmp_path / "v").write_text("mine")
    for error, expected in [
        (KeyboardInterrupt(), KeyboardInterrupt),
        (OSError(28, "no space"), DatasetError),
    ]:
        monkeypatch.setattr(os, "fsync", Mock(side_effect=[None, error]))
        with pytest.raises(expected):
            split(path, tmp_path / "t", tmp_path / "v", overwrite=True)
        assert names(tmp_path) == ["data.jsonl", "v"]
        assert (tmp_path / "v").read_text() == "mine"


def test_a_symbolic_link_is_kept(tmp_path: Path) -> None:
    """The file that it points to is replaced."""
    path = write(tmp_path / "data.jsonl", [chat("a"), chat("a")])
    (tmp_path / "link.jsonl").symlink_to(path)
    dedupe(path, tmp_path / "link.jsonl", overwrite=True)
    assert (tmp_path / "link.jsonl").is_symlink()
    assert len(lines(path)) == 1


@pytest.mark.parametrize("name", ["a pipe", "a link to itself", "a\0b", "x" * 300])
def test_a_target_that_is_not_a_file_is_refused_and_kept(tmp_path: Path, name: str) -> None:
    """Replacing a device with a file would break other programs."""
    source, target = tmp_path / "data.jsonl", tmp_path / name
    source.write_text('{"prompt": "a"}\n')
    if name == "a pipe":
        os.mkfifo(target)
    elif name == "a link to itself":
        target.symlink_to(target)
    before = sorted(found.name for found in tmp_path.iterdir())
    with pytest.raises(DatasetError, match=r"a device or a pipe: give the path|cannot be written"):
        dedupe(source, target, overwrite=True)
    assert sorted(found.name for found in tmp_path.iterdir()) == before


def test_a_question_after_an_answer_is_another_prompt(tmp_path: Path) -> None:
    """A grader row ends with a question, which belongs to the prompt."""
    ask = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    rows = [{"messages": [*ask, {"role": "user", "content": str(number)}]} for number in range(5)]
    source = tmp_path / "rows.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert dedupe(source, by="prompt").removed == 0
