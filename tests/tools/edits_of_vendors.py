"""Edits of a vendor's contract, each with the difference from the small contract that must be reported."""

from __future__ import annotations

from .small import Edit, at

__all__ = ["FILE", "JOBS", "VENDORS", "Expected"]

JOBS = ("paths", "/jobs")
FILE = ("paths", "/files", "post", "requestBody", "content", "multipart/form-data", "schema")

# The place, the aspect, the vendor's value and ours.
Expected = tuple[str, str, str | None, str | None]

VENDORS: dict[str, tuple[Edit, list[Expected]]] = {
    "an operation of the vendor's": (
        lambda d: at(d, *JOBS).update(delete={"operationId": "deleteJobs", "responses": {}}),
        [("DELETE /jobs", "operation", "deleteJobs", None)],
    ),
    "a path of the vendor's beside ours": (
        lambda d: d["paths"].update({"/jobs/{job}/copy": {"post": {"operationId": "copyJob"}}}),
        [("POST /jobs/{job}/copy", "operation", "copyJob", None)],
    ),
    "an operation of ours": (
        lambda d: d["paths"].pop("/files"),
        [("POST /files", "operation", None, "sendFile")],
    ),
    "an operation elsewhere": (
        lambda d: d["paths"].update({"/images": {"post": {"parameters": [{"$ref": "#/broken"}]}}}),
        [],
    ),
    "a parameter of the vendor's": (
        lambda d: at(d, *JOBS, "get", "parameters").append(
            {"name": "after", "in": "query", "schema": {"type": "string"}}
        ),
        [("GET /jobs query after", "optional parameter", "string", None)],
    ),
    "a field of the vendor's": (
        lambda d: at(d, "TrainingJob", "properties").update(cost={"type": "number", "nullable": True}),
        [("Job.cost", "optional field", "number or null", None)],
    ),
    "a field of ours": (
        lambda d: at(d, "NewJob", "properties").pop("seed"),
        [("CreateJob.seed", "optional field", None, "integer")],
    ),
    "a value of the vendor's": (
        lambda d: at(d, "TrainingJob", "properties", "status", "enum").append("paused"),
        [("Job.status", "value", "paused", None)],
    ),
    "a value of ours": (
        lambda d: at(d, "TrainingJob", "properties", "status", "enum").remove("done"),
        [("Job.status", "value", None, "done")],
    ),
    "required by the vendor": (
        lambda d: at(d, "TrainingJob", "required").append("loss"),
        [("Job.loss", "presence", "required", "optional")],
    ),
    "null only for the vendor": (
        lambda d: at(d, "TrainingJob", "properties", "loss").update(nullable=True),
        [("Job.loss", "null", "allowed", "refused")],
    ),
    "another type": (
        lambda d: at(d, "TrainingJob", "properties", "id").update(type="integer"),
        [("Job.id", "type", "integer", "string")],
    ),
    "another limit": (
        lambda d: at(d, "TrainingMethod", "properties", "epochs", "oneOf", 1).update(maximum=100),
        [("Method.epochs (integer)", "maximum", "100", "50")],
    ),
    "no bound": (
        lambda d: at(d, "NewJob", "properties", "rate").clear() or
                  at(d, "NewJob", "properties", "rate").update(type="number"),
        [("CreateJob.rate", "minimum", None, "above 0")],
    ),
    "another constant": (
        lambda d: at(d, "TrainingJob", "properties", "object").update(enum=["training.job"]),
        [("Job.object", "constant", "training.job", "job")],
    ),
    "an object without fields": (
        lambda d: at(d, *FILE, "properties").update(kept={"type": "object"}),
        [("SendFile.kept.seconds", "optional field", None, "integer")],
    ),
    "names beside any string": (
        lambda d: at(d, "NewJob", "properties").update(
            model={"anyOf": [{"type": "string", "pattern": "^[a-z]"},
                             {"type": "string", "enum": ["small"], "pattern": "^[a-z]"}]}
        ),
        [("CreateJob.model", "known value", "small", None)],
    ),
    "another default": (
        lambda d: at(d, *JOBS, "get", "parameters", 0, "schema").update(default=50),
        [("GET /jobs query limit", "default", "50", "20")],
    ),
    "no default": (
        lambda d: at(d, *JOBS, "get", "parameters", 0, "schema").pop("default"),
        [("GET /jobs query limit", "default", None, "20")],
    ),
    "another scheme of the same name": (
        lambda d: at(d, "components", "securitySchemes").update(
            UserKey={"type": "apiKey", "in": "header", "name": "X-Key"}
        ),
        [("security UserKey", "scheme", "apiKey header X-Key", "http bearer")],
    ),
    "another key": (
        lambda d: at(d, *JOBS, "get").update(security=[{"UserKey": []}, {"AdminKey": []}]),
        [("GET /jobs", "security", "AdminKey or UserKey", "UserKey")],
    ),
    "null behind another type": (
        lambda d: at(d, "TrainingJob", "properties").update(loss={"type": ["string", "null"]}),
        [("Job.loss", "null", "allowed", "refused"), ("Job.loss", "type", "string", "number")],
    ),
    "null behind anything": (
        lambda d: at(d, "TrainingJob", "properties").update(loss={}),
        [("Job.loss", "null", "allowed", "refused"), ("Job.loss", "type", "anything", "number")],
    ),
    "null behind a union": (
        lambda d: (at(d, "NewJob", "properties", "grader").pop("type"),
                   at(d, "NewJob", "properties", "grader", "oneOf").append({"type": "null"})),
        [("CreateJob.grader", "null", "allowed", "refused")],
    ),
    "another format": (
        lambda d: at(d, "TrainingJob", "properties", "id").update(format="uuid"),
        [("Job.id", "format", "uuid", "none")],
    ),
    "another kind of grader": (
        lambda d: (
            at(d, "NewJob", "properties", "grader", "oneOf").append(
                {"type": "object", "properties": {"type": {"enum": ["model"]}}}
            )
        ),
        [("CreateJob.grader", "variant", "model", None)],
    ),
}  # fmt: skip
