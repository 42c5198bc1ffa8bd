"""`jobs.create` checks the files before it uploads them, as strictly as the server does."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from finetuning_client import DatasetError

from .conftest import BASE_URL, FakeServer, file_json, job_json

ASK = {"role": "user", "content": "How do I reset it?"}
ANSWER = {"role": "assistant", "content": "Hold the button."}
MODEL = "gpt-4o-mini-2024-07-18"
HOSTED = "https://api.openai.com/v1"
CHECKING = [HOSTED, "http://127.0.0.1:8000/v1", "https://mine.openai.azure.com/openai/v1"]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes a file of conversations and one further line."""

    def make(*more: Any, count: int = 12, name: str = "train.jsonl") -> Path:
        path = tmp_path / name
        rows = [{"messages": [{**ASK, "content": f"Question {n}?"}, ANSWER]} for n in range(count)]
        lines = [json.dumps(row).encode() for row in rows]
        lines += [one if isinstance(one, bytes) else json.dumps(one).encode() for one in more]
        path.write_bytes(b"\n".join(lines) + b"\n")
        return path

    return make


def accept(server: FakeServer) -> None:
    """Respond like a service that accepts every file and every job."""

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/jobs"):
            return httpx.Response(200, json=job_json())
        if request.method == "POST":
            found = re.search(rb'filename="(.*?)".*?\r\n\r\n(.*?)\r\n--', request.content, re.DOTALL)
            assert found is not None
            server.uploaded = file_json(  # type: ignore[attr-defined]
                id="file-train", filename=found[1].decode(), bytes=len(found[2])
            )
        return httpx.Response(200, json=server.uploaded)  # type: ignore[attr-defined]

    server.handler = respond


@pytest.mark.parametrize("base_url", CHECKING)
def test_an_error_is_raised_before_anything_is_sent(
    make_client: Any, server: FakeServer, write: Any, base_url: str
) -> None:
    """The error names the file, the line and the remedy, and no request is sent."""
    path = write({"messages": [ASK]})
    with pytest.raises(DatasetError, match=r"train\.jsonl: 1 problem; nothing was sent\n  line 13: ") as e:
        make_client(base_url=base_url).jobs.create(model=MODEL, training_file=path)
    assert [problem.line for problem in e.value.problems] == [13]
    assert "End the conversation with a message that has the role assistant" in str(e.value)
    assert server.calls == []
    assert not e.value.may_exist


def test_the_validation_file_is_checked_with_its_own_minimum(
    make_client: Any, server: FakeServer, write: Any
) -> None:
    """One example is enough, and the error for a bad line names the file."""
    client = make_client(base_url=HOSTED)
    training = write()
    with pytest.raises(DatasetError, match=r"valid\.jsonl: 1 problem"):
        client.jobs.create(model=MODEL, training_file=training, validation_file=write({}, name="valid.jsonl"))
    assert server.calls == []
    accept(server)
    validation = write(count=1, name="valid.jsonl")
    client.jobs.create(model=MODEL, training_file=training, validation_file=validation)
    assert server.calls[-1] == "POST /fine_tuning/jobs"


def test_the_method_and_the_model_decide_the_format(make_client: Any, write: Any) -> None:
    """A conversation is neither a preference pair nor a completion."""
    client = make_client(base_url=HOSTED)
    with pytest.raises(DatasetError, match="the method dpo"):
        client.jobs.create(model=MODEL, training_file=write(), method={"type": "dpo"})
    with pytest.raises(DatasetError, match="the model babbage-002 needs"):
        client.jobs.create(model="babbage-002", training_file=write())


def test_check_false_sends_any_file(make_client: Any, server: FakeServer, write: Any) -> None:
    """The content is not read before the upload."""
    accept(server)
    client = make_client(base_url=HOSTED)
    client.jobs.create(model=MODEL, training_file=write(b"{", count=0), check=False)
    assert len(server.calls) == 3


@pytest.mark.parametrize(
    "options", [{}, {"base_url": HOSTED, "limits": "none"}], ids=["other server", "no limits"]
)
def test_on_other_servers_only_unreadable_lines_are_errors(
    make_client: Any, server: FakeServer, write: Any, caplog: pytest.LogCaptureFixture, options: Any
) -> None:
    """Another server may accept other formats, so what the hosted service would refuse is only logged."""
    client = make_client(**options)
    accept(server)
    with caplog.at_level(logging.WARNING, "finetuning_client"):
        client.jobs.create(
            model="some/model", training_file=write({"messages": [ASK]}, {"text": "x"}, count=3)
        )
    assert "line 4: messages: has no assistant message" in caplog.text
    assert "at least 10 are required" in caplog.text
    sent = len(server.calls)
    with pytest.raises(DatasetError, match="line 13: is not JSON"):
        client.jobs.create(model="some/model", training_file=write(b'{"messages": ['))
    assert len(server.calls) == sent


def test_on_other_servers_other_kinds_of_files_are_sent(
    make_client: Any, server: FakeServer, tmp_path: Path
) -> None:
    """A table, for a server that accepts tables, is sent without a warning about JSON Lines."""
    path = tmp_path / "train.csv"
    path.write_bytes(b"prompt,completion\na,b\n")
    accept(server)
    make_client(base_url=BASE_URL).jobs.create(model="some/model", training_file=path)
    assert len(server.calls) == 3


def test_uploaded_files_are_not_read(make_client: Any, server: FakeServer) -> None:
    """A file id is sent without reading a file."""
    server.enqueue(job_json())
    make_client(base_url=HOSTED).jobs.create(model=MODEL, training_file="file-train")
    assert server.calls == ["POST /fine_tuning/jobs"]
