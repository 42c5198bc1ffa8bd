"""Validation gives the same verdict as JSON Schema, before a request is sent, with a clear error."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from finetuning_client import DPO, InvalidRequestError, Reinforcement, Supervised
from finetuning_client.validation import require, violations

from .conftest import FakeServer, components, created_job


@cache
def reference_validator(name: str) -> Draft202012Validator:
    """Return the validator of `jsonschema` for a component."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": components()}}
    return Draft202012Validator(schema)


odd: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.floats(-2, 2).map(lambda x: round(x, 1))
    | st.text(max_size=3)
    | st.just([])
    | st.just({})
    | st.just({"type": "python"})
)


def near_values(schema: dict[str, Any], depth: int = 0) -> st.SearchStrategy[Any]:
    """Strategy for values that satisfy the schema, or break it in a few places."""
    if "$ref" in schema:
        return near_component(schema["$ref"].rsplit("/", 1)[-1], depth)
    if depth > 6:
        return odd
    right = _valid_values(schema, depth)
    return st.integers(0, 15).flatmap(lambda n: right if n else odd)


@cache
def near_component(name: str, depth: int = 0) -> st.SearchStrategy[Any]:
    """`near_values` for a component of the contract."""
    return near_values(components()[name], depth)


def _valid_values(schema: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    if "anyOf" in schema:
        return st.one_of([near_values(member, depth) for member in schema["anyOf"]])
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    kinds = schema.get("type", "null")
    return st.one_of(
        [_of_kind(kind, schema, depth) for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    )


def _of_kind(kind: str, schema: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    if kind == "object":
        return _objects(schema, depth)
    if kind == "array":
        most = schema.get("maxItems", 2)
        few = st.lists(near_values(schema.get("items", {}), depth + 1), max_size=3)
        return few | (few.map(lambda items: (items * (most + 1))[: most + 1]) if most < 100 else few)
    if kind == "string":
        lengths = [n for k in ("minLength", "maxLength") if (n := schema.get(k, 9)) < 1000] or [3]
        sizes = st.sampled_from([max(n + step, 0) for n in lengths for step in (-1, 0, 1)])
        return sizes.map("ä".__mul__) | st.text(max_size=3)
    bounds = [value for name, value in schema.items() if name.lower().endswith(("minimum", "maximum"))] or [0]
    edges = st.sampled_from([bound + step for bound in bounds for step in (-1, -0.5, 0, 0.5, 1)])
    return {
        "integer": edges | edges.map(int) | edges.map(float),
        "number": edges | st.floats(allow_nan=False, allow_infinity=False),
        "boolean": st.booleans(),
        "null": st.none(),
    }[kind]


def _objects(schema: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    fields = {name: near_values(inner, depth + 1) for name, inner in schema.get("properties", {}).items()}
    required = {name: fields[name] for name in schema.get("required", ()) if name in fields}
    optional = {name: field for name, field in fields.items() if name not in required}
    whole = st.fixed_dictionaries(required, optional=optional)
    more = schema.get("additionalProperties", True)
    extra = near_values(more, depth + 1) if isinstance(more, dict) else odd
    names = st.text(min_size=1, max_size=2) | st.integers(63, 66).map("k".__mul__)
    extras = st.dictionaries(names, extra, max_size=2)
    if "maxProperties" in schema:
        counts = range(schema["maxProperties"], schema["maxProperties"] + 2)
        extras |= st.one_of([st.fixed_dictionaries({f"k{n}": extra for n in range(c)}) for c in counts])
    return (
        whole
        | st.fixed_dictionaries({}, optional=fields)
        | st.builds(lambda given, other: {**other, **given}, whole, extras)
    )


@pytest.mark.parametrize("name", components())
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_verdict_equals_that_of_json_schema(name: str, data: st.DataObject) -> None:
    """The checker and `jsonschema` agree for every component and any value."""
    value = data.draw(near_component(name))
    broken = list(violations(name, value))
    assert (not broken) == reference_validator(name).is_valid(value), broken
    for violation in broken:
        assert f"{violation.field or 'the value'}: " in str(violation)


def test_every_keyword_of_the_contract_is_checked() -> None:
    """An unknown keyword would be a limit that is never checked."""
    checked = {"$ref", "anyOf", "type", "const", "enum", "properties", "required", "items"}
    checked |= {"additionalProperties", "propertyNames", "minimum", "maximum", "exclusiveMinimum"}
    checked |= {
        "exclusiveMaximum",
        "multipleOf",
        "pattern",
        "uniqueItems",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "maxProperties",
    }
    described = {"description", "format", "deprecated", "discriminator", "examples", "example", "title"}
    described |= {"x-client", "x-outcomes", "x-idle"}
    used: set[str] = set()
    todo = list(components().values())
    while todo:
        schema = todo.pop()
        used |= set(schema)
        todo += [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
        todo += [
            schema[k]
            for k in ("items", "additionalProperties", "propertyNames")
            if isinstance(schema.get(k), dict)
        ]
    assert used <= checked | described


# --- error messages --------------------------------------------------------------------------

BODY = {"model": "gpt-4o-mini-2024-07-18", "training_file": "file-1"}

WANDB = {"type": "wandb", "wandb": {"project": "p"}}

OBJECT = "a dict or an object with to_dict()"

REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"model": None}, "model", "a string"),
    ({"model": 5}, "model", "a string"),
    ({"suffix": ""}, "suffix", "at least 1 character"),
    ({"suffix": "x" * 65}, "suffix", "at most 64 characters"),
    ({"suffix": 5}, "suffix", "a string or None"),
    ({"seed": -1}, "seed", "at least 0"),
    ({"seed": 2**31}, "seed", "at most 2147483647"),
    ({"seed": 10**400}, "seed", "at most 2147483647"),
    ({"seed": "7"}, "seed", "a whole number or None"),
    ({"seed": True}, "seed", "a whole number or None"),
    ({"seed": float("nan")}, "seed", "a whole number or None"),
    (
        {"integrations": [{"type": "wandb", "wandb": {"project": "p"}}] * 6},
        "integrations",
        "at most 5 items",
    ),
    ({"integrations": [{"type": "wandb"}]}, "integrations[0].wandb", "given"),
    ({"integrations": [{"type": "mlflow", "wandb": {"project": "p"}}]}, "integrations[0].type", "'wandb'"),
    ({"integrations": "wandb"}, "integrations", "a list of integrations"),
    ({"integrations": {"type": "wandb"}}, "integrations", "a list of integrations"),
    ({"integrations": 5}, "integrations", "a list of integrations"),
    ({"integrations": [5]}, "integrations[0]", OBJECT),
    ({"metadata": {f"k{n}": "v" for n in range(17)}}, "metadata", "at most 16 pairs"),
    ({"metadata": {"k" * 65: "v"}}, "metadata", "at most 64 characters"),
    ({"metadata": {"k": "v" * 513}}, "metadata.k", "at most 512 characters"),
    ({"metadata": {"k": 5}}, "metadata.k", "a string"),
    ({"metadata": {5: "v"}}, "metadata", "a string"),
    ({"metadata": ["k"]}, "metadata", OBJECT),
    ({"method": "dpo"}, "method", OBJECT),
    ({"method": {}}, "method.type", "given"),
    ({"method": {"type": "magic"}}, "method.type", "one of 'supervised', 'dpo', 'reinforcement'"),
    (
        {"method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 51}}}},
        "method.supervised.hyperparameters.n_epochs",
        "at most 50",
    ),
    ({"hyperparameters": {"n_epochs": 0}}, "hyperparameters.n_epochs", "at least 1"),
    ({"hyperparameters": 5}, "hyperparameters", OBJECT),
]


@pytest.mark.parametrize(("changes", "field", "limit"), REFUSED, ids=lambda value: str(value)[:40])
def test_broken_limit_is_named_before_sending(
    client: Any, server: FakeServer, changes: dict[str, Any], field: str, limit: str
) -> None:
    """The message and the attributes have the field, the limit and the value."""
    with pytest.raises(InvalidRequestError) as e:
        client.jobs.create(**{**BODY, **changes})
    assert (e.value.field, e.value.limit) == (field, limit)
    of_keys = "keys " if field == "metadata" and "pairs" not in limit and limit != OBJECT else ""
    verb = "have" if limit.endswith(("items", "pairs")) else "be"
    rule = "is required" if limit == "given" else f"{of_keys}must {verb} {limit}, not "
    assert str(e.value).startswith(f"{field}: {rule}")
    assert len(str(e.value)) < 300
    assert server.requests == []


ACCEPTED: list[dict[str, Any]] = [
    {"suffix": "x"},
    {"suffix": "ä" * 64},
    {"seed": 0},
    {"seed": 2**31 - 1},
    {"metadata": {}},
    {"metadata": {"k" * 64: "v" * 512}},
    {"integrations": []},
    {"integrations": (WANDB,)},
    {"hyperparameters": {"n_epochs": "auto", "batch_size": 256}},
    {"method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1}}}},
    {"method": {"type": "supervised", "invented_since": [1, None]}},
    {"model": "ft:gpt-4o-mini-2024-07-18:org::abc"},
    {"model": "a-model-of-next-year"},
]


@pytest.mark.parametrize("changes", ACCEPTED, ids=lambda value: str(value)[:40])
def test_valid_values_are_sent_unchanged(client: Any, server: FakeServer, changes: dict[str, Any]) -> None:
    """Values at the limits and unknown fields are allowed."""
    server.enqueue(created_job)
    client.jobs.create(**{**BODY, **changes})
    sent = server.body(0)
    for name, value in changes.items():
        kept = (
            {k: v for k, v in sent[name].items() if k != "finetuning_request"}
            if name == "metadata"
            else sent[name]
        )
        assert kept == (list(value) if isinstance(value, tuple) else value)


def test_defaults_are_not_sent(client: Any, server: FakeServer) -> None:
    """The service applies its own defaults."""
    server.enqueue(created_job)
    client.jobs.create(**BODY)
    assert server.body(0).keys() == {"model", "training_file", "metadata"}


@pytest.mark.parametrize("odd_value", [len, {1, 2}, float("nan"), "\ud800", b"x"], ids=ascii)
def test_value_without_a_json_form_is_refused(client: Any, server: FakeServer, odd_value: Any) -> None:
    """It is refused wherever the contract leaves the type open."""
    with pytest.raises(InvalidRequestError, match="JSON"):
        client.jobs.create(**BODY, method={"type": "supervised", "note": odd_value})
    with pytest.raises(InvalidRequestError):
        client.jobs.create(**BODY, suffix=odd_value)
    assert server.requests == []


def test_circular_value_is_refused(client: Any, server: FakeServer) -> None:
    """A value that contains itself has no end."""
    circle: dict[str, Any] = {"type": "supervised"}
    circle["note"] = circle
    with pytest.raises(InvalidRequestError, match="nested at most 100 levels deep"):
        client.jobs.create(**BODY, method=circle)


def test_error_about_the_whole_value_has_no_field() -> None:
    """The message says "the value" if the value is not an object."""
    with pytest.raises(InvalidRequestError, match="the value: must be an object, not 5"):
        require("Metadata", 5)


def test_unknown_field_is_named() -> None:
    """The message says what to do with a field that the contract does not allow."""
    with pytest.raises(InvalidRequestError, match=r"^md_5: unknown field: remove it$") as e:
        require("CompleteUploadRequest", {"part_ids": [], "md_5": ""})
    assert (e.value.field, e.value.limit) == ("md_5", "left out")


def test_long_value_is_cut_in_the_message(client: Any) -> None:
    """The error has the complete value as an attribute."""
    with pytest.raises(InvalidRequestError) as e:
        client.jobs.list(metadata="x" * 1000)
    assert len(str(e.value)) < 200
    assert e.value.value == "x" * 1000


# --- methods ---------------------------------------------------------------------------------

GRADER = {"type": "string_check", "name": "same", "operation": "eq", "input": "a", "reference": "b"}


@pytest.mark.parametrize(
    ("method", "sent"),
    [
        (Supervised(), {"type": "supervised", "supervised": {}}),
        (
            Supervised(n_epochs=3, batch_size="auto", learning_rate_multiplier=0.5),
            {
                "type": "supervised",
                "supervised": {
                    "hyperparameters": {"n_epochs": 3, "batch_size": "auto", "learning_rate_multiplier": 0.5}
                },
            },
        ),
        (DPO(), {"type": "dpo", "dpo": {}}),
        (DPO(beta=2), {"type": "dpo", "dpo": {"hyperparameters": {"beta": 2}}}),
        (Reinforcement(grader=GRADER), {"type": "reinforcement", "reinforcement": {"grader": GRADER}}),
        (
            Reinforcement(grader=GRADER, eval_samples=1, reasoning_effort="low"),
            {
                "type": "reinforcement",
                "reinforcement": {
                    "hyperparameters": {"reasoning_effort": "low", "eval_samples": 1},
                    "grader": GRADER,
                },
            },
        ),
    ],
    ids=str,
)
def test_method_is_sent_as_the_nested_object(client: Any, server: FakeServer, method: Any, sent: Any) -> None:
    """Flat keywords become the object of the contract; values that are not given are left out."""
    server.enqueue(created_job)
    client.jobs.create(**BODY, method=method)
    assert server.body(0)["method"] == sent
    assert reference_validator("FineTuneMethod").is_valid(sent)


def test_method_and_grader_may_be_generated_models(client: Any, server: FakeServer) -> None:
    """Models of the generated library are accepted like dicts."""
    from finetuning_api.models import FineTuneMethod, GraderStringCheck

    server.enqueue(created_job, created_job)
    client.jobs.create(**BODY, method=FineTuneMethod.from_dict({"type": "supervised"}))
    assert server.body(0)["method"] == {"type": "supervised"}
    client.jobs.create(**BODY, method=Reinforcement(grader=GraderStringCheck.from_dict(GRADER)))
    assert server.body(1)["method"]["reinforcement"]["grader"] == GRADER


LIMITS: list[tuple[Any, dict[str, Any], str]] = [
    (Supervised, {"n_epochs": 0}, "n_epochs: must be at least 1, not 0"),
    (Supervised, {"n_epochs": 51}, "n_epochs: must be at most 50, not 51"),
    (Supervised, {"n_epochs": 1.5}, "n_epochs: must be 'auto' or a whole number, not 1.5"),
    (Supervised, {"n_epochs": True}, "n_epochs: must be 'auto' or a whole number, not True"),
    (Supervised, {"n_epochs": "many"}, "n_epochs: must be 'auto' or a whole number, not 'many'"),
    (Supervised, {"batch_size": 257}, "batch_size: must be at most 256, not 257"),
    (Supervised, {"learning_rate_multiplier": 0}, "learning_rate_multiplier: must be more than 0, not 0"),
    (
        Supervised,
        {"learning_rate_multiplier": float("inf")},
        "learning_rate_multiplier: must be 'auto' or a number, not inf",
    ),
    (DPO, {"beta": 0}, "beta: must be more than 0, not 0"),
    (DPO, {"beta": 2.1}, "beta: must be at most 2, not 2.1"),
    (Reinforcement, {"grader": GRADER, "reasoning_effort": "much"}, "reasoning_effort: must be one of"),
    (
        Reinforcement,
        {"grader": GRADER, "compute_multiplier": 0.00001},
        "compute_multiplier: must be more",
    ),
    (Reinforcement, {"grader": GRADER, "eval_interval": 0}, "eval_interval: must be at least 1, not 0"),
    (Reinforcement, {"grader": None}, "grader: is required"),
    (
        Reinforcement,
        {"grader": {}},
        "grader.type: is required, and must be one of 'string_check', 'text_similarity'",
    ),
    (Reinforcement, {"grader": {"type": "magic"}}, "grader.type: must be one of"),
    (Reinforcement, {"grader": {"type": "python"}}, "grader.name: is required"),
]


@pytest.mark.parametrize(("kind", "options", "message"), LIMITS, ids=lambda value: str(value)[:40])
def test_limits_of_a_method_are_checked_by_its_constructor(
    kind: Any, options: dict[str, Any], message: str
) -> None:
    """The error is raised where the mistake was written, not where the job is created."""
    with pytest.raises(InvalidRequestError) as e:
        kind(**options)
    assert str(e.value).startswith(message)


def test_methods_are_immutable_values() -> None:
    """Methods with the same settings are equal and have the same hash."""
    assert Supervised(n_epochs=3) == Supervised(n_epochs=3) != Supervised(n_epochs=4)
    assert len({DPO(beta=0.1), DPO(beta=0.1)}) == 1
    with pytest.raises(AttributeError):
        Supervised().n_epochs = 5  # type: ignore[misc]  # the test assigns it on purpose
