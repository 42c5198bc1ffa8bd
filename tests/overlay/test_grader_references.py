"""References of a grader are found wherever they are, and compared with the rows."""

from __future__ import annotations

from typing import Any

import pytest

from finetuning_client import InvalidRequestError
from finetuning_client.data import GraderCheck, template_references

CHECK = {
    "type": "string_check",
    "name": "right",
    "input": "{{sample.output_text}}",
    "reference": "{{ item.answer }}",
    "operation": "eq",
}
SCORE = {
    "type": "score_model",
    "name": "good",
    "model": "gpt-4o",
    "input": [
        {"role": "system", "content": "Compare with {{item.rubric.text}}."},
        {
            "role": "user",
            "content": [{"type": "input_text", "text": "{{sample.output_text}} {{item.tags[0]}}"}],
        },
        {"role": "user", "content": {"type": "input_image", "image_url": "{{item.image}}"}},
    ],
}
PYTHON = {
    "type": "python",
    "name": "code",
    "source": 'def grade(sample, item):\n    x = item["answer"] == "yes"\n    return item.get("more", x)\n',
}
MULTI = {
    "type": "multi",
    "name": "all",
    "graders": {"exact": CHECK, "judge": SCORE, "code": PYTHON},
    "calculate_output": "exact + judge + code",
}
ROW = {"messages": [], "answer": "yes", "rubric": {"text": "t"}, "tags": ["a"], "image": "https://x"}


def found_in(grader: Any) -> list[tuple[str, str, str]]:
    """Return the path, the source and the field of each reference."""
    return [(found.path, found.source, found.field) for found in template_references(grader)]


def told(grader: Any, row: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the kind and the path of everything that does not fit."""
    check = GraderCheck(grader)
    return [(wrong.kind, wrong.reference.path) for wrong in [*check.of_grader(), *check.of_row(row)]]


def test_references_of_every_kind_of_grader_are_found_with_their_paths() -> None:
    """Texts, messages, parts of contents, programs, and graders inside graders."""
    assert found_in(MULTI) == [
        ("graders.exact.input", "sample", "output_text"),
        ("graders.exact.reference", "item", "answer"),
        ("graders.judge.input[0].content", "item", "rubric.text"),
        ("graders.judge.input[1].content[0].text", "sample", "output_text"),
        ("graders.judge.input[1].content[0].text", "item", "tags[0]"),
        ("graders.judge.input[2].content.image_url", "item", "image"),
    ]
    single = {**MULTI, "graders": CHECK}
    assert found_in(single) == [
        ("graders.input", "sample", "output_text"),
        ("graders.reference", "item", "answer"),
    ]


def test_a_row_with_all_fields_fits() -> None:
    """Nested fields and indexes, with brackets or dots."""
    assert told(MULTI, ROW) == []
    assert told({**CHECK, "reference": "{{item.tags.0}}"}, ROW) == []
    assert told({**CHECK, "reference": "{{item}}"}, ROW) == []


@pytest.mark.parametrize(
    ("reference", "hint"),
    [
        ("{{item.awnser}}", "did you mean 'answer'?"),
        ("{{item.rubric.txt}}", "did you mean 'text'?"),
        ("{{item.tags[3]}}", "add it to the example"),
        ("{{item.answer.text}}", "add it to the example"),
    ],
)
def test_a_field_that_a_row_lacks_is_told_with_a_near_name(reference: str, hint: str) -> None:
    """With the path in the grader, and the reference as it is written."""
    (wrong,) = GraderCheck({**CHECK, "reference": reference}).of_row(ROW)
    assert (wrong.kind, wrong.reference.path) == ("missing", "reference")
    assert reference in wrong.text
    assert wrong.hint.startswith(hint)


def test_what_a_program_reads_is_not_looked_for() -> None:
    """It may do without, and its source may have braces of its own."""
    assert told(PYTHON, {}) == []
    assert told({**PYTHON, "source": "def grade(sample, item):\n    return len('{{item.x}}')\n"}, {}) == []


@pytest.mark.parametrize(
    ("value", "kind"), [(None, "is null"), ({"a": 1}, "is an object"), (["a"], "is a list")]
)
def test_a_value_that_a_comparison_cannot_use_is_told(value: Any, kind: str) -> None:
    """Texts, numbers and truth values can be compared as texts."""
    (wrong,) = GraderCheck(CHECK).of_row({**ROW, "answer": value})
    assert wrong.kind == "type"
    assert kind in wrong.text
    for good in ("", "text", 5, 1.5, True):
        assert told(CHECK, {**ROW, "answer": good}) == []


def test_a_model_can_read_lists_and_objects() -> None:
    """They are written as JSON into its prompt; null is nothing to read."""
    grader = {**SCORE, "input": [{"role": "user", "content": "{{item.rubric}} {{item.tags}}"}]}
    assert told(grader, ROW) == []
    assert told(grader, {**ROW, "tags": None}) == [("type", "input[0].content")]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("{{sample.output_txt}}", "write sample.output_text"),
        ("{{items.answer}}", "write {{item.…}}"),
        ("{{answer}}", "write {{item.…}}"),
        ("{{item.first name}}", "correct the path"),
    ],
)
def test_references_that_no_row_can_fit_are_told_once(text: str, hint: str) -> None:
    """Of the grader, not of each row."""
    check = GraderCheck({**CHECK, "input": text})
    (wrong,) = check.of_grader()
    assert (wrong.kind, wrong.hint) == ("reference", hint)
    assert list(check.of_row(ROW)) == []


@pytest.mark.parametrize("grader", [{}, {"type": "multi"}, {"type": "multi", "graders": [1]}, {"input": 5}])
def test_a_grader_that_is_not_well_formed_has_no_references(grader: dict[str, Any]) -> None:
    """The contract's own check reports the fault."""
    assert template_references(grader) == []
    with pytest.raises(InvalidRequestError, match="grader: must be a dict"):
        template_references("string_check")
