"""Fake compatible servers: the operations of each, and the responses that it sends."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from .conftest import event_json, job_json, list_json

RECORDED: Mapping[str, Mapping[str, Sequence[Any]]] = json.loads(
    Path(__file__).with_name("responses_of_other_servers.json").read_text(encoding="utf-8")
)
"""Bodies by provider and kind."""

FASTAPI_NOT_FOUND = httpx.Response(404, json={"detail": "Not Found"})
GO_NOT_FOUND = httpx.Response(404, text="404 page not found\n")


@dataclass(frozen=True)
class OtherServer:
    """A compatible server with one job.

    Attributes:
        job: the final state of the job.
        operations: which of create, retrieve, list, events and cancel it has.
        unfinished: statuses of the job before the one of `job`.
        events: the body of the list of events.
        listed: returns the body of a list of jobs.
        refusal: the response to a create request, if that is refused.
        not_found: the response for an unknown path.
        error: the body of an error, and the message in it.
    """

    job: Mapping[str, Any] = field(default_factory=dict)
    operations: frozenset[str] = frozenset()
    unfinished: Sequence[str] = ()
    events: Mapping[str, Any] = field(default_factory=lambda: list_json(event_json(1)))
    listed: Callable[[Any], Any] = list_json
    refusal: Callable[[Mapping[str, Any]], httpx.Response | None] = lambda _: None
    not_found: httpx.Response = FASTAPI_NOT_FOUND
    error: tuple[Any, str] = ({"detail": "it went wrong"}, "it went wrong")

    def handler(self) -> Callable[[httpx.Request], httpx.Response]:
        """Return a request handler that starts with the first status."""
        statuses = list(self.unfinished)
        jobs = "/fine_tuning/jobs"
        one = f"{jobs}/{self.job.get('id')}"

        def handle(request: httpx.Request) -> httpx.Response:
            operation = {
                ("POST", jobs): "create",
                ("GET", jobs): "list",
                ("GET", one): "retrieve",
                ("GET", f"{one}/events"): "events",
                ("POST", f"{one}/cancel"): "cancel",
            }.get((request.method, request.url.path.partition("/v1")[2]))
            if operation not in self.operations:
                return httpx.Response(self.not_found.status_code, content=self.not_found.content)
            job = dict(self.job)
            if operation == "retrieve" and statuses:
                job["status"] = statuses.pop(0)
            if operation == "create":
                sent = json.loads(request.content)
                job.update({"training_file": sent["training_file"]} if "training_file" in sent else {})
                return self.refusal(sent) or httpx.Response(200, json=job)
            body = {"list": self.listed(job), "events": self.events}.get(str(operation), job)
            return httpx.Response(200, json=body)

        return handle


def _recorded(provider: str, kind: str = "job", index: int = 0) -> Any:
    return RECORDED[provider][kind][index]


def _azure_refusal(body: Mapping[str, Any]) -> httpx.Response | None:
    message = "The specified base model does not support fine-tuning."
    error = {"error": {"code": "invalidPayload", "message": message}}
    return None if body.get("trainingType") else httpx.Response(400, json=error)


def _needs(name: str) -> Callable[[Mapping[str, Any]], httpx.Response | None]:
    detail = [{"loc": ["body", name], "msg": "field required", "type": "value_error.missing"}]
    return lambda body: None if name in body else httpx.Response(422, json={"detail": detail})


def _without_more(*jobs: Any) -> Any:
    return {"object": "list", "data": list(jobs)}


_ALL = frozenset({"create", "retrieve", "list", "events", "cancel"})
_READ = frozenset({"retrieve"})
_LLMARINER_ERROR = (_recorded("llmariner", "error"), "get job: record not found")
_LOCALAI_ERROR = (_recorded("localai", "error"), "fine-tuning service is not available")
_ENVELOPE_ERROR = ({"error": {"message": "no such job", "code": None}}, "no such job")

SERVERS: Mapping[str, OtherServer] = {
    "Azure `/openai/v1/`": OtherServer(
        _recorded("azure"),
        _ALL,
        ("pending", "notRunning", "created", "running"),
        _recorded("azure", "event"),
        refusal=_azure_refusal,
        error=_ENVELOPE_ERROR,
    ),
    "Nebius": OtherServer(
        _recorded("nebius") | {"status": "succeeded"},
        _ALL,
        ("validating_files", "running"),
        error=(_recorded("nebius", "error"), "training_file: field required"),
    ),
    "Crusoe": OtherServer(
        job_json(status="succeeded"), _ALL, ("queued",), listed=_without_more, error=_ENVELOPE_ERROR
    ),
    "Morph": OtherServer(
        job_json(status="succeeded"),
        _ALL,
        ("queued",),
        refusal=_needs("training_data"),
        error=_ENVELOPE_ERROR,
    ),
    "Mistral": OtherServer(
        _recorded("mistral"),
        _ALL - {"events"},
        ("QUEUED", "STARTED", "VALIDATING", "VALIDATED", "RUNNING"),
        listed=lambda *jobs: {"object": "list", "total": len(jobs), "data": list(jobs)},
        refusal=_needs("training_files"),
        error=(
            _recorded("mistral", "error"),
            "Model not available for this type of fine-tuning (completion).",
        ),
    ),
    "Together, through a gateway": OtherServer(
        _recorded("together"), _READ | {"events"}, ("queued", "compressing"), _recorded("together", "event")
    ),
    "Portkey, litellm": OtherServer(
        _recorded("portkey-vertex") | {"status": "succeeded"}, _READ, ("running",)
    ),
    "OPEA GenAIComps": OtherServer(
        _recorded("opea"), frozenset({"create", "list"}), error=({"detail": "Job not there"}, "Job not there")
    ),
    "LLMariner": OtherServer(
        _recorded("llmariner"),
        _ALL - {"events"},
        ("creating", "queued", "running"),
        refusal=_needs("suffix"),
        not_found=httpx.Response(404, json={"code": 5, "message": "Not Found", "details": []}),
        error=_LLMARINER_ERROR,
    ),
    "tenstorrent": OtherServer(
        RECORDED["tenstorrent"]["list"][0]["jobs"][0] | {"status": "completed"},
        _READ | {"list"},
        ("in_progress",),
        listed=lambda *jobs: {"jobs": list(jobs)},
    ),
    "VLM Run": OtherServer(_recorded("vlm.run"), _READ, ("enqueued", "running")),
    "ScaleGen": OtherServer(_recorded("scalegen") | {"status": "succeeded"}, _READ, ("validating_files",)),
    "LocalAI": OtherServer(not_found=httpx.Response(404, json=_LOCALAI_ERROR[0]), error=_LOCALAI_ERROR),
    "NeMo Customizer": OtherServer(),
    "Fireworks": OtherServer(not_found=GO_NOT_FOUND, error=_LLMARINER_ERROR),
    "ServerlessLLM": OtherServer(not_found=httpx.Response(405, json={"detail": "Method Not Allowed"})),
    "Databricks": OtherServer(
        not_found=httpx.Response(
            404,
            json={"error_code": "ENDPOINT_NOT_FOUND", "message": "No API found for 'GET /fine_tuning/jobs'"},
        ),
        error=({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no run 5"}, "no run 5"),
    ),
}
"""The servers of `docs/other-servers.md`, by name."""
