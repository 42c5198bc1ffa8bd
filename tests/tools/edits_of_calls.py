"""Edits of operations, parameters, bodies, responses and security, each with the expected changes."""

from __future__ import annotations

from .edits import (
    CALL,
    CALL_FINE,
    JOB,
    JOBS,
    LIMIT,
    OPERATION,
    READ,
    READ_FINE,
    SENT,
    SENT_FINE,
    STRING,
    Edits,
    move,
)
from .small import at

__all__ = ["CALLS"]

CALLS: Edits = {
    # Calls
    "operation added": (
        lambda d: at(d, *JOB).update(delete={**OPERATION, "operationId": "deleteJob"}),
        [("DELETE /jobs/{job}", "operation added: deleteJob", CALL_FINE)],
    ),
    "operation removed": (
        lambda d: at(d, *JOB).pop("get"),
        [("GET /jobs/{job}", "operation removed: retrieveJob", CALL)],
    ),
    "operation moved": (
        lambda d: move(d["paths"], "/jobs/{job}", "/tuning/jobs/{job}"),
        [("GET /tuning/jobs/{job}", "path: GET /jobs/{job} -> GET /tuning/jobs/{job}", CALL)],
    ),
    "operation renamed": (
        lambda d: at(d, *JOBS, "get").update(operationId="allJobs"),
        [("GET /jobs", "operationId: listJobs -> allJobs", CALL)],
    ),
    "tag changed": (
        lambda d: at(d, *JOBS, "get").update(tags=["tuning"]),
        [("GET /jobs", "tag: jobs -> tuning", CALL)],
    ),
    "key changed": (
        lambda d: at(d, *JOBS, "get").update(security=[{"AdminKey": []}]),
        [("GET /jobs", "security: UserKey -> AdminKey", CALL)],
    ),
    "server changed": (
        lambda d: d.update(servers=[{"url": "http://127.0.0.1/v2"}]),
        [("the contract", "servers: http://127.0.0.1/v1 -> http://127.0.0.1/v2", CALL)],
    ),
    "operation deprecated": (
        lambda d: at(d, *JOBS, "get").update(deprecated=True),
        [("GET /jobs", "deprecated: no -> yes", CALL_FINE)],
    ),
    # Parameters
    "optional parameter added": (
        lambda d: at(d, *JOBS, "get", "parameters").append(
            {"name": "after", "in": "query", "schema": STRING}
        ),
        [("GET /jobs query after", "optional parameter added: string", SENT_FINE)],
    ),
    "required parameter added": (
        lambda d: at(d, *JOBS, "get", "parameters").append(
            {"name": "team", "in": "query", "required": True, "schema": STRING}
        ),
        [("GET /jobs query team", "required parameter added: string", SENT)],
    ),
    "parameter removed": (
        lambda d: at(d, *JOBS, "get", "parameters").pop(0),
        [("GET /jobs query limit", "optional parameter removed: integer", SENT)],
    ),
    "parameter made required": (
        lambda d: at(d, *LIMIT).update(required=True),
        [("GET /jobs query limit", "presence: optional -> required", SENT)],
    ),
    "parameter limited": (
        lambda d: at(d, *LIMIT, "schema").update(maximum=50),
        [("GET /jobs query limit", "maximum: 100 -> 50", SENT)],
    ),
    "path parameter renamed": (
        lambda d: (move(d["paths"], "/jobs/{job}", "/jobs/{id}"),
                   at(d, "paths", "/jobs/{id}", "parameters", 0).update(name="id")),
        [("GET /jobs/{id} path id", "parameter name: job -> id", SENT)],
    ),
    "parameter style": (
        lambda d: at(d, *JOBS, "get", "parameters", 1).update(style="form"),
        [("GET /jobs query filter", "style: deepObject, exploded -> form, exploded", SENT)],
    ),
    # Bodies
    "body made required": (
        lambda d: at(d, "paths", "/files", "post", "requestBody").update(required=True),
        [("POST /files request", "presence: optional -> required", SENT)],
    ),
    "body added": (
        lambda d: at(d, *JOB, "get").update(requestBody={"content": {"text/plain": {}}}),
        [("GET /jobs/{job} request", "optional body added: text/plain", SENT_FINE)],
    ),
    "body removed": (
        lambda d: at(d, *JOBS, "post").pop("requestBody"),
        [("POST /jobs request", "required body removed: application/json", SENT)],
    ),
    "form field style": (
        lambda d: at(d, "paths", "/files", "post", "requestBody", "content", "multipart/form-data").pop(
            "encoding"
        ),
        [("POST /files request kept", "style: deepObject, exploded -> plain", SENT)],
    ),
    "media type of a response": (
        lambda d: move(
            at(d, "paths", "/files", "post", "responses", "200", "content"),
            "application/octet-stream",
            "text/csv",
        ),
        [
            ("POST /files response 200", "media type removed: application/octet-stream", READ),
            ("POST /files response 200", "media type added: text/csv", READ_FINE),
        ],
    ),
    "status added": (
        lambda d: at(d, *JOBS, "get", "responses").update({"5XX": {"description": ""}}),
        [("GET /jobs response 5XX", "status added: nothing", READ_FINE)],
    ),
    "status removed": (
        lambda d: at(d, *JOBS, "get", "responses").pop("4XX"),
        [("GET /jobs response 4XX", "status removed: application/json", READ)],
    ),
}  # fmt: skip
