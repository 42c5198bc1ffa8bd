"""The vendor's own client takes a job through its whole life, and raises each of its error classes."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai.types.fine_tuning import FineTuningJob

from finetuning_emulator import Emulator

MODEL = "gpt-4o-mini-2024-07-18"
BASE_MODELS = 12


def examples(count: int = 20) -> bytes:
    """Return a good file of conversations."""
    lines = (
        {"messages": [{"role": "user", "content": f"{n}?"}, {"role": "assistant", "content": f"{n}!"}]}
        for n in range(count)
    )
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator whose clock stands still until the test moves it."""
    with Emulator(speed=0) as emulator:
        yield emulator


@pytest.fixture
def client(emulator: Emulator) -> Iterator[openai.OpenAI]:
    """The official client, with an ordinary key."""
    with openai.OpenAI(api_key="sk-test", base_url=emulator.base_url, max_retries=0) as client:
        yield client


@pytest.fixture
def owner(emulator: Emulator) -> Iterator[openai.OpenAI]:
    """The official client, with an admin key."""
    with openai.OpenAI(api_key="sk-admin-1", base_url=emulator.base_url, max_retries=0) as client:
        yield client


def created(client: openai.OpenAI, **fields: Any) -> FineTuningJob:
    """Return a job on a new file."""
    file = client.files.create(file=("train.jsonl", examples()), purpose="fine-tune")
    return client.fine_tuning.jobs.create(model=MODEL, training_file=file.id, **fields)


def test_a_job_is_taken_through_its_whole_life(emulator: Emulator, client: openai.OpenAI) -> None:
    """Upload, create, poll, list events and checkpoints, read the result file, use and delete the model."""
    training = client.files.create(file=("train.jsonl", examples()), purpose="fine-tune")
    validation = client.files.create(file=("valid.jsonl", examples(12)), purpose="fine-tune")
    assert client.files.wait_for_processing(training.id).status == "processed"
    job = client.fine_tuning.jobs.create(
        model=MODEL,
        training_file=training.id,
        validation_file=validation.id,
        suffix="mine",
        seed=7,
        metadata={"team": "nlp"},
        method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3}}},
        integrations=[{"type": "wandb", "wandb": {"project": "p", "tags": ["a"]}}],
    )
    statuses = [job.status]
    while job.status not in ("succeeded", "failed", "cancelled"):
        emulator.advance(seconds=5)
        job = client.fine_tuning.jobs.retrieve(job.id)
        statuses.append(job.status)
    assert list(dict.fromkeys(statuses)) == ["validating_files", "queued", "running", "succeeded"]
    assert job.fine_tuned_model is not None
    assert job.fine_tuned_model.startswith(f"ft:{MODEL}:emulator:mine:")
    assert job.hyperparameters.n_epochs == 3
    assert job.trained_tokens
    assert job.error is None
    assert [found.id for found in client.fine_tuning.jobs.list(extra_query={"metadata[team]": "nlp"})] == [
        job.id
    ]

    events = list(client.fine_tuning.jobs.list_events(job.id, limit=7))
    assert events[0].message == "The job has successfully completed"
    assert events[-1].message == f"Created fine-tuning job: {job.id}"
    assert len(events) == len({event.id for event in events}) > 60

    checkpoints = list(client.fine_tuning.jobs.checkpoints.list(job.id, limit=2))
    assert [checkpoint.step_number for checkpoint in checkpoints] == [60, 40, 20]
    assert checkpoints[0].fine_tuned_model_checkpoint == job.fine_tuned_model
    assert checkpoints[0].metrics.full_valid_loss

    text = base64.b64decode(client.files.content(job.result_files[0]).read()).decode()
    assert text.startswith("step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy\n1,")
    assert text.count("\n") == 61

    assert client.models.retrieve(job.fine_tuned_model).owned_by == "org-emulator"
    assert len(list(client.models.list())) == BASE_MODELS + 3
    assert client.models.delete(job.fine_tuned_model).deleted
    assert client.files.delete(training.id).deleted
    assert training.id not in [file.id for file in client.files.list(purpose="fine-tune")]


