"""Edits of parts that the small contract lacks: the state before, the state after, the expected changes."""

from __future__ import annotations

from typing import Any

from .edits import (
    CALL,
    CALL_FINE,
    JOB,
    JOBS,
    NOTHING,
    READ,
    READ_FINE,
    SENT,
    SENT_FINE,
    STRING,
    Details,
    request,
    response,
)
from .small import Edit, at

__all__ = ["DETAILS"]

BOTH_FINE = {"request": False, "response": False}
BOTH = {"request": True, "response": True}
SENT_ONLY, READ_ONLY = {"request": True, "response": False}, {"request": False, "response": True}


def shared(*, required: bool = False, **schema: Any) -> Edit:
    """Add a field that is both sent and received."""

    def edit(data: dict[str, Any]) -> None:
        at(data, "Method", "properties").update(x=schema)
        if required:
            at(data, "Method", "required").append("x")

    return edit


def security(*choices: dict[str, list[str]], **schemes: dict[str, str]) -> Edit:
    """Set the security of one operation, and the security schemes."""

    def edit(data: dict[str, Any]) -> None:
        at(data, *JOBS, "get").update(security=list(choices))
        data["components"]["securitySchemes"] = schemes

    return edit


def headers(**described: dict[str, Any]) -> Edit:
    """Set the headers of a response."""
    named = {name.replace("_", "-"): header for name, header in described.items()}
    return lambda d: at(d, *JOB, "get", "responses", "200").update(headers=named)


def grader(*, tag: str = "type", **mapping: str) -> Edit:
    """Set how the graders are distinguished."""
    discriminator = {"propertyName": tag, "mapping": mapping}
    return lambda d: at(d, "Grader").update(discriminator=discriminator)


def limit(**schema: Any) -> Edit:
    """Change the schema of a parameter."""
    return lambda d: at(d, *JOBS, "get", "parameters", 0, "schema").update(schema)


def responses(**described: Any) -> Edit:
    """Set the responses of one operation, by their status with the prefix `s`."""
    named = {status.removeprefix("s"): body for status, body in described.items()}
    return lambda d: at(d, *JOB, "get").update(responses=named)


def servers(*urls: str) -> Edit:
    """Set the servers of the contract."""
    return lambda d: d.update(servers=[{"url": url} for url in urls])


