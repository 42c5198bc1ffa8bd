"""Warnings about data that trains badly: duplicates, leaks, empty and long texts, images and keys."""

from __future__ import annotations

from typing import Any

import pytest

from finetuning_client.data import check

from .examples import (
    ANSWER,
    ASK,
    CHAT,
    PAIR,
    PNG,
    TOOL,
    chat,
    found,
    image,
    lines,
    several,
    user,
)


def test_duplicates_are_found_whatever_their_notation() -> None:
    """Examples that differ only in white space, escapes and the order of keys are duplicates."""
    example = chat(user("Grüße reset it"), ANSWER)
    other = {"messages": [{"content": "Grüße reset it", "role": "user"}, ANSWER]}
    content = (
        lines(several(CHAT)) + lines([example]) + lines([other], ensure_ascii=False, separators=(",", ":"))
    )
    report = check(content)
    assert found(report, "duplicate-example") == [(14, "is the same example as line 13")]
    assert (report.ok, report.duplicates) == (True, 1)
    late = check(b"\n{\n\n" + content)
    ((finding),) = [f for f in late.findings if f.code == "duplicate-example"]
    assert (finding.line, finding.example) == (17, 15)


def test_the_validation_file_is_checked_and_compared() -> None:
    """An example in both files, and a question in both with different answers, are warnings."""
    training = several(CHAT)
    validation = [training[3], {"messages": [*training[5]["messages"][:-1], {**ANSWER, "content": "Other."}]}]
    report = check(lines(training), validation=lines(validation))
    assert found(report, "duplicate-in-validation") == [(4, "is line 1 of the validation file")]
    assert found(report, "validation-leak") == [(6, "has the same prompt as line 2 of the validation file")]
    assert [f.example for f in report.findings if f.line in (4, 6)] == [4, 6]
    assert report.ok
    bad = check(lines(training), validation=lines([{"messages": []}]))
    ((finding),) = [f for f in bad.findings if f.severity == "error"]
    assert (finding.file, finding.line, finding.service_code) == ("validation", 1, "invalid_validation_file")
    assert not bad.ok


@pytest.mark.parametrize("plain", [True, False])
def test_prompts_that_differ_in_case_and_white_space_alone_leak(plain: bool) -> None:
    """Prompts are compared as by `split`, for plain conversations and for others."""
    more: dict[str, Any] = {} if plain else {"tools": [TOOL]}
    training = several(chat(user("How do I reset it?"), ANSWER, **more))
    other = chat(user("how do I\n RESET  number 7?"), {**ANSWER, "content": "Other."}, **more)
    report = check(lines(training), validation=lines([other]))
    assert found(report, "validation-leak") == [(8, "has the same prompt as line 1 of the validation file")]


def test_one_example_is_enough_for_validation() -> None:
    """A training file needs ten examples."""
    assert check(lines(several(CHAT, 10)), validation=lines([CHAT])).ok
    assert not check(lines(several(CHAT, 9)), validation=lines([CHAT])).ok
    assert not check(lines(several(CHAT, 10)), validation=b"").ok


WARNED: list[tuple[str, Any, str, dict[str, Any]]] = [
    ("an empty question", chat(user(""), ANSWER), "empty-text", {}),
    ("an answer of spaces", chat(ASK, {**ANSWER, "content": " \n"}), "empty-text", {}),
    ("a long example", chat(user("word " * 20_000), ANSWER), "too-long", {"model": "gpt-3.5-turbo"}),
    (
        "an image for a text model",
        chat(user([image(PNG)]), ANSWER),
        "images-not-supported",
        {"model": "gpt-4o-mini"},
    ),
    ("the same outputs", {**PAIR, "non_preferred_output": [ANSWER]}, "identical-outputs", {"method": "dpo"}),
    ("a NUL character", chat(user("a\0b"), ANSWER), "nul-character", {}),
]


@pytest.mark.parametrize(("example", "code", "options"), [w[1:] for w in WARNED], ids=[w[0] for w in WARNED])
def test_data_that_trains_badly_gives_a_warning(example: Any, code: str, options: dict[str, Any]) -> None:
    """The file is still good, and the finding has its line."""
    base = PAIR if options.get("method") == "dpo" else CHAT
    report = check(lines([*several(base), example]), **options)
    assert report.ok, report.table()
    assert [f.line for f in report.findings if f.severity == "warning" and f.code == code] == [13]


@pytest.mark.parametrize(
    "key",
    [
        "sk-" + "a1B2" * 12,
        "sk-proj-" + "a1B2" * 12,
        "AKIA" + "ABCD1234EFGH5678",
        "ghp_" + "a1B2" * 9,
        "AIza" + "a1B2c3D" * 5,
        "-----BEGIN RSA PRIVATE KEY-----",
    ],
)
def test_keys_are_reported_and_never_shown(key: str) -> None:
    """The warning has the line and the kind of key."""
    report = check(lines([*several(CHAT), chat(user(f"My key is {key}, reset it"), ANSWER)]))
    ((line, text),) = found(report, "looks-like-key")
    assert line == 13
    assert key not in report.table()
    assert "sk-task" not in text


def test_ordinary_words_are_not_reported_as_keys() -> None:
    """Words that begin like keys give no warning."""
    text = "risk-free task-management-with-kanban-boards sk-8 AKIA ghp_ reset it"
    assert not found(check(lines(several(chat(user(text), ANSWER)))), "looks-like-key")
