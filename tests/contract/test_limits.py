"""The schemas of the contract accept what the API accepts and sends, and refuse everything else."""

from collections.abc import Callable
from typing import Any

import pytest

Validate = Callable[[str, object], list[str]]

JOB = {
    "id": "ftjob-1",
    "object": "fine_tuning.job",
    "created_at": 1721764800,
    "model": "gpt-4o-mini-2024-07-18",
    "status": "queued",
}
REQUEST = {"model": "gpt-4o-mini-2024-07-18", "training_file": "file-1"}
STRING_CHECK = {
    "type": "string_check",
    "name": "exact",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
    "operation": "eq",
}
SIMILARITY = {
    "type": "text_similarity",
    "name": "near",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
    "evaluation_metric": "rouge_l",
}
PYTHON = {"type": "python", "name": "program", "source": "def grade(sample, item): return 1.0"}
SCORE = {
    "type": "score_model",
    "name": "score",
    "model": "gpt-4o",
    "input": [{"role": "user", "content": "Give a score to {{sample.output_text}}"}],
    "range": [0, 10],
    "sampling_params": {"temperature": None, "reasoning_effort": None},
}
LABEL = {
    "type": "label_model",
    "name": "label",
    "model": "gpt-4o",
    "input": [{"role": "user", "content": {"type": "input_text", "text": "Give a label"}}],
    "labels": ["good", "bad"],
    "passing_labels": ["good"],
}
MULTI = {"type": "multi", "name": "both", "calculate_output": "exact + near"}
WANDB = {"type": "wandb", "wandb": {"project": "triage"}}


def _method(kind: str, **hyperparameters: object) -> dict[str, Any]:
    grader = {"grader": STRING_CHECK} if kind == "reinforcement" else {}
    return {"type": kind, kind: {**grader, "hyperparameters": hyperparameters}}


def _pairs(count: int, key: int = 1, value: int = 1) -> dict[str, str]:
    return {f"{number:x}".rjust(key, "k"): "v" * value for number in range(count)}


# (schema, field, values within the limit, values beyond it)
LIMITS: list[tuple[str, str, list[object], list[object]]] = [
    ("CreateFineTuningJobRequest", "suffix", [None, "s", "s" * 64], ["", "s" * 65, 7]),
    ("CreateFineTuningJobRequest", "seed", [None, 0, 2147483647], [-1, 2147483648, 1.5, "1"]),
    ("CreateFineTuningJobRequest", "integrations", [None, [], [WANDB] * 5], [[WANDB] * 6, [{}]]),
    (
        "CreateFineTuningJobRequest",
        "metadata",
        [None, {}, _pairs(16, 64, 512)],
        [_pairs(17), _pairs(1, key=65), _pairs(1, value=513), {"k": 1}],
    ),
    ("CreateFineTuningJobRequest", "validation_file", [None, "file-2"], [2]),
    ("FineTuneSupervisedHyperparameters", "n_epochs", ["auto", 1, 50], [0, 51, 1.5, "3", None]),
    ("FineTuneSupervisedHyperparameters", "batch_size", ["auto", 1, 256], [0, 257, "many"]),
    ("FineTuneSupervisedHyperparameters", "learning_rate_multiplier", ["auto", 0.01, 9], [0, -1]),
    ("FineTuneDPOHyperparameters", "beta", ["auto", 0.1, 2], [0, 2.1, "high"]),
    ("FineTuneDPOHyperparameters", "n_epochs", ["auto", 1, 50], [0, 51]),
    ("FineTuneDPOHyperparameters", "batch_size", ["auto", 1, 256], [0, 257]),
    ("FineTuneDPOHyperparameters", "learning_rate_multiplier", ["auto", 2], [0]),
    ("FineTuneReinforcementHyperparameters", "n_epochs", ["auto", 1, 50], [0, 51]),
    ("FineTuneReinforcementHyperparameters", "batch_size", ["auto", 1, 256], [0, 257]),
    ("FineTuneReinforcementHyperparameters", "learning_rate_multiplier", ["auto", 2], [0]),
    (
        "FineTuneReinforcementHyperparameters",
        "compute_multiplier",
        ["auto", 0.0001, 10],
        [0.00001, 10.5],
    ),
    ("FineTuneReinforcementHyperparameters", "eval_interval", ["auto", 1], [0, "never"]),
    ("FineTuneReinforcementHyperparameters", "eval_samples", ["auto", 1], [0]),
    ("FineTuneReinforcementHyperparameters", "reasoning_effort", ["default", "high"], ["max"]),
    ("FileExpirationAfter", "seconds", [3600, 2592000], [3599, 2592001]),
    ("FileExpirationAfter", "anchor", ["created_at"], ["now"]),
    ("CreateFileRequest", "purpose", ["fine-tune", "evals"], ["fine-tune-results"]),
    ("CreateUploadRequest", "bytes", [1, 8589934592], [0, 8589934593]),
    ("CreateUploadRequest", "purpose", ["fine-tune"], ["evals"]),
    ("GraderScoreModel", "range", [[0, 1]], [[0], [0, 1, 2], ["0", "1"]]),
    ("GraderScoreModelSamplingParams", "max_completions_tokens", [None, 1], [0]),
    ("GraderScoreModelSamplingParams", "reasoning_effort", [None, "none", "max"], ["default"]),
]


