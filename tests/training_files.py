"""Good training files for every method, and the models and grader of their jobs."""

from __future__ import annotations

import json
from typing import Any

CHAT_MODEL = "gpt-4o-mini-2024-07-18"
REASONING_MODEL = "o4-mini-2025-04-16"
GRADER = {
    "type": "string_check",
    "name": "same",
    "operation": "eq",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
}


def examples(method: str, count: int = 10) -> bytes:
    """Return a training file for a method."""
    lines = (_example(method, number) for number in range(count))
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def _example(method: str, number: int) -> dict[str, Any]:
    question = {"role": "user", "content": f"Question {number}?"}
    answer = {"role": "assistant", "content": f"Answer {number}"}
    if method == "reinforcement":
        return {"messages": [question], "answer": f"{number}"}
    if method == "supervised":
        return {"messages": [question, answer]}
    other = {"role": "assistant", "content": f"No {number}"}
    return {
        "input": {"messages": [question]},
        "preferred_output": [answer],
        "non_preferred_output": [other],
    }
