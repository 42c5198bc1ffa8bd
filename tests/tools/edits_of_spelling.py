"""Edits that write the same contract in another way, and similar edits of names and null."""

from __future__ import annotations

from typing import Any

from .edits import (
    CALL,
    JOBS,
    NOTHING,
    READ_FINE,
    SENT,
    SENT_FINE,
    STRING,
    Details,
    move,
    reference,
    request,
    response,
)
from .small import Edit, at

__all__ = ["SPELLINGS"]

GET = "GET /jobs"
A, B = "https://a.example", "https://b.example"


def scheme(**definition: Any) -> Edit:
    """Set the security scheme of the key."""
    return lambda d: d["components"]["securitySchemes"].update(UserKey=definition)


def flows(scopes: dict[str, str], url: str = A) -> Edit:
    """Set an OAuth 2 key with its allowed scopes."""
    return scheme(type="oauth2", flows={"clientCredentials": {"tokenUrl": url, "scopes": scopes}})


def oauth(url: str) -> str:
    """Return the text of such a key in the report."""
    return f'oauth2 {{"clientCredentials": {{"tokenUrl": "{url}"}}}}'


def parameter(where: str, schema: dict[str, Any], **more: Any) -> Edit:
    """Add a parameter."""
    one = {"name": "X-A", "in": where, "schema": schema, **more}
    return lambda d: at(d, *JOBS, "get", "parameters").append(one)


def server(url: str, **variables: str) -> Edit:
    """Set the server of the contract, with the defaults of its variables."""
    defaults = {name: {"default": value} for name, value in variables.items()}
    return lambda d: d.update(servers=[{"url": url, "variables": defaults}])


SPELLINGS: Details = {
    # Other ways of writing the same
    "exclusive bound of integers": (
        request(type="integer", exclusiveMinimum=0), request(type="integer", minimum=1), [],
    ),
    "bound between integers": (request(type="integer", maximum=7.5), request(type="integer", maximum=7), []),
    "limit of a constant": (
        request(type="string", const="a"), request(type="string", const="a", maxLength=9), [],
    ),
    "tighter bound in allOf": (
        request(allOf=[{"type": "integer", "maximum": 5}, {"maximum": 9}]),
        request(type="integer", maximum=5),
        [],
    ),
    "values in allOf": (
        request(allOf=[{"enum": ["a", "b"]}, {"enum": ["b", "c"]}]), request(type="string", const="b"), [],
    ),
    "no limit at all": (request(type="string", minLength=0), request(type="string"), []),
    "wrapper of one member": (request(anyOf=[reference("Kind")]), request(**reference("Kind")), []),
    # Null
    "null lost where anything was allowed": (
        response(), response(type="string"),
        [("Job.x", "null: allowed -> refused", READ_FINE), ("Job.x", "type: anything -> string", READ_FINE)],
    ),
    "null lost with the type": (
        request(type=["integer", "null"]), request(type="string"),
        [("CreateJob.x", "null: allowed -> refused", SENT), ("CreateJob.x", "type: integer -> string", SENT)],
    ),
    "null comes with a variant": (
        request(oneOf=[reference("GraderText")]), request(oneOf=[reference("GraderText"), {"type": "null"}]),
        [("CreateJob.x", "null: refused -> allowed", SENT_FINE)],
    ),
    # Names
    "operation in other letters": (
        NOTHING, lambda d: at(d, *JOBS, "get").update(operationId="list_jobs"),
        [(GET, "operationId: listJobs -> list_jobs", CALL)],
    ),
    "second tag": (NOTHING, lambda d: at(d, *JOBS, "get").update(tags=["jobs", "more"]), []),
    "path parameter in other letters": (
        lambda d: (move(d["paths"], "/jobs/{job}", "/jobs/{jobId}"),
                   at(d, "paths", "/jobs/{jobId}", "parameters", 0).update(name="jobId")),
        lambda d: (move(d["paths"], "/jobs/{job}", "/jobs/{job_id}"),
                   at(d, "paths", "/jobs/{job_id}", "parameters", 0).update(name="job_id")),
        [("GET /jobs/{job_id} path job_id", "parameter name: jobId -> job_id", SENT)],
    ),
    # Numbers
    "a number with a zero fraction": (
        request(type="number", default=2), request(type="number", default=2.0), [],
    ),
    "integers are multiples of 1": (request(type="integer"), request(type="integer", multipleOf=1), []),
    "integers are numbers": (request(type=["integer", "number"]), request(type="number"), []),
    "types in another order": (request(type=["string", "null"]), request(type=["null", "string"]), []),
    "a list of types for a union": (
        request(anyOf=[STRING, {"type": "integer"}]), request(type=["integer", "string"]), [],
    ),
    # Styles
    "explode of a plain value": (
        NOTHING, lambda d: at(d, *JOBS, "get", "parameters", 0).update(explode=False), [],
    ),
    "explode of a list in a header": (
        parameter("header", {"type": "array", "items": STRING}),
        parameter("header", {"type": "array", "items": STRING}, explode=True),
        [],
    ),
    "explode of a list in the query": (
        parameter("query", {"type": "array", "items": STRING}),
        parameter("query", {"type": "array", "items": STRING}, explode=False),
        [("GET /jobs query X-A", "style: form, exploded -> form", SENT)],
    ),
    "explode of an object in a header": (
        parameter("header", {"type": "object", "properties": {"a": STRING}}),
        parameter("header", {"type": "object", "properties": {"a": STRING}}, explode=True),
        [("GET /jobs header X-A", "style: simple -> simple, exploded", SENT)],
    ),
    # Keys and servers
    "a scheme in capitals": (NOTHING, scheme(type="http", scheme="Bearer"), []),
    "a scope that no operation asks for": (
        flows({"a": "Read."}), flows({"a": "Read it.", "b": "Write."}), [],
    ),
    "another token URL": (
        flows({}, A), flows({}, B),
        [("security UserKey", f"scheme: {oauth(A)} -> {oauth(B)}", CALL)],
    ),
    "a slash at the end of the server": (NOTHING, server("http://127.0.0.1/v1/"), []),
    "the default of a server's variable": (
        server("http://127.0.0.1/{v}", v="v1"), server("http://127.0.0.1/{v}", v="v2"),
        [("the contract", "servers: http://127.0.0.1/v1 -> http://127.0.0.1/v2", CALL)],
    ),
    "the same by a server's variable": (NOTHING, server("http://127.0.0.1/{v}", v="v1"), []),
    "a path of components": (
        NOTHING,
        lambda d: (d["components"].update(pathItems={"Jobs": d["paths"].pop("/jobs")}),
                   d["paths"].update({"/jobs": {"$ref": "#/components/pathItems/Jobs"}})),
        [],
    ),
}  # fmt: skip
