"""The client of Azure: training types, deployment names, and hints for its misleading errors."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from finetuning_client import (
    ApiError,
    ConfigurationError,
)

from .conftest import FakeServer, job_json


def test_training_type_is_sent_with_every_job(make_azure: Any, server: FakeServer) -> None:
    """`extra` replaces it for one job."""
    server.handler = lambda _: httpx.Response(200, json=job_json(training_file="file-1"))
    client = make_azure(training_type="GlobalStandard")
    client.jobs.create(model="gpt-4o-mini-2024-07-18", training_file="file-1")
    client.with_options(timeout=5).jobs.create(
        model="m", training_file="file-1", extra={"trainingType": "Developer"}
    )
    assert [server.body(index)["trainingType"] for index in (0, 1)] == ["GlobalStandard", "Developer"]
    make_azure().jobs.create(model="m", training_file="file-1")
    assert "trainingType" not in server.body(2)


@pytest.mark.parametrize("training_type", ["", " ", 2, ["Standard"]])
def test_training_type_must_be_a_string(make_azure: Any, training_type: Any) -> None:
    """The error names the argument."""
    with pytest.raises(ConfigurationError, match="training_type must be"):
        make_azure(training_type=training_type)


@pytest.mark.parametrize(("options", "names_it"), [({}, True), ({"training_type": "Standard"}, False)])
def test_misleading_refusal_of_azure_gets_a_hint(
    make_azure: Any, server: FakeServer, options: dict[str, Any], *, names_it: bool
) -> None:
    """The hint always names the region, and the argument only if it was not set."""
    error = {"code": "invalidPayload", "message": "The specified base model does not support fine-tuning."}
    server.enqueue(httpx.Response(400, json={"error": error}))
    with pytest.raises(ApiError, match="region") as caught:
        make_azure(**options).jobs.create(model="m", training_file="file-1")
    assert ("training_type=" in str(caught.value)) is names_it
    assert caught.value.may_exist is False


def test_deployment_names_are_model_names(make_azure: Any, server: FakeServer) -> None:
    """Names without the prefix `ft:` are read, sent and looked up unchanged."""
    name = "my-deployment.ft-72a2792e:ckpt-step-90"
    server.enqueue(
        job_json(model=name, fine_tuned_model=name, training_file="file-1"),
        {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "me"},
    )
    client = make_azure()
    job = client.jobs.create(model=name, training_file="file-1")
    assert server.body(0)["model"] == job.model == job.fine_tuned_model == name
    assert client.models.retrieve(name).id == name
