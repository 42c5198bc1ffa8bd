"""`job.clone()` and `create(like=)`: the same job again, in which only what is named differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from finetuning_client import DPO, InvalidRequestError, Supervised
from finetuning_client.identifiers import TOKEN_KEY

from .conftest import FakeServer, created_file, created_job, file_json, job_json, retrieve_job

ENDED: dict[str, Any] = {
    "status": "succeeded",
    "validation_file": "file-valid",
    "fine_tuned_model": "ft:gpt-4o-mini-2024-07-18:org:triage:abc",
    "hyperparameters": {"n_epochs": 3, "batch_size": 1},
    "method": {
        "type": "supervised",
        "supervised": {"hyperparameters": {"n_epochs": 3, "batch_size": 1, "learning_rate_multiplier": None}},
        "dpo": None,
    },
    "metadata": {"team": "nlp", TOKEN_KEY: "0123"},
    "integrations": [
        {
            "type": "wandb",
            "wandb": {"project": "p", "entity": None, "tags": ["a"], "run_id": "r", "name": "n"},
        }
    ],
}
SAME: dict[str, Any] = {
    "model": "gpt-4o-mini-2024-07-18",
    "training_file": "file-train",
    "validation_file": "file-valid",
    "suffix": "triage",
    "seed": 7,
    "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3, "batch_size": 1}}},
    "integrations": [{"type": "wandb", "wandb": {"project": "p", "tags": ["a"], "name": "n"}}],
    "metadata": {"team": "nlp"},
}


def sent(server: FakeServer) -> dict[str, Any]:
    """Return the body of the last request, without its own token."""
    body: dict[str, Any] = server.body(-1)
    token = body["metadata"].pop(TOKEN_KEY)
    assert token != "0123"
    if not body["metadata"]:
        del body["metadata"]
    return body


@pytest.mark.parametrize("like", [False, True], ids=["clone", "like"])
def test_a_clone_is_the_same_job(client: Any, server: FakeServer, like: bool) -> None:
    """What only responses have is left out: nulls, the run of an integration, the token."""
    job = retrieve_job(client, server, **ENDED)
    server.enqueue(created_job)
    new = client.jobs.create(like=job) if like else job.clone()
    assert sent(server) == SAME and new.id == "ftjob-1"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"suffix": "two"}, {"suffix": "two"}),
        ({"seed": None, "validation_file": None}, {"seed": None, "validation_file": None}),
        ({"metadata": {"a": "b"}}, {"metadata": {"a": "b"}}),
        ({"metadata": None, "integrations": None}, {"metadata": None, "integrations": None}),
        ({"method": DPO(beta=0.5)}, {"method": DPO(beta=0.5).to_dict()}),
        ({"method": None}, {"method": None}),
        ({"hyperparameters": {"n_epochs": 2}}, {"method": None, "hyperparameters": {"n_epochs": 2}}),
        ({"model": "other"}, {"model": "other"}),
    ],
)
def test_only_what_is_named_changes(
    client: Any, server: FakeServer, changes: dict[str, Any], expected: dict[str, Any]
) -> None:
    """`None` leaves out what the other job has."""
    job = retrieve_job(client, server, **ENDED)
    server.enqueue(created_job)
    job.clone(**changes)
    assert sent(server) == {name: value for name, value in (SAME | expected).items() if value is not None}


def test_another_file_is_uploaded_first(client: Any, server: FakeServer, train: Path) -> None:
    """A path is a change like any other."""
    job = retrieve_job(client, server, **ENDED)
    server.enqueue(created_file, file_json(), created_job)
    client.jobs.create(like=job, training_file=train, check=False)
    assert sent(server) == SAME | {"training_file": "file-1"}


def test_numbers_that_the_service_chose_are_chosen_again(client: Any, server: FakeServer) -> None:
    """A handle that saw them as `auto` knows that nobody asked for them."""
    auto = {"n_epochs": 3, "batch_size": "auto", "learning_rate_multiplier": "auto"}
    chosen = {"n_epochs": 3, "batch_size": 4, "learning_rate_multiplier": 1.8}

    def job(settings: dict[str, Any]) -> dict[str, Any]:
        method = {"type": "supervised", "supervised": {"hyperparameters": settings}}
        return {**ENDED, "method": method, "hyperparameters": settings}

    handle = retrieve_job(client, server, **job(auto))
    server.enqueue(job_json(**job(chosen)), created_job)
    handle.retrieve().clone()
    method = sent(server)["method"]
    assert method == {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3}}}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"method": None}, {"hyperparameters": {"n_epochs": 3, "batch_size": 1}}),
        ({"method": None, "hyperparameters": {"n_epochs": "auto"}}, {}),
        ({"method": None, "hyperparameters": None}, {}),
        ({"method": {"type": "new", "new": {"depth": 2}}}, {"method": {"type": "new", "new": {"depth": 2}}}),
        ({"method": {"type": "supervised"}}, {"method": {"type": "supervised"}}),
    ],
)
def test_methods_of_other_servers_are_repeated(
    make_client: Any, server: FakeServer, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    """A server without `method` gets the older field, and an unknown method goes as it came."""
    client = make_client(limits="none")
    job = retrieve_job(client, server, **{**ENDED, **fields})
    server.enqueue(created_job)
    job.clone()
    body = sent(server)
    assert {name: body[name] for name in ("method", "hyperparameters") if name in body} == expected


def test_what_is_no_job_is_refused(client: Any, server: FakeServer) -> None:
    """So is a creation without a model."""
    with pytest.raises(InvalidRequestError, match="like: must be a job"):
        client.jobs.create(like="ftjob-1")
    with pytest.raises(TypeError, match="missing 'model' and 'training_file': pass them, or repeat"):
        client.jobs.create(method=Supervised())
    assert server.requests == []


@pytest.mark.parametrize(
    ("fields", "suffix"),
    [
        ({"user_provided_suffix": "Triage"}, "Triage"),
        ({"suffix": "own"}, "own"),
        ({"user_provided_suffix": None}, None),
        ({"fine_tuned_model": "ft:gpt-4o:org::abc"}, None),
        ({"fine_tuned_model": "ft:gpt-4o:org:my:suffix:abc"}, "my:suffix"),
        ({"fine_tuned_model": "deployment"}, None),
    ],
)
def test_suffix_is_the_recorded_one_or_that_of_the_model(
    client: Any, server: FakeServer, fields: dict[str, Any], suffix: str | None
) -> None:
    """Servers record it under several names, or in the model's name alone."""
    assert retrieve_job(client, server, **fields).suffix == suffix


def test_duration_and_cost_are_known_at_the_end(client: Any, server: FakeServer) -> None:
    """The cost is that of the billed tokens, where the price of the model is known and is by tokens."""
    times = {"created_at": 1_700_000_000, "finished_at": 1_700_003_600}
    job = retrieve_job(client, server, **times, trained_tokens=2_000_000)
    assert job.duration.total_seconds() == 3600 and job.cost == 6.0
    for fields in ({}, {"trained_tokens": 5, "model": "unknown"}, {"trained_tokens": 5, "model": "o4-mini"}):
        assert retrieve_job(client, server, **fields).cost is None
    assert retrieve_job(client, server).duration is None