def test_jobs_are_paused_resumed_and_cancelled(emulator: Emulator, client: openai.OpenAI) -> None:
    """Each action works, and is refused in a state that does not allow it."""
    jobs = client.fine_tuning.jobs
    job = created(client)
    emulator.advance(minutes=1.2)
    assert jobs.retrieve(job.id).status == "running"
    with pytest.raises(openai.BadRequestError):
        jobs.resume(job.id)
    assert jobs.pause(job.id).status == "paused"  # type: ignore[comparison-overlap]
    with pytest.raises(openai.BadRequestError):
        jobs.pause(job.id)
    assert jobs.resume(job.id).status == "running"
    assert jobs.cancel(job.id).status == "cancelled"
    for refused in (jobs.cancel, jobs.pause, jobs.resume):
        with pytest.raises(openai.BadRequestError, match="already completed"):
            refused(job.id)


def test_a_file_is_uploaded_in_parts(client: openai.OpenAI) -> None:
    """The client's own chunked upload works, and a manual upload with parts out of order."""
    content = examples(500)
    upload = client.uploads.upload_file_chunked(
        file=content,
        filename="big.jsonl",
        bytes=len(content),
        mime_type="text/jsonl",
        purpose="fine-tune",
        part_size=10_000,
        md5=hashlib.md5(content).hexdigest(),
    )
    assert upload.status == "completed"
    assert upload.file is not None
    assert client.files.content(upload.file.id).read() == content

    half = len(content) // 2
    by_hand = client.uploads.create(
        filename="two.jsonl", bytes=len(content), mime_type="text/jsonl", purpose="fine-tune"
    )
    last = client.uploads.parts.create(by_hand.id, data=io.BytesIO(content[half:]))
    first = client.uploads.parts.create(by_hand.id, data=content[:half])
    done = client.uploads.complete(by_hand.id, part_ids=[first.id, last.id])
    assert done.file is not None
    assert client.files.content(done.file.id).read() == content
    with pytest.raises(openai.BadRequestError, match="is completed"):
        client.uploads.cancel(by_hand.id)


def test_permissions_are_only_for_owners(
    emulator: Emulator, client: openai.OpenAI, owner: openai.OpenAI
) -> None:
    """An owner shares, lists and deletes permissions; an ordinary key is refused."""
    job = created(client)
    emulator.advance(hours=1)
    (checkpoint, *_) = client.fine_tuning.jobs.checkpoints.list(job.id)
    name = checkpoint.fine_tuned_model_checkpoint
    permissions = owner.fine_tuning.checkpoints.permissions
    made = list(permissions.create(name, project_ids=["proj_a", "proj_b"]))
    assert [permission.project_id for permission in made] == ["proj_a", "proj_b"]
    listed = list(permissions.list(name, limit=1, order="ascending"))
    assert [permission.id for permission in listed] == [permission.id for permission in made]
    assert permissions.delete(made[0].id, fine_tuned_model_checkpoint=name).deleted
    assert [permission.project_id for permission in permissions.list(name)] == ["proj_b"]
    with pytest.raises(openai.PermissionDeniedError):
        list(client.fine_tuning.checkpoints.permissions.list(name))


def test_graders_are_validated_and_run(client: openai.OpenAI) -> None:
    """A grader is validated and run."""
    grader: Any = {
        "type": "text_similarity",
        "name": "alike",
        "input": "{{sample.output_text}}",
        "reference": "{{item.answer}}",
        "evaluation_metric": "rouge_1",
    }
    graders = client.fine_tuning.alpha.graders
    validated = graders.validate(grader=grader).grader
    assert validated is not None
    assert validated.name == "alike"
    result = graders.run(
        grader=grader,
        item={"answer": "The quick brown fox jumps over the lazy dog"},
        model_sample="The quick brown dog jumps on the log.",
    )
    assert result.reward == pytest.approx(0.705882)
    assert not result.metadata.errors.invalid_variable_error