@pytest.mark.parametrize(
    ("schema", "field", "within", "beyond"), LIMITS, ids=[f"{row[0]}.{row[1]}" for row in LIMITS]
)
def test_each_limit_holds_on_both_sides(
    violations: Validate, schema: str, field: str, within: list[object], beyond: list[object]
) -> None:
    """The last allowed value is accepted, and the first one beyond it is refused."""

    def at_field(value: object) -> list[str]:
        found = violations(schema, {field: value})
        return [path for path in found if path.startswith(f"$.{field}")]

    assert [value for value in within if at_field(value)] == []
    assert [value for value in beyond if not at_field(value)] == []


@pytest.mark.parametrize(("name", "most"), [("file", 536870912), ("data", 67108864)])
def test_the_size_of_files_and_parts_is_limited(contract: dict[str, Any], name: str, most: int) -> None:
    """A file has at most 512 MB, and a part at most 64 MB."""
    schema = {"file": "CreateFileRequest", "data": "AddUploadPartRequest"}[name]
    assert contract["components"]["schemas"][schema]["properties"][name]["maxLength"] == most


def test_pages_have_at_least_one_item(contract: dict[str, Any]) -> None:
    """Every `limit` is at least 1; the one for files also has a maximum."""
    limits = {
        operation["operationId"]: parameter["schema"]
        for item in contract["paths"].values()
        for operation in item.values()
        for parameter in operation.get("parameters", [])
        if parameter["name"] == "limit"
    }
    assert len(limits) == 5
    assert all(schema["type"] == "integer" and schema["minimum"] == 1 for schema in limits.values())
    assert limits["listFiles"]["maximum"] == 10000


@pytest.mark.parametrize("method", ["supervised", "dpo", "reinforcement"])
def test_a_job_can_be_requested_with_each_method(violations: Validate, method: str) -> None:
    """A request names a method and its settings."""
    request = {**REQUEST, "method": _method(method, n_epochs=3, batch_size="auto")}
    assert violations("CreateFineTuningJobRequest", request) == []


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"status": "paused"},
        {"error": None},
        {"error": {}},
        {"error": {"code": None, "message": None, "param": None}},
        {"error": {"code": "invalid_n_examples", "message": "Too few.", "param": "training_file"}},
        {"hyperparameters": None},
        {"hyperparameters": {}},
        {"hyperparameters": {"n_epochs": None, "batch_size": "auto"}},
        {"hyperparameters": {"n_epochs": 3, "learning_rate_multiplier": 1.8}},
        {"method": _method("supervised", n_epochs="auto")},
        {"method": {"type": "dpo"}},
        {"method": None, "seed": None, "organization_id": None, "result_files": None},
        {"finished_at": 1721764900, "estimated_finish": None, "trained_tokens": 100},
        {"integrations": [WANDB], "metadata": {"team": "support"}},
        {"user_provided_suffix": "weather"},
    ],
)
def test_jobs_are_valid_in_every_shape_that_servers_send(
    violations: Validate, more: dict[str, object]
) -> None:
    """Nulls, empty objects, missing fields and unknown fields are valid."""
    assert violations("FineTuningJob", {**JOB, **more}) == []


