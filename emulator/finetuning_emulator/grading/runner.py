"""Run of a grader on a model's output: the reward, and flags for errors.

Instead of a grading model, the emulator uses a rule: the *resemblance* of the output to the row of
data, which is the highest ROUGE-1 between the output and any text in the row. For a row without texts it is a
number derived from the grader's messages. A score is that share of the range; a label is the first passing
one if the resemblance is at least one half, else the first that does not pass.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from finetuning_emulator.grading import similarity
from finetuning_emulator.grading.formula import parse_formula
from finetuning_emulator.grading.graders import (
    Grader,
    LabelModel,
    Multi,
    Python,
    ScoreModel,
    StringCheck,
    SubGrader,
    TextSimilarity,
)
from finetuning_emulator.grading.python_sandbox import DISABLED, run_python
from finetuning_emulator.grading.templates import (
    MAX_CHARACTERS,
    Values,
    fill_placeholders,
    sample_values,
)

__all__ = ["Result", "run_grader"]

_FLAGS = (
    "formula_parse_error",
    "sample_parse_error",
    "truncated_observation_error",
    "unresponsive_reward_error",
    "invalid_variable_error",
    "other_error",
    "python_grader_server_error",
    "python_grader_runtime_error",
    "model_grader_server_error",
    "model_grader_refusal_error",
    "model_grader_parse_error",
)
_DETAILS = (
    "python_grader_server_error_type",
    "python_grader_runtime_error_details",
    "model_grader_server_error_details",
)
_MAX_TEXTS = 200


class Result(msgspec.Struct):
    """A reward and its details; `tokens` are those of each grading model, by its name."""

    reward: float = 0.0
    flags: set[str] = msgspec.field(default_factory=set)
    details: dict[str, str] = msgspec.field(default_factory=dict)
    parts: dict[str, float] = msgspec.field(default_factory=dict)
    tokens: dict[str, int] = msgspec.field(default_factory=dict)
    seconds: float = 0.0

    def view(self, grader: Grader) -> dict[str, Any]:
        """Return the body of the response."""
        errors: dict[str, Any] = {flag: flag in self.flags for flag in _FLAGS}
        errors |= {name: self.details.get(name) for name in _DETAILS}
        models = list(self.tokens)
        return {
            "reward": self.reward,
            "metadata": {
                "name": grader.name,
                "type": type(grader).__struct_config__.tag,
                "errors": errors,
                "execution_time": round(self.seconds, 6),
                "scores": {},
                "token_usage": sum(self.tokens.values()) if models else None,
                "sampled_model_name": models[0] if len(models) == 1 else None,
            },
            "sub_rewards": self.parts,
            "model_grader_token_usage_per_model": self.tokens,
        }


def run_grader(grader: Grader, sample: str, item: Mapping[str, Any], *, python: bool) -> Result:
    """Grade a model's output for a row of data; `python` allows Python graders to run."""
    started = time.perf_counter()
    values = {"item": item, "sample": sample_values(sample)}
    result = (
        _grade_multi(grader, values, python) if isinstance(grader, Multi) else _grade(grader, values, python)
    )
    result.seconds = time.perf_counter() - started
    return result


def _grade_multi(grader: Multi, values: Values, python: bool) -> Result:
    whole = Result()
    for name, part in grader.parts().items():
        result = _grade(part, values, python)
        whole.parts[name] = result.reward
        whole.flags |= result.flags
        whole.details |= result.details
        for model, tokens in result.tokens.items():
            whole.tokens[model] = whole.tokens.get(model, 0) + tokens
    try:
        whole.reward = parse_formula(grader.calculate_output).value(whole.parts)
    except (ArithmeticError, ValueError):
        whole.flags.add("other_error")
    return whole


def _grade(grader: SubGrader, values: Values, python: bool) -> Result:
    if isinstance(grader, Python):
        return _grade_by_program(grader, values, python)
    if isinstance(grader, ScoreModel | LabelModel):
        return _grade_by_resemblance(grader, values)
    text, flags = fill_placeholders(grader.input, values)
    reference, more = fill_placeholders(grader.reference, values)
    result = Result(flags=flags | more)
    if result.flags <= {"truncated_observation_error"}:
        result.reward = _compare(grader, text, reference)
    return result


def _compare(grader: StringCheck | TextSimilarity, text: str, reference: str) -> float:
    if isinstance(grader, TextSimilarity):
        return round(similarity.METRICS[grader.evaluation_metric](text, reference), 6)
    match grader.operation:
        case "eq":
            matches = text == reference
        case "ne":
            matches = text != reference
        case "like":
            matches = reference in text
        case "ilike":
            matches = reference.casefold() in text.casefold()
    return float(matches)


def _grade_by_program(grader: Python, values: Values, allowed: bool) -> Result:
    result = Result()
    if not allowed:
        result.flags.add("python_grader_server_error")
        result.details["python_grader_server_error_type"] = DISABLED
        return result
    sample = {"output_json": None, **values["sample"]}
    verdict = run_python(grader.source, sample, values["item"])
    if verdict.broken is not None:
        result.flags.add("python_grader_server_error")
        result.details["python_grader_server_error_type"] = verdict.broken
    elif verdict.failed is not None:
        result.flags.add("python_grader_runtime_error")
        result.details["python_grader_runtime_error_details"] = verdict.failed
    elif verdict.reward is None:
        result.flags.add("unresponsive_reward_error")
    else:
        result.reward = verdict.reward
    return result


def _grade_by_resemblance(grader: ScoreModel | LabelModel, values: Values) -> Result:
    result = Result()
    messages: list[str] = []
    for _, text in grader.texts():
        filled, flags = fill_placeholders(text, values)
        result.flags |= flags
        messages.append(filled)
        if sum(map(len, messages)) > MAX_CHARACTERS:
            result.flags.add("truncated_observation_error")
            break
    prompt = "\n".join(messages)
    result.tokens[grader.model] = (len(prompt) + 3) // 4 + 1
    if not result.flags <= {"truncated_observation_error"}:
        return result
    resemblance = _resemblance(values["sample"]["output_text"], values["item"], prompt)
    if isinstance(grader, ScoreModel):
        lowest, highest = grader.bounds
        result.reward = round(lowest * (1 - resemblance) + highest * resemblance, 6)
    else:
        result.reward = float(_label(grader, resemblance) in grader.passing_labels)
    return result


def _label(grader: LabelModel, resemblance: float) -> str:
    passes = resemblance >= 0.5
    fitting = (label for label in grader.labels if (label in grader.passing_labels) is passes)
    return next(fitting, grader.labels[0])


def _resemblance(output: str, item: Any, prompt: str) -> float:
    texts = [text[:MAX_CHARACTERS] for text, _ in zip(_texts(item), range(_MAX_TEXTS), strict=False)]
    if not texts:
        digest = hashlib.blake2b(prompt.encode(), digest_size=4).digest()
        return int.from_bytes(digest) / 0xFFFFFFFF
    return max(similarity.rouge(1, output[:MAX_CHARACTERS], text) for text in texts)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner)