USER: dict[str, list[str]] = {"UserKey": []}
ADMIN: dict[str, list[str]] = {"AdminKey": []}
BEARER, HEADER = {"type": "http", "scheme": "bearer"}, {"type": "apiKey", "in": "header", "name": "X-Key"}
OK = {
    "description": "",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}},
}
PROBLEM = {
    "description": "",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
TEXT, CODE = "#/components/schemas/GraderText", "#/components/schemas/GraderCode"
FIRST, SECOND = "http://127.0.0.1/v1", "http://127.0.0.1/v2"
GET, QUERY, RESPONSE = "GET /jobs", "GET /jobs query limit", "GET /jobs/{job} response 200"

# By keyword: a value, a wider value, and the text of each in the report.
_BOUNDS: dict[str, tuple[str, Any, Any]] = {
    "minimum": ("integer", 5, 2),
    "maximum": ("integer", 5, 8),
    "minLength": ("string", 5, 2),
    "maxLength": ("string", 5, 8),
    "minItems": ("array", 5, 2),
    "maxItems": ("array", 5, 8),
    "minProperties": ("object", 5, 2),
    "maxProperties": ("object", 5, 8),
    "multipleOf": ("integer", 6, 3),
}


def _bounds() -> Details:
    """Return edits that add, remove, widen and narrow each bound, in requests and in responses."""
    made: Details = {}
    for keyword, (kind, tight, wide) in _BOUNDS.items():
        values: dict[str, tuple[Any, Any]] = {
            "added": (None, tight),
            "removed": (tight, None),
            "widened": (tight, wide),
            "narrowed": (wide, tight),
        }
        for what, (before, after) in values.items():
            pair = [shared(type=kind, **({} if one is None else {keyword: one})) for one in (before, after)]
            words = " -> ".join("none" if one is None else str(one) for one in (before, after))
            breaks = SENT_ONLY if what in ("added", "narrowed") else BOTH_FINE
            made[f"{keyword} {what}"] = (*pair, [("Method.x", f"{keyword}: {words}", breaks)])  # type: ignore[assignment]
    return made


def _formats() -> Details:
    """Return edits of formats that restrict the values, in requests and in responses."""
    made: Details = {}
    for kind, old, new, breaks, aspect in (
        ("string", "", "uri", SENT_ONLY, "format"),
        ("string", "uri", "", BOTH_FINE, "format"),
        ("string", "uri", "email", BOTH, "format"),
        ("string", "date", "ipv4", BOTH, "format"),
        ("integer", "int32", "int64", BOTH_FINE, "format"),
        ("integer", "int64", "int32", SENT_ONLY, "format"),
        ("number", "float", "double", BOTH_FINE, "format"),
        ("integer", "", "unixtime", BOTH_FINE, "other format"),
        ("string", "password", "secret", BOTH_FINE, "other format"),
    ):
        schemas: list[dict[str, Any]] = [{"format": one} if one else {} for one in (old, new)]
        pair = [shared(type=kind, **schema) for schema in schemas]
        words = f"{aspect}: {old or 'none'} -> {new or 'none'}"
        made[words] = (*pair, [("Method.x", words, breaks)])  # type: ignore[assignment]
    return made


def _defaults() -> Details:
    made: Details = {}
    for what, make, place in (
        ("request", request, "CreateJob.x"),
        ("response", response, "Job.x"),
        ("parameter", limit, QUERY),
    ):
        side = "response" if what == "response" else "request"
        for words, old, new, breaks in (
            ("default added: 7", None, 7, False),
            ("default removed: 7", 7, None, False),
            ("default: 7 -> 9", 7, 9, what != "response"),
        ):
            pair = [make(type="integer", default=one) for one in (old, new)]
            made[f"{what}: {words}"] = (*pair, [(place, words, {side: breaks})])  # type: ignore[assignment]
    return made


DETAILS: Details = {
    **_bounds(),
    **_formats(),
    **_defaults(),
    "default of a component changed": (
        lambda d: at(d, "Epochs").update(default="auto"),
        lambda d: at(d, "Epochs").update(default=3),
        [("Epochs", "default: auto -> 3", SENT_ONLY)],
    ),
    # Read-only and write-only
    "field becomes read-only": (
        shared(type="string"), shared(type="string", readOnly=True),
        [("Method.x", "read-only: no -> yes", SENT_ONLY)],
    ),
    "field stops being read-only": (
        shared(type="string", readOnly=True), shared(type="string"),
        [("Method.x", "read-only: yes -> no", BOTH_FINE)],
    ),
    "required field stops being read-only": (
        shared(type="string", readOnly=True, required=True), shared(type="string", required=True),
        [("Method.x", "read-only, required: yes -> no", SENT_ONLY)],
    ),
    "field becomes write-only": (
        shared(type="string"), shared(type="string", writeOnly=True),
        [("Method.x", "write-only: no -> yes", READ_ONLY)],
    ),
    "field stops being write-only": (
        shared(type="string", writeOnly=True), shared(type="string"),
        [("Method.x", "write-only: yes -> no", BOTH_FINE)],
    ),
    "read-only field added": (
        NOTHING, shared(type="string", readOnly=True),
        [("Method.x", "read-only field added: string", BOTH_FINE)],
    ),
    "read-only field removed": (
        shared(type="string", readOnly=True), NOTHING,
        [("Method.x", "read-only field removed: string", READ_ONLY)],
    ),
    "read-only field made required": (
        shared(type="string", readOnly=True), shared(type="string", readOnly=True, required=True),
        [("Method.x", "presence in responses: optional -> required", BOTH_FINE)],
    ),
    "read-only field made optional": (
        shared(type="string", readOnly=True, required=True), shared(type="string", readOnly=True),
        [("Method.x", "presence in responses: required -> optional", READ_ONLY)],
    ),
    # Security
    "another key accepted": (
        security(USER), security(USER, ADMIN),
        [(GET, "security: UserKey -> AdminKey or UserKey", CALL_FINE)],
    ),
    "a key no longer accepted": (
        security(USER, ADMIN), security(ADMIN),
        [(GET, "security: AdminKey or UserKey -> AdminKey", CALL)],
    ),
    "only key changed": (
        security(USER), security(ADMIN), [(GET, "security: UserKey -> AdminKey", CALL)],
    ),
    "key no longer needed": (
        security(USER), security(), [(GET, "security: UserKey -> none", CALL_FINE)],
    ),
    "key needed": (
        security(), security(USER), [(GET, "security: none -> UserKey", CALL)],
    ),
    "key optional": (
        security(USER), security(USER, {}), [(GET, "security: UserKey -> none", CALL_FINE)],
    ),
    "second key needed": (
        security(USER), security({**USER, **ADMIN}),
        [(GET, "security: UserKey -> AdminKey and UserKey", CALL)],
    ),
    "second key no longer needed": (
        security({**USER, **ADMIN}), security(USER),
        [(GET, "security: AdminKey and UserKey -> UserKey", CALL_FINE)],
    ),
    "scope added": (
        security({"UserKey": ["read"]}), security({"UserKey": ["read", "write"]}),
        [(GET, "security: UserKey and UserKey: read -> UserKey and UserKey: read and UserKey: write", CALL)],
    ),
    "scope removed": (
        security({"UserKey": ["read"]}), security(USER),
        [(GET, "security: UserKey and UserKey: read -> UserKey", CALL_FINE)],
    ),
    "scheme changed": (
        security(USER, UserKey=BEARER), security(USER, UserKey=HEADER),
        [("security UserKey", "scheme: http bearer -> apiKey header X-Key", CALL)],
    ),
    "scheme renamed": (
        security(USER, UserKey=BEARER), security({"Key": []}, Key=BEARER), [],
    ),
    "order of keys": (security(USER, ADMIN), security(ADMIN, USER), []),
    # Response headers
    "header added": (
        NOTHING, headers(X_Left={"schema": STRING}),
        [(f"{RESPONSE} header x-left", "optional header added: string", READ_FINE)],
    ),
    "required header removed": (
        headers(X_Left={"schema": STRING, "required": True}), NOTHING,
        [(f"{RESPONSE} header x-left", "required header removed: string", READ)],
    ),
    "optional header removed": (
        headers(X_Left={"schema": STRING}), NOTHING,
        [(f"{RESPONSE} header x-left", "optional header removed: string", READ_FINE)],
    ),
    "header made optional": (
        headers(X_Left={"schema": STRING, "required": True}), headers(X_Left={"schema": STRING}),
        [(f"{RESPONSE} header x-left", "presence: required -> optional", READ)],
    ),
    "type of a header changed": (
        headers(X_Left={"schema": STRING}), headers(X_Left={"schema": {"type": "integer"}}),
        [(f"{RESPONSE} header x-left", "type: string -> integer", READ)],
    ),
    "header in other letters": (
        headers(X_Left={"schema": STRING}), headers(x_left={"schema": STRING}), [],
    ),
    # Discriminators
    "mapping added": (
        grader(text=TEXT), grader(text=TEXT, code=CODE),
        [("Grader", "mapping added: code", SENT_FINE)],
    ),
    "mapping removed": (
        grader(text=TEXT, code=CODE), grader(text=TEXT),
        [("Grader", "mapping removed: code", SENT)],
    ),
    "mapping changed": (
        grader(text=TEXT), grader(text=CODE),
        [("Grader", "mapping: text: GraderText -> text: GraderCode", SENT)],
    ),
    "discriminator changed": (
        grader(text=TEXT), grader(text=TEXT, tag="kind"),
        [("Grader", "discriminator: type -> kind", SENT)],
    ),
    "mapping by name": (grader(text=TEXT), grader(text="GraderText"), []),
    # Responses
    "status of a range spelled out": (
        responses(s200=OK, s4XX=PROBLEM), responses(s200=OK, s404=PROBLEM, s4XX=PROBLEM),
        [("GET /jobs/{job} response 404", "status of a range added: application/json", READ_FINE)],
    ),
    "status left to its range": (
        responses(s200=OK, s404=PROBLEM, s4XX=PROBLEM), responses(s200=OK, s4XX=PROBLEM),
        [("GET /jobs/{job} response 404", "status of a range removed: application/json", READ_FINE)],
    ),
    "status left to the default": (
        responses(s200=OK, s404=PROBLEM, default=PROBLEM), responses(s200=OK, default=PROBLEM),
        [("GET /jobs/{job} response 404", "status of a range removed: application/json", READ_FINE)],
    ),
    # Servers
    "server added": (
        servers(FIRST), servers(FIRST, SECOND),
        [("the contract", f"servers: {FIRST} -> {FIRST}, {SECOND}", CALL_FINE)],
    ),
    "second server removed": (
        servers(FIRST, SECOND), servers(FIRST),
        [("the contract", f"servers: {FIRST}, {SECOND} -> {FIRST}", CALL)],
    ),
    "servers in another order": (
        servers(FIRST, SECOND), servers(SECOND, FIRST),
        [("the contract", f"servers: {FIRST}, {SECOND} -> {SECOND}, {FIRST}", CALL)],
    ),
}  # fmt: skip