@pytest.mark.parametrize("data", [None, {}, {"step": 1, "train_loss": 0.5}, {"reward": 0.1}])
def test_events_are_valid_with_and_without_metrics(violations: Validate, data: object) -> None:
    """An event's data may be null, empty, known metrics, or unknown metrics."""
    event = {
        "id": "ftevent-1",
        "object": "fine_tuning.job.event",
        "created_at": 1721764800,
        "level": "info",
        "message": "Step 1/3: training loss=0.50",
    }
    assert violations("FineTuningJobEvent", {**event, "type": "metrics", "data": data}) == []


@pytest.mark.parametrize("grader", [STRING_CHECK, SIMILARITY, PYTHON, SCORE])
def test_graders_stand_alone_or_inside_a_multi_grader(
    violations: Validate, grader: dict[str, object]
) -> None:
    """A grader is valid alone, as the only part of a multi grader, and as a named part."""
    assert violations("Grader", grader) == []
    assert violations("Grader", {**MULTI, "graders": grader}) == []
    assert violations("Grader", {**MULTI, "graders": {"first": grader, "second": LABEL}}) == []


@pytest.mark.parametrize(
    "grader",
    [
        LABEL,
        {**MULTI, "graders": {**MULTI, "graders": {}}},
        {**MULTI, "graders": {"nested": {**MULTI, "graders": {}}}},
        {**STRING_CHECK, "type": "unheard_of"},
        {**STRING_CHECK, "operation": "almost"},
        {"type": "python", "name": "no source"},
    ],
    ids=["label alone", "multi in multi", "named multi", "unknown type", "operation", "no source"],
)
def test_graders_that_the_api_refuses_are_refused(violations: Validate, grader: dict[str, object]) -> None:
    """A label grader alone, a multi grader within another, and malformed graders are invalid."""
    assert violations("Grader", grader) != []


@pytest.mark.parametrize(
    "content",
    [
        "plain",
        {"type": "input_text", "text": "t", "prompt_cache_breakpoint": {"mode": "explicit"}},
        {"type": "output_text", "text": "t"},
        {"type": "input_image", "image_url": "{{item.url}}", "detail": "low"},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
        ["plain", {"type": "input_text", "text": "t"}],
    ],
)
def test_messages_hold_text_images_and_sound(violations: Validate, content: object) -> None:
    """Content is a text, one item, or a list of texts and items."""
    assert violations("EvalItem", {"role": "user", "content": content}) == []


@pytest.mark.parametrize("content", [7, {"type": "video"}, [["plain"]], {"text": "t"}])
def test_messages_hold_nothing_else(violations: Validate, content: object) -> None:
    """Content of an unknown kind is invalid."""
    assert violations("EvalItem", {"role": "user", "content": content}) != []


@pytest.mark.parametrize("file", [None, {"id": "file-1", "object": "file", "created_at": 1}])
def test_an_upload_has_its_file_once_completed(violations: Validate, file: object) -> None:
    """An upload's file is null or a complete file object."""
    upload = {
        "id": "upload_1",
        "created_at": 1721764800,
        "filename": "train.jsonl",
        "bytes": 10,
        "purpose": "fine-tune",
        "status": "pending",
        "expires_at": 1721768400,
    }
    assert violations("Upload", upload) == []
    assert violations("Upload", {**upload, "file": file}) == ([] if file is None else ["$.file"])
