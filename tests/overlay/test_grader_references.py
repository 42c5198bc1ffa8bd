"""References of a grader are found everywhere in it, and compared with the rows."""

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


def mismatches(grader: Any, row: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the kind and the path of every reference that does not fit the row."""
    check = GraderCheck(grader)
    return [(wrong.kind, wrong.reference.path) for wrong in [*check.of_grader(), *check.of_row(row)]]


def test_references_of_every_kind_of_grader_are_found_with_their_paths() -> None:
    """They are found in texts, messages, content parts, programs, and nested graders."""
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
    """The references have nested fields and indexes, with brackets or dots."""
    assert mismatches(MULTI, ROW) == []
    assert mismatches({**CHECK, "reference": "{{item.tags.0}}"}, ROW) == []
    assert mismatches({**CHECK, "reference": "{{item}}"}, ROW) == []


@pytest.mark.parametrize(
    ("reference", "hint"),
    [
        ("{{item.awnser}}", "did you mean 'answer'?"),
        ("{{item.rubric.txt}}", "did you mean 'text'?"),
        ("{{item.tags[3]}}", "add it to the example"),
        ("{{item.answer.text}}", "add it to the example"),
    ],
)
def test_a_missing_field_is_reported_with_a_similar_name(reference: str, hint: str) -> None:
    """The finding has the path in the grader, and the reference as it is written."""
    (wrong,) = GraderCheck({**CHECK, "reference": reference}).of_row(ROW)
    assert (wrong.kind, wrong.reference.path) == ("missing", "reference")
    assert reference in wrong.text
    assert wrong.hint.startswith(hint)


def test_references_in_a_program_are_not_checked() -> None:
    """A program may handle a missing field, and its source may contain other braces."""
    assert mismatches(PYTHON, {}) == []
    assert (
        mismatches({**PYTHON, "source": "def grade(sample, item):\n    return len('{{item.x}}')\n"}, {}) == []
    )


@pytest.mark.parametrize(
    ("value", "kind"), [(None, "is null"), ({"a": 1}, "is an object"), (["a"], "is a list")]
)
def test_a_value_that_cannot_be_compared_is_reported(value: Any, kind: str) -> None:
    """Texts, numbers and booleans can be compared as texts."""
    (wrong,) = GraderCheck(CHECK).of_row({**ROW, "answer": value})
    assert wrong.kind == "type"
    assert kind in wrong.text
    for good in ("", "text", 5, 1.5, True):
        assert mismatches(CHECK, {**ROW, "answer": good}) == []


def test_a_model_can_read_lists_and_objects() -> None:
    """They are written as JSON into the prompt; null cannot be read."""
    grader = {**SCORE, "input": [{"role": "user", "content": "{{item.rubric}} {{item.tags}}"}]}
    assert mismatches(grader, ROW) == []
    assert mismatches(grader, {**ROW, "tags": None}) == [("type", "input[0].content")]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("{{sample.output_txt}}", "write sample.output_text"),
        ("{{items.answer}}", "write {{item.…}}"),
        ("{{answer}}", "write {{item.…}}"),
        ("{{item.first name}}", "correct the path"),
    ],
)
def test_references_that_no_row_can_fit_are_reported_once(text: str, hint: str) -> None:
    """The error is about the grader, not about each row."""
    check = GraderCheck({**CHECK, "input": text})
    (wrong,) = check.of_grader()
    assert (wrong.kind, wrong.hint) == ("reference", hint)
    assert list(check.of_row(ROW)) == []


@pytest.mark.parametrize("grader", [{}, {"type": "multi"}, {"type": "multi", "graders": [1]}, {"input": 5}])
def test_a_grader_that_is_not_well_formed_has_no_references(grader: dict[str, Any]) -> None:
    """The check against the contract reports the fault."""
    assert template_references(grader) == []
    with pytest.raises(InvalidRequestError, match="grader: must be a dict"):
        template_references("string_check")
