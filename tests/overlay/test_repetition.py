"""`job.clone()` and `create(like=)` create the same job again, with the given changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from finetuning_client import DPO, InvalidRequestError, Supervised
from finetuning_client.identifiers import TOKEN_KEY
from finetuning_client.views import JobView

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
    """Return the body of the last request, without its token."""
    body: dict[str, Any] = server.body(-1)
    token = body["metadata"].pop(TOKEN_KEY)
    assert token != "0123"
    if not body["metadata"]:
        del body["metadata"]
    return body


@pytest.mark.parametrize("like", [False, True], ids=["clone", "like"])
def test_a_clone_is_the_same_job(client: Any, server: FakeServer, like: bool) -> None:
    """Values that only responses have are left out: nulls, the run of an integration, the token."""
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
def test_only_the_given_settings_change(
    client: Any, server: FakeServer, changes: dict[str, Any], expected: dict[str, Any]
) -> None:
    """`None` leaves a setting of the other job out."""
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
    """A handle that first had them as `auto` shows that the user did not set them."""
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
    """A server without `method` gets the older field, and an unknown method is sent unchanged."""
    client = make_client(limits="none")
    job = retrieve_job(client, server, **{**ENDED, **fields})
    server.enqueue(created_job)
    job.clone()
    body = sent(server)
    assert {name: body[name] for name in ("method", "hyperparameters") if name in body} == expected


def test_a_value_that_is_not_a_job_is_refused(client: Any, server: FakeServer) -> None:
    """A creation without a model is refused too."""
    with pytest.raises(InvalidRequestError, match="like: must be a job"):
        client.jobs.create(like="ftjob-1")
    with pytest.raises(InvalidRequestError, match="like: must be a job"):
        client.jobs.create(like=JobView)
    with pytest.raises(TypeError, match="missing 'model' and 'training_file'; pass like= to repeat a job"):
        client.jobs.create(method=Supervised())
    assert server.requests == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"colour": "red"}, r"create\(\) has no argument 'colour', nor does the contract have such a field"),
        ({"sufix": "red"}, r"create\(\) has no argument 'sufix', .* \(did you mean 'suffix'\?\)"),
        ({"like": "ftjob-1"}, r"clone\(\) has no argument 'like': call clone\(\) on the job to repeat"),
    ],
)
def test_clone_has_the_arguments_of_create(
    client: Any, server: FakeServer, changes: dict[str, Any], words: str
) -> None:
    """Others, and a second job to repeat, are refused before anything is sent."""
    job = retrieve_job(client, server, **ENDED)
    with pytest.raises(TypeError, match=words):
        job.clone(**changes)
    assert len(server.requests) == 1


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
def test_suffix_is_read_from_the_job_or_the_name_of_the_model(
    client: Any, server: FakeServer, fields: dict[str, Any], suffix: str | None
) -> None:
    """Servers record it under several names, or only in the name of the model."""
    assert retrieve_job(client, server, **fields).suffix == suffix


def test_duration_and_cost_are_known_at_the_end(client: Any, server: FakeServer) -> None:
    """The cost needs the billed tokens, and a model whose price per token is known."""
    times = {"created_at": 1_700_000_000, "finished_at": 1_700_003_600}
    job = retrieve_job(client, server, **times, trained_tokens=2_000_000)
    assert job.duration.total_seconds() == 3600 and job.cost == 6.0
    unknown: list[dict[str, Any]] = [
        {},
        {"trained_tokens": -5},
        {"trained_tokens": 5, "model": "unknown"},
        {"trained_tokens": 5, "model": "o4-mini"},
    ]
    for fields in unknown:
        assert retrieve_job(client, server, **fields).cost is None
    assert retrieve_job(client, server).duration is None
