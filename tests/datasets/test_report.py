"""The report on a data file: warnings, counts, statistics and text, without an exception for any content."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import Any

import pytest

from finetuning_client import DPO, DatasetError, InvalidRequestError, Reinforcement, Supervised, check_dataset
from finetuning_client.data import check

from .examples import (
    ANSWER,
    ASK,
    CHAT,
    PAIR,
    PNG,
    ROW,
    SYSTEM,
    WITH_TOOLS,
    chat,
    found,
    image,
    lines,
    several,
    user,
)
from .tables import FAULTS


def test_a_finding_has_its_line_example_and_message() -> None:
    """Lines and examples count from 1 and differ after blank lines; messages count from 0, as in the path."""
    content = b"\n\n" + lines([*several(CHAT), chat(ASK, {**ANSWER, "weight": 7})])
    (error,) = [f for f in check(content).findings if f.severity == "error"]
    assert (error.line, error.example, error.message) == (15, 13, 1)
    assert error.path == "$.messages[1].weight"
    assert (error.code, error.service_code) == ("weight-value", "invalid_training_file")
    assert error.text == "messages[1]: weight must be 0 or 1, not 7"
    assert error.hint == "Write 0 or 1."
    assert str(error) == "line 15: messages[1]: weight must be 0 or 1, not 7"


@pytest.mark.parametrize("separators", [(", ", ": "), (",", ":")])
def test_an_example_must_have_its_own_line(separators: tuple[str, str]) -> None:
    """No example may contain a line end, and none may be missing between two examples."""
    good = lines(several(CHAT), separators=separators)
    first, second, third = good.splitlines()[:3]
    broken = third.replace(b"[", b"[\n", 1), third.replace(b": ", b":\n", 1), third[:-2] + b"\n]}"
    for split in broken if separators[1] == ": " else broken[::2]:
        report = check(first + b" " + second + b"\n" + split + b"\n" + good)
        assert [line for line, _ in found(report, "not-json")] == [1, 2, 3], split
    assert not check(good.replace(b"\n", b"\r")).ok
    assert check(good.replace(b"\n", b"\r\n")).ok


def test_all_problems_are_found_in_one_pass_in_the_order_of_lines() -> None:
    """Several lines, and several problems of one line, are all reported."""
    bad = chat({"role": "robot", "content": "x"}, {"role": "assistant"}, mood=1)
    report = check(lines([b"{", *several(CHAT), bad, CHAT, 5]))
    codes = [(f.line, f.code) for f in report.findings if f.severity == "error"]
    assert codes == [
        (1, "not-json"),
        (14, "unknown-role"),
        (14, "unknown-key"),
        (14, "missing-content"),
        (16, "not-an-object"),
    ]


def test_repeated_kinds_are_counted_and_capped() -> None:
    """Twenty findings of each code are listed; the counts include all, and the table states the rest."""
    report = check(lines([*several(CHAT), *[chat(user(None), ANSWER)] * 500]))
    assert len(found(report, "missing-content")) == 20
    assert report.counts["missing-content"] == 500
    assert "and 480 more" in report.table()
    assert not report.ok


@pytest.mark.parametrize(
    "file", [f for f in FAULTS if f.code == "wrong-format" and f.line == 1], ids=lambda f: f.name
)
def test_a_file_of_another_format_is_one_finding_that_names_both(file: Any) -> None:
    """The text names the format of the file, or its absence, and the method."""
    report = check(file.content, method=file.method, model=file.model)
    (text,) = [text for _, text in found(report, "wrong-format")]
    assert f"the method {file.method}" in text


def test_table_has_the_findings_and_the_statistics() -> None:
    """The table has the complete report as text."""
    table = check(lines([*several(CHAT), b"{"])).table()
    assert table.startswith("upload.jsonl: 1 error")
    assert "line  severity  code" in table
    assert "not-json: Correct the line, or remove it." in table
    assert "examples: 12 with 12 system, 12 user, 12 assistant messages" in table
    assert check(lines(several(CHAT))).table().startswith("upload.jsonl: nothing to report")


def test_report_is_json_data() -> None:
    """The report can be stored and read by other programs."""
    data = json.loads(json.dumps(check(lines([*several(CHAT), b"{"])).to_dict()))
    assert data["ok"] is False
    assert data["counts"] == {"not-json": 1}
    assert data["findings"][0]["line"] == 13


@pytest.mark.parametrize(
    ("method", "example"),
    [
        (Supervised(n_epochs=2), CHAT),
        (DPO(), PAIR),
        ({"type": "dpo"}, PAIR),
        (
            Reinforcement(
                grader={
                    "type": "string_check",
                    "name": "x",
                    "operation": "eq",
                    "input": "{{sample.output_text}}",
                    "reference": "{{item.answer}}",
                }
            ),
            ROW,
        ),
    ],
    ids=["Supervised", "DPO", "dict", "Reinforcement"],
)
def test_a_method_is_a_name_or_an_object(method: Any, example: Any) -> None:
    """The method objects for `jobs.create` are accepted too."""
    assert check(lines(several(example)), method=method).ok


@pytest.mark.parametrize("method", ["sft", None, 5, {"type": "grpo"}], ids=repr)
def test_an_unknown_method_is_refused(method: Any) -> None:
    """The error lists the known methods."""
    with pytest.raises(InvalidRequestError, match="'supervised', 'dpo', 'reinforcement'"):
        check(lines([CHAT]), method=method)


def test_a_model_is_a_name() -> None:
    """Another type is refused, with the argument named."""
    with pytest.raises(InvalidRequestError, match="model: must be the name of a model, not 5"):
        check(lines(several(CHAT)), model=5)  # type: ignore[arg-type]
    with pytest.raises(InvalidRequestError, match="model"):
        check_dataset(lines(several(CHAT)), model=["gpt-4o"])  # type: ignore[arg-type]


def test_a_byte_order_mark_is_a_note() -> None:
    """The file is still good."""
    report = check(b"\xef\xbb\xbf" + lines(several(CHAT)))
    assert report.ok and [(f.line, f.code, f.severity) for f in report.findings] == [
        (1, "byte-order-mark", "note")
    ]


def test_a_missing_field_and_one_of_another_type_differ() -> None:
    """The text names the required type, and says whether the field is missing."""
    report = check(lines([*several(PAIR), {**PAIR, "input": {}}, {**PAIR, "input": 5}]), method="dpo")
    texts = [finding.text for finding in report.findings]
    assert "input.messages: must be a non-empty list of messages; it is missing" in texts
    assert "input: must be an object with messages" in texts


def test_the_graders_fields_must_be_in_every_row() -> None:
    """A missing field is an error with its line, for the given grader or the one in the method."""
    grader = {
        "type": "string_check",
        "name": "x",
        "operation": "eq",
        "input": "{{sample.output_text}}",
        "reference": "{{item.solution}}",
    }
    report = check(lines([*several({**ROW, "solution": "y"}), ROW]), method="reinforcement", grader=grader)
    ((line, text),) = found(report, "grader-field")
    assert line == 13
    assert "solution" in text


def test_a_fault_of_the_grader_is_reported_once_for_the_file() -> None:
    """A field that no row has is reported once too, and the emulator refuses the grader for it."""
    grader = {
        "type": "string_check",
        "name": "x",
        "operation": "eq",
        "input": "{{sample.output_text}} {{itm.answer}} {{item.answr}}",
        "reference": "{{item.answr}} {{item.more}}",
    }
    rows = [{**row, "more": 1} for row in several(ROW, 30)]
    del rows[20]["more"]
    report = check(lines(rows), method="reinforcement", grader=grader)
    texts = [(f.line, f.path, f.service_code) for f in report.findings if f.code == "grader-field"]
    assert texts == [
        (0, "", "invalid_grader"),
        (0, "$.answr", "invalid_grader"),
        (21, "$.more", "invalid_training_file"),
    ]
    assert report.counts["grader-field"] == 3
    assert "in all 30 examples" in report.table()
    assert "{{itm.answer}} begins with neither item nor sample" in report.table()


@pytest.mark.parametrize(
    ("grader", "text"),
    [
        ({"type": "regex"}, "grader.type: must be one of 'string_check'"),
        ({"type": "string_check"}, "grader.name: is required"),
        ({"type": "multi", "graders": {"a": {"type": "x"}}}, "grader.*: is required"),
        ({}, "grader.type: is required"),
        ("exact", "grader: must be a dict"),
    ],
    ids=repr,
)
def test_a_grader_that_the_contract_does_not_have_is_one_error(grader: Any, text: str) -> None:
    """The error names the field and its allowed values."""
    with pytest.raises(InvalidRequestError, match=text):
        check(lines(several(ROW)), method="reinforcement", grader=grader)


def test_one_mistake_is_one_finding() -> None:
    """Consequences of the mistake are not reported, and the hint names the field that is there instead."""
    report = check(lines([*several(CHAT), chat({"role": "user", "text": "x"}, ANSWER)]))
    (error,) = [f for f in report.findings if f.severity == "error"]
    assert (error.line, error.code, error.path) == (13, "missing-content", "$.messages[0].content")
    assert error.hint == 'Add content, in place of what is not part of the format: "text".'


@pytest.mark.parametrize(
    ("rows", "call"),
    [
        ([{"conversations": [{"from": "human", "value": "x"}, {"from": "gpt", "value": "y"}]}] * 12, ""),
        ([{"instruction": "x", "input": "", "output": "y"}] * 12, ""),
        ([{"prompt": "x", "chosen": "y", "rejected": "z"}] * 12, ""),
        ([CHAT] * 12, ", target='completions'"),
    ],
    ids=["ShareGPT", "Alpaca", "preferences", "completions"],
)
def test_a_known_layout_is_named_with_the_call_that_converts_it(rows: list[Any], call: str) -> None:
    """The hint applies to the whole file and to the required format."""
    method = "dpo" if "chosen" in rows[0] else "supervised"
    report = check(lines(rows), method=method, model="babbage-002" if call else None)
    (error,) = [f for f in report.findings if f.severity == "error"]
    assert error.code == "wrong-format"
    assert f"data.convert('upload.jsonl'{call})" in error.hint


# Statistics


def test_statistics_count_messages_images_and_tools() -> None:
    """Token counts have a range, and lengths have a distribution."""
    seen = chat(
        SYSTEM, user([image(PNG), image(PNG, detail="low"), {"type": "text", "text": "reset it"}]), ANSWER
    )
    stats = check(lines([*several(CHAT, 6), *several(WITH_TOOLS, 6), seen])).stats
    assert stats.examples == 13
    assert stats.messages_by_role == {"system": 7, "user": 13, "assistant": 19, "tool": 6}
    assert (stats.images, stats.tools, stats.method) == (2, 6, "supervised")
    assert 0 < stats.tokens_low < stats.tokens < stats.tokens_high
    lengths = stats.lengths
    assert 0 < lengths.minimum <= lengths.median <= lengths.p95 <= lengths.maximum < stats.tokens
    assert lengths.maximum > 850


def test_tokens_beyond_the_models_maximum_are_not_billed() -> None:
    """A long example counts with the tokens that the model reads; the distribution has its full length."""
    content = lines([chat(user("word " * 40_000), ANSWER)])
    cut, whole = check(content, model="gpt-3.5-turbo").stats, check(content).stats
    assert (cut.tokens, cut.cut, whole.cut) == (16_385, 1, 0)
    assert whole.tokens == whole.lengths.maximum > 30_000


def test_a_pair_counts_its_prompt_with_each_output() -> None:
    """The tokens of the prompt are counted for both outputs."""
    short = check(lines(several(PAIR)), method="dpo").stats.tokens
    longer = {**PAIR, "input": {"messages": [ASK, user("one two three four five six seven eight")]}}
    long = check(lines(several(longer)), method="dpo").stats.tokens
    assert (long - short) / 12 == pytest.approx(2 * (8 * 1.25 + 4), abs=4)


def test_large_files_are_measured_in_part_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tokens of a sample predict those of the whole file within a few per cent."""
    random.seed(7)
    words = "the reset button holds Grüße 如何重置 {json} 12345 handle and brakes".split()
    texts = [" ".join(random.choices(words, k=random.randint(5, 200))) for _ in range(3000)]
    content = lines([chat(user(text), ANSWER) for text in texts])
    whole = check(content).stats
    monkeypatch.setattr("finetuning_client.data.token_counter._WHOLE_FILE", 0)
    sampled = check(content).stats
    assert sampled.tokens == pytest.approx(whole.tokens, rel=0.03)
    assert sampled.lengths.median == pytest.approx(whole.lengths.median, rel=0.05)