async def test_the_asynchronous_client_works(emulator: Emulator) -> None:
    """The async client gets the same results."""
    async with openai.AsyncOpenAI(api_key="sk-test", base_url=emulator.base_url, max_retries=0) as client:
        file = await client.files.create(file=("train.jsonl", examples()), purpose="fine-tune")
        job = await client.fine_tuning.jobs.create(model=MODEL, training_file=file.id)
        emulator.advance(hours=1)
        assert (await client.fine_tuning.jobs.retrieve(job.id)).status == "succeeded"
        events = [event async for event in client.fine_tuning.jobs.list_events(job.id)]
        assert len(events) > 100


@pytest.mark.parametrize("key", ["sk-invalid", "sk-expired-1"])
def test_a_wrong_key_raises_authentication_error(emulator: Emulator, key: str) -> None:
    """401 raises the client's AuthenticationError."""
    with (
        openai.OpenAI(api_key=key, base_url=emulator.base_url, max_retries=0) as client,
        pytest.raises(openai.AuthenticationError) as caught,
    ):
        client.models.list()
    assert caught.value.code == "invalid_api_key"


def test_refusals_are_the_clients_error_classes(client: openai.OpenAI) -> None:
    """400, 403 and 404 raise the client's classes, with code and param."""
    with pytest.raises(openai.NotFoundError) as missing:
        client.fine_tuning.jobs.retrieve("ftjob-none")
    assert missing.value.code == "fine_tune_not_found"
    assert missing.value.request_id is not None
    with pytest.raises(openai.BadRequestError) as bad:
        created(client, suffix="x" * 65)
    assert bad.value.param == "suffix"
    with pytest.raises(openai.PermissionDeniedError):
        client.models.delete(MODEL)
    with pytest.raises(openai.BadRequestError, match="jsonl"):
        client.files.create(file=("train.txt", examples()), purpose="fine-tune")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "rate_limit"}, openai.RateLimitError),
        ({"kind": "error", "status": 409}, openai.ConflictError),
        ({"kind": "error", "status": 422}, openai.UnprocessableEntityError),
        ({"kind": "error", "status": 503}, openai.InternalServerError),
        ({"kind": "html"}, openai.InternalServerError),
        ({"kind": "reset_before"}, openai.APIConnectionError),
        ({"kind": "reset_after"}, openai.APIConnectionError),
    ],
)
def test_faults_are_the_clients_error_classes(
    emulator: Emulator, client: openai.OpenAI, fault: dict[str, Any], error: type[openai.APIError]
) -> None:
    """Each fault raises the client's error class, and the next request succeeds."""
    emulator.fault(**fault)
    with pytest.raises(error):
        client.models.list()
    assert len(list(client.models.list())) == BASE_MODELS


def test_a_slow_response_times_out(emulator: Emulator, client: openai.OpenAI) -> None:
    """A client with a short timeout raises a timeout error."""
    emulator.fault(kind="slow", seconds=30)
    with pytest.raises(openai.APITimeoutError):
        client.with_options(timeout=0.1).models.list()


def test_the_client_retries_after_the_requested_delay(emulator: Emulator, client: openai.OpenAI) -> None:
    """The client waits as the header requests, and succeeds."""
    emulator.fault(kind="rate_limit", retry_after=0.01, retry_after_form="milliseconds", times=2)
    assert len(list(client.with_options(max_retries=2).models.list())) == BASE_MODELS


def test_bad_data_is_reported_by_the_job(emulator: Emulator, client: openai.OpenAI) -> None:
    """A bad file fails the job, whose error names the example."""
    file = client.files.create(file=("bad.jsonl", examples(9) + b'{"messages": [{}]}\n'), purpose="fine-tune")
    job = client.fine_tuning.jobs.create(model=MODEL, training_file=file.id)
    emulator.advance(hours=1)
    job = client.fine_tuning.jobs.retrieve(job.id)
    assert job.status == "failed"
    assert job.error is not None
    assert (job.error.code, job.error.param) == ("invalid_training_file", "training_file")
    assert "Example 10, message 1 Discriminator 'role' is missing" in job.error.message
