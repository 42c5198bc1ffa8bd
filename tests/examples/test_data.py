"""The demo's dataset is well formed, follows its labelling rules, and has no overlap."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[2] / "examples" / "data"
FILES = {"train": DATA / "support_triage_train.jsonl", "valid": DATA / "support_triage_valid.jsonl"}
MINIMUM = {"train": 60, "valid": 20}

CATEGORIES = {
    "delivery",
    "wrong_item",
    "return",
    "warranty",
    "compatibility",
    "payment",
    "account",
    "other",
}
URGENCIES = {"low", "normal", "high"}
LONGEST_REPLY = 400

Conversation = list[dict[str, str]]

each_split = pytest.mark.parametrize("split", sorted(FILES))


def _conversations(split: str) -> list[Conversation]:
    lines = FILES[split].read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["messages"] for line in lines]


def _every_conversation() -> list[Conversation]:
    return [conversation for split in FILES for conversation in _conversations(split)]


def _contents(conversation: Conversation, role: str) -> list[str]:
    return [message["content"] for message in conversation if message["role"] == role]


def _answers(conversation: Conversation) -> list[dict[str, Any]]:
    return [json.loads(content) for content in _contents(conversation, "assistant")]


def _words(conversation: Conversation) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", " ".join(_contents(conversation, "user")).casefold()))


@each_split
def test_split_is_large_enough(split: str) -> None:
    """Each file has at least the number of conversations that the demo needs."""
    assert len(_conversations(split)) >= MINIMUM[split]


@each_split
def test_every_line_is_one_conversation(split: str) -> None:
    """Every line is an object with `messages` only, and the file ends with a newline."""
    text = FILES[split].read_text(encoding="utf-8")
    assert text.endswith("\n")
    for line in text.splitlines():
        assert set(json.loads(line)) == {"messages"}


@each_split
def test_roles_alternate_and_end_with_the_assistant(split: str) -> None:
    """Each has one system message, then user and assistant in turn, each with text."""
    for conversation in _conversations(split):
        roles = [message["role"] for message in conversation]
        turns = (len(roles) - 1) // 2
        assert turns >= 1
        assert roles == ["system", *["user", "assistant"] * turns]
        for message in conversation:
            assert set(message) == {"role", "content"}
            assert message["content"]
            assert message["content"] == message["content"].strip()


def test_system_prompt_is_the_same_everywhere() -> None:
    """Both files have the same system prompt, and it names every label."""
    prompts = {conversation[0]["content"] for conversation in _every_conversation()}
    assert len(prompts) == 1
    named = set(re.findall(r"\w+", prompts.pop()))
    assert named >= CATEGORIES | URGENCIES


@each_split
def test_every_answer_is_a_labelled_json_object(split: str) -> None:
    """Answers have the three keys in order, labels from the fixed sets, and a short reply."""
    for conversation in _conversations(split):
        for answer in _answers(conversation):
            assert list(answer) == ["category", "urgency", "reply"]
            assert answer["category"] in CATEGORIES
            assert answer["urgency"] in URGENCIES
            assert 0 < len(answer["reply"]) <= LONGEST_REPLY


@each_split
def test_every_answer_has_the_same_json_formatting(split: str) -> None:
    """The model sees one format."""
    for conversation in _conversations(split):
        for content in _contents(conversation, "assistant"):
            assert content == json.dumps(json.loads(content), ensure_ascii=False)


@each_split
def test_labels_are_represented_and_balanced(split: str) -> None:
    """Every category and urgency occurs, and no category is twice as frequent as another."""
    final = [_answers(conversation)[-1] for conversation in _conversations(split)]
    categories = Counter(answer["category"] for answer in final)
    assert set(categories) == CATEGORIES
    assert max(categories.values()) < 2 * min(categories.values())
    assert {answer["urgency"] for answer in final} == URGENCIES


@each_split
def test_some_conversations_have_a_second_turn(split: str) -> None:
    """Both files have conversations with more than one answer."""
    assert any(len(_answers(conversation)) > 1 for conversation in _conversations(split))


def test_no_two_conversations_are_similar() -> None:
    """No two conversations, in one file or across both, share most of their words."""
    for first, second in combinations(map(_words, _every_conversation()), 2):
        assert len(first & second) < 0.5 * len(first | second), (sorted(first), sorted(second))


def test_replies_are_unique() -> None:
    """Every reply is written for its message."""
    replies = [answer["reply"] for talk in _every_conversation() for answer in _answers(talk)]
    assert len(replies) == len(set(replies))


def test_replies_name_only_order_numbers_of_the_customer() -> None:
    """No answer teaches the model to invent an order number."""
    order = re.compile(r"K-\d+")
    for conversation in _every_conversation():
        named: set[str] = set()
        for message in conversation:
            found = set(order.findall(message["content"]))
            if message["role"] == "user":
                named |= found
            else:
                assert found <= named


def test_no_contact_details_occur() -> None:
    """The texts have no email address, link or long number that could belong to a real person."""
    contact = re.compile(r"\S@\S|https?:|www\.|\d{7,}")
    for conversation in _every_conversation():
        for message in conversation:
            assert not contact.search(message["content"]), message["content"]


@each_split
def test_readme_states_the_counts(split: str) -> None:
    """The table in the README agrees with the files."""
    conversations = _conversations(split)
    final = [_answers(conversation)[-1] for conversation in conversations]
    urgency = Counter(answer["urgency"] for answer in final)
    longer = sum(len(_answers(conversation)) > 1 for conversation in conversations)
    row = (
        f"| `{FILES[split].name}` | {len(conversations)} | {len(final) // len(CATEGORIES)} "
        f"| {longer} | {urgency['high']} / {urgency['normal']} / {urgency['low']} |"
    )
    assert row in (DATA / "README.md").read_text(encoding="utf-8").splitlines()