# Files that cannot be read


def test_a_path_that_is_not_a_readable_file_is_one_error(tmp_path: Path) -> None:
    """A missing file, a directory and a pipe each give an error that names the path."""
    import os

    os.mkfifo(tmp_path / "pipe")
    for name, reason in {
        "missing": "no such file",
        "": "is a directory",
        "pipe": "a device or a pipe",
    }.items():
        with pytest.raises(DatasetError, match=reason):
            check(tmp_path / name)
        with pytest.raises(DatasetError, match=reason):
            check(lines(several(CHAT)), validation=tmp_path / name)


def test_check_dataset_takes_the_method_and_the_model() -> None:
    """`check_dataset` raises for the format that they need, not for that of the first example."""
    content = lines(several(PAIR))
    assert check_dataset(content).format == "preference"
    assert check_dataset(content, method="dpo").ok
    with pytest.raises(
        DatasetError, match="has the format preference, but the method and the model need chat"
    ):
        check_dataset(content, method="supervised")
    with pytest.raises(DatasetError, match="need completions"):
        check_dataset(content, model="davinci-002")


def test_a_file_that_changes_during_the_check_is_an_error(tmp_path: Path) -> None:
    """The report would describe neither the old content nor the new."""
    path = tmp_path / "train.jsonl"
    path.write_bytes(lines(several(CHAT)))

    class Growing(io.FileIO):
        """A file that another program appends to while it is read."""

        def read(self, size: int | None = -1) -> bytes:
            """Read, and append a line."""
            if size and path.stat().st_size < 10_000:
                with path.open("ab") as file:
                    file.write(b"\n" * 10_000)
            return super().read(size) or b""

    with Growing(path) as file, pytest.raises(DatasetError, match="changed during the check"):
        check(file)


def test_one_example_is_enough_for_a_validation_file_everywhere(tmp_path: Path) -> None:
    """The check, the older check and the emulator agree."""
    from finetuning_emulator.simulation.base_models import format_for
    from finetuning_emulator.simulation.dataset import Dataset, read_dataset

    path = tmp_path / "valid.jsonl"
    for count in (0, 1):
        path.write_bytes(lines(several(CHAT, count)) if count else b"\n")
        checked = check(lines(several(CHAT)), validation=path).ok
        older = not check_dataset(path, minimum=1, check=False).problems
        form = format_for("supervised", "gpt-4o-mini-2024-07-18")
        read = isinstance(read_dataset(path, form, "validation"), Dataset)
        assert (checked, older, read) == (count == 1,) * 3
