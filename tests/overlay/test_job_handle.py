"""Job views and handles: typed fields, and `None` for missing or malformed values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetuning_api.models.fine_tuning_job import FineTuningJob
from finetuning_client import FileId, JobFailed, JobId, JobStatus, ModelId
from finetuning_client.views import JobView

from .conftest import FakeServer, job_json

FIELDS = [
    "model", "fine_tuned_model", "created_at", "finished_at", "estimated_finish", "error", "organization_id",
    "training_file", "validation_file", "trained_tokens", "hyperparameters", "method", "seed",
]  # fmt: skip
COLLECTIONS: dict[str, Any] = {"result_files": [], "integrations": [], "metadata": {}}


def make_view(**fields: Any) -> JobView:
    """Return the view of a job that has only an id and these fields."""
    return JobView(FineTuningJob.from_dict({"id": "ftjob-1", **fields}))


@pytest.mark.parametrize("name", FIELDS)
def test_missing_and_null_fields_are_none(name: str) -> None:
    """One check `is None` covers both cases."""
    assert getattr(make_view(), name) is None
    assert getattr(make_view(**{name: None}), name) is None


@pytest.mark.parametrize("name", COLLECTIONS)
def test_missing_and_null_collections_are_empty(name: str) -> None:
    """They can be iterated without a check."""
    for job in (make_view(), make_view(**{name: None}), make_view(**{name: "odd"}), make_view(**{name: 5})):
        assert getattr(job, name) == COLLECTIONS[name]


WRONG_TYPES: dict[str, list[Any]] = {
    **{key: [5, "", [], {}] for key in ("model", "fine_tuned_model", "training_file")},
    **{key: ["soon", True, [], 1e300, -1e300, 10**30] for key in ("created_at", "finished_at")},
    **{key: ["many", True, 1.5, []] for key in ("trained_tokens", "seed")},
    **{key: ["auto", 5, []] for key in ("hyperparameters", "method")},
    "error": ["", 5, [], True],
}


@pytest.mark.parametrize("name", WRONG_TYPES)
def test_values_of_the_wrong_type_are_none(name: str) -> None:
    """The values have their declared types, and `to_dict()` has the original."""
    for value in WRONG_TYPES[name]:
        job = make_view(**{name: value})
        assert getattr(job, name) is None, value
        assert job.to_dict()[name] == value


def test_fields_are_typed(client: Any, server: FakeServer) -> None:
    """The job is a succeeded one as the service sends it."""
    server.enqueue(
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
    """They can be compared, and shown in any time zone."""
    job = make_view(created_at=1, finished_at=1_700_000_000.5)
    assert job.created_at == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert job.created_at is not None and job.created_at.utcoffset() == timedelta(0)
    assert job.finished_at == datetime(2023, 11, 14, 22, 13, 20, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "healthy",
    [None, {}, {"code": None, "message": None, "param": None}, {"code": "", "message": ""}, "", []],
    ids=str,
)
def test_job_without_a_failure_has_no_error(healthy: Any) -> None:
    """The service has sent null, empty objects and objects of nulls."""
    assert make_view(error=healthy).error is None


def test_error_has_code_message_and_param() -> None:
    """The job failed because of invalid data."""
    error = make_view(
        error={"code": "invalid_n_examples", "message": "too few", "param": "training_file"}
    ).error
    assert error is not None
    assert (error.code, error.message, error.param) == ("invalid_n_examples", "too few", "training_file")


def test_error_sent_as_text_is_the_message() -> None:
    """Some servers send only a string."""
    error = make_view(error="out of memory").error
    assert error is not None and error.message == "out of memory"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ({"code": "c", "message": "m", "param": "p"}, "ftjob-1 failed: c: m (p)"),
        ({"code": "c", "message": None, "param": None}, "ftjob-1 failed: c"),
        ({"message": "m"}, "ftjob-1 failed: m"),
        ({"param": "p"}, "ftjob-1 failed; the service gave no reason (p)"),
        ({"code": 7, "detail": "d"}, "ftjob-1 failed: d"),
        ("out of memory", "ftjob-1 failed: out of memory"),
        (None, "ftjob-1 failed; the service gave no reason"),
    ],
    ids=str,
)
def test_job_failed_message_has_all_known_facts(
    client: Any, server: FakeServer, error: Any, message: str
) -> None:
    """Servers send errors in different forms."""
    server.enqueue(job_json(), job_json(status="failed", error=error))
    with pytest.raises(JobFailed) as e:
        client.jobs.retrieve("ftjob-1").wait()
    assert str(e.value) == message


@pytest.mark.parametrize("status", [None, 5, "", []])
def test_missing_status_is_unknown(status: Any) -> None:
    """It is neither final nor an error."""
    job = make_view(status=status)
    assert job.status == "unknown"
    assert not job.status.is_known and not job.status.is_terminal


def test_handles_of_the_same_job_are_equal(client: Any, server: FakeServer) -> None:
    """Their state does not matter, and they can be members of sets."""
    server.enqueue(job_json(), job_json(status="succeeded"), job_json(id="ftjob-2"))
    first, later, other = (client.jobs.retrieve(name) for name in ("ftjob-1", "ftjob-1", "ftjob-2"))
    assert first == later and hash(first) == hash(later)
    assert first != other
    assert first != "ftjob-1"
    assert len({first, later, other}) == 2


def test_repr_shows_id_status_and_models(client: Any, server: FakeServer) -> None:
    """A job that has succeeded also shows its fine-tuned model."""
    server.enqueue(job_json(), job_json(status="succeeded", fine_tuned_model="ft:x"), {"id": "ftjob-1"})
    kind = "AsyncJob" if "Async" in repr(client) else "Job"
    shown = [repr(client.jobs.retrieve("ftjob-1")) for _ in range(3)]
    assert shown == [
        f"<{kind} ftjob-1: running, gpt-4o-mini-2024-07-18>",
        f"<{kind} ftjob-1: succeeded, gpt-4o-mini-2024-07-18 -> ft:x>",
        f"<{kind} ftjob-1: unknown, None>",
    ]


def test_retrieve_updates_and_returns_the_handle(client: Any, server: FakeServer) -> None:
    """The handle has the new status."""
    server.enqueue(job_json(status="queued"), job_json(status="running"))
    job = client.jobs.retrieve("ftjob-1")
    assert job.retrieve() == job
    assert job.status == "running"


def test_ids_are_strings_at_run_time() -> None:
    """Their types are distinct only to type checkers."""
    assert JobId("ftjob-1") == "ftjob-1"
    assert type(make_view().id) is str


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(
    fields=st.dictionaries(st.sampled_from([*FIELDS, *COLLECTIONS, "status", "object"]), json_values),
    unknown=st.dictionaries(st.text(), json_values, max_size=2),
)
def test_any_job_can_be_read(fields: dict[str, Any], unknown: dict[str, Any]) -> None:
    """Any field values can be read, and `to_dict()` keeps all of them."""
    sent = {**unknown, **fields, "id": "ftjob-1"}
    job = JobView(FineTuningJob.from_dict(sent))
    for name in [*FIELDS, *COLLECTIONS, "status"]:
        getattr(job, name)
    assert repr(job)
    assert job.to_dict() == sent
