"""The handle of a job: what the server said, typed; and `None` for what it left out or garbled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetuning_api.models.fine_tuning_job import FineTuningJob
from finetuning_client import FileId, JobFailed, JobId, JobStatus, ModelId
from finetuning_client.views import JobView

from .conftest import Wire, job_json

FIELDS = [
    "model", "fine_tuned_model", "created_at", "finished_at", "estimated_finish", "error", "organization_id",
    "training_file", "validation_file", "trained_tokens", "hyperparameters", "method", "seed",
]  # fmt: skip
COLLECTIONS: dict[str, Any] = {"result_files": [], "integrations": [], "metadata": {}}


def view(**fields: Any) -> JobView:
    """A job with these fields and an id alone."""
    return JobView(FineTuningJob.from_dict({"id": "ftjob-1", **fields}))


@pytest.mark.parametrize("name", FIELDS)
def test_what_is_missing_or_null_is_none(name: str) -> None:
    """So that one check is enough."""
    assert getattr(view(), name) is None
    assert getattr(view(**{name: None}), name) is None


@pytest.mark.parametrize("name", COLLECTIONS)
def test_collections_that_are_missing_or_null_are_empty(name: str) -> None:
    """So that they can be iterated."""
    for job in (view(), view(**{name: None}), view(**{name: "odd"}), view(**{name: 5})):
        assert getattr(job, name) == COLLECTIONS[name]


ODD: dict[str, list[Any]] = {
    **{key: [5, "", [], {}] for key in ("model", "fine_tuned_model", "training_file")},
    **{key: ["soon", True, [], 1e300, -1e300, 10**30] for key in ("created_at", "finished_at")},
    **{key: ["many", True, 1.5, []] for key in ("trained_tokens", "seed")},
    **{key: ["auto", 5, []] for key in ("hyperparameters", "method")},
    "error": ["", 5, [], True],
}


@pytest.mark.parametrize("name", ODD)
def test_what_cannot_be_is_none(name: str) -> None:
    """A type that the handle promises is kept; what came is in `to_dict`."""
    for value in ODD[name]:
        job = view(**{name: value})
        assert getattr(job, name) is None, value
        assert job.to_dict()[name] == value


def test_the_fields_are_typed(client: Any, wire: Wire) -> None:
    """As the service sends them of a job that has succeeded."""
    wire.then(
        job_json(
            status="succeeded",
            fine_tuned_model="ft:gpt-4o-mini:org::abc",
            finished_at=1_700_003_600,
            trained_tokens=12_345,
            validation_file="file-valid",
            result_files=["file-result", 5, None, ""],
            hyperparameters={"n_epochs": 3, "batch_size": "auto"},
            method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3}}},
            integrations=[{"type": "wandb", "wandb": {"project": "p"}}, "odd"],
            metadata={"team": "nlp", "finetuning_request": "0123"},
        )
    )
    job = client.jobs.retrieve("ftjob-1")
    assert (job.id, job.status, job.model) == ("ftjob-1", JobStatus.SUCCEEDED, "gpt-4o-mini-2024-07-18")
    assert job.fine_tuned_model == ModelId("ft:gpt-4o-mini:org::abc")
    assert job.finished_at - job.created_at == timedelta(hours=1)
    assert (job.trained_tokens, job.seed, job.organization_id) == (12_345, 7, "org-1")
    assert (job.training_file, job.validation_file) == ("file-train", "file-valid")
    assert job.result_files == [FileId("file-result")]
    assert (job.hyperparameters.n_epochs, job.hyperparameters.batch_size) == (3, "auto")
    assert job.method.n_epochs == 3
    assert [integration.wandb.project for integration in job.integrations] == ["p"]
    assert job.metadata == {"team": "nlp"}
    assert job.error is None


def test_times_are_aware_and_in_utc() -> None:
    """They can be compared with each other and shown in any zone."""
    job = view(created_at=0, finished_at=1_700_000_000.5)
    assert job.created_at == datetime(1970, 1, 1, tzinfo=UTC)
    assert job.created_at is not None and job.created_at.utcoffset() == timedelta(0)
    assert job.finished_at == datetime(2023, 11, 14, 22, 13, 20, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "healthy",
    [None, {}, {"code": None, "message": None, "param": None}, {"code": "", "message": ""}, "", []],
    ids=str,
)
def test_a_healthy_job_has_no_error(healthy: Any) -> None:
    """The service has sent nulls, empty objects and objects of nulls."""
    assert view(error=healthy).error is None


def test_an_error_has_code_message_and_param() -> None:
    """As of a job with bad data."""
    error = view(error={"code": "invalid_n_examples", "message": "too few", "param": "training_file"}).error
    assert error is not None
    assert (error.code, error.message, error.param) == ("invalid_n_examples", "too few", "training_file")


def test_an_error_that_is_a_text_is_its_message() -> None:
    """Some servers send no more."""
    error = view(error="out of memory").error
    assert error is not None and error.message == "out of memory"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ({"code": "c", "message": "m", "param": "p"}, "ftjob-1 failed: c: m (p)"),
        ({"code": "c", "message": None, "param": None}, "ftjob-1 failed: c"),
        ({"message": "m"}, "ftjob-1 failed: m"),
        ({"param": "p"}, "ftjob-1 failed: {'param': 'p'} (p)"),
        ({"code": 7, "detail": "d"}, "ftjob-1 failed: {'code': 7, 'detail': 'd'}"),
        ("out of memory", "ftjob-1 failed: out of memory"),
        (None, "ftjob-1 failed, and the service does not say why"),
    ],
    ids=str,
)
def test_a_failure_says_all_that_is_known(client: Any, wire: Wire, error: Any, message: str) -> None:
    """In whatever shape the server used."""
    wire.then(job_json(), job_json(status="failed", error=error))
    with pytest.raises(JobFailed) as e:
        client.jobs.retrieve("ftjob-1").wait()
    assert str(e.value) == message


@pytest.mark.parametrize("status", [None, 5, "", []])
def test_a_status_that_is_none_is_unknown(status: Any) -> None:
    """And neither an end nor an error."""
    job = view(status=status)
    assert job.status == "unknown"
    assert not job.status.is_known and not job.status.is_terminal


def test_handles_of_the_same_job_are_equal(client: Any, wire: Wire) -> None:
    """Whatever they last saw; and so they can be in sets."""
    wire.then(job_json(), job_json(status="succeeded"), job_json(id="ftjob-2"))
    first, later, other = (client.jobs.retrieve(name) for name in ("ftjob-1", "ftjob-1", "ftjob-2"))
    assert first == later and hash(first) == hash(later)
    assert first != other
    assert first != "ftjob-1"
    assert len({first, later, other}) == 2


def test_a_handle_shows_what_matters(client: Any, wire: Wire) -> None:
    """Id, status, model, and the model that it made."""
    wire.then(job_json(), job_json(status="succeeded", fine_tuned_model="ft:x"), {"id": "ftjob-1"})
    kind = "AsyncJob" if "Async" in repr(client) else "Job"
    shown = [repr(client.jobs.retrieve("ftjob-1")) for _ in range(3)]
    assert shown == [
        f"<{kind} ftjob-1: running, gpt-4o-mini-2024-07-18>",
        f"<{kind} ftjob-1: succeeded, gpt-4o-mini-2024-07-18 -> ft:x>",
        f"<{kind} ftjob-1: unknown, None>",
    ]


def test_retrieve_updates_the_handle(client: Any, wire: Wire) -> None:
    """And returns it."""
    wire.then(job_json(status="queued"), job_json(status="running"))
    job = client.jobs.retrieve("ftjob-1")
    assert job.retrieve() == job
    assert job.status == "running"


def test_an_id_is_a_text() -> None:
    """The distinct types are for type checkers alone."""
    assert JobId("ftjob-1") == "ftjob-1"
    assert type(view().id) is str


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(
    fields=st.dictionaries(st.sampled_from([*FIELDS, *COLLECTIONS, "status", "object"]), json_values),
    unknown=st.dictionaries(st.text(), json_values, max_size=2),
)
def test_any_job_can_be_looked_at(fields: dict[str, Any], unknown: dict[str, Any]) -> None:
    """No field that a server could send makes the handle fail, and nothing of it is lost."""
    sent = {**unknown, **fields, "id": "ftjob-1"}
    job = JobView(FineTuningJob.from_dict(sent))
    for name in [*FIELDS, *COLLECTIONS, "status"]:
        getattr(job, name)
    assert repr(job)
    assert job.to_dict() == sent
