"""Edits of schemas, each with the expected changes, and edits that no user notices."""

from __future__ import annotations

from .edits import (
    JOB,
    JOBS,
    LIMIT,
    READ,
    READ_FINE,
    SENT,
    SENT_FINE,
    STRING,
    Edits,
    move,
    reference,
    rename,
)
from .small import Edit, at

__all__ = ["SCHEMAS", "UNNOTICED"]

SCHEMAS: Edits = {
    # Fields
    "optional request field added": (
        lambda d: at(d, "CreateJob", "properties").update(note={"type": ["string", "null"]}),
        [("CreateJob.note", "optional field added: string or null", SENT_FINE)],
    ),
    "required request field added": (
        lambda d: (at(d, "CreateJob", "properties").update(team=STRING),
                   at(d, "CreateJob", "required").append("team")),
        [("CreateJob.team", "required field added: string", SENT)],
    ),
    "request field removed": (
        lambda d: at(d, "CreateJob", "properties").pop("seed"),
        [("CreateJob.seed", "optional field removed: integer", SENT)],
    ),
    "request field made required": (
        lambda d: at(d, "CreateJob", "required").append("seed"),
        [("CreateJob.seed", "presence: optional -> required", SENT)],
    ),
    "request field made optional": (
        lambda d: at(d, "CreateJob", "required").remove("model"),
        [("CreateJob.model", "presence: required -> optional", SENT_FINE)],
    ),
    "request opened to other fields": (
        lambda d: at(d, "CreateJob").pop("additionalProperties"),
        [("CreateJob", "other fields: refused -> allowed", SENT_FINE)],
    ),
    "request closed to other fields": (
        lambda d: at(d, "SendFile").update(additionalProperties=False),
        [("SendFile", "other fields: allowed -> refused", SENT)],
    ),
    "response field added": (
        lambda d: (at(d, "Job", "properties").update(cost={"type": "number"}),
                   at(d, "Job", "required").append("cost")),
        [("Job.cost", "required field added: number", READ_FINE)],
    ),
    "response field removed": (
        lambda d: at(d, "Job", "properties").pop("loss"),
        [("Job.loss", "optional field removed: number", READ)],
    ),
    "response field made optional": (
        lambda d: at(d, "Job", "required").remove("status"),
        [("Job.status", "presence: required -> optional", READ)],
    ),
    "response field made required": (
        lambda d: at(d, "Job", "required").append("loss"),
        [("Job.loss", "presence: optional -> required", READ_FINE)],
    ),
    "field deprecated": (
        lambda d: at(d, "Job", "properties", "loss").update(deprecated=True),
        [("Job.loss", "deprecated: no -> yes", READ_FINE)],
    ),
    "field of a component that goes both ways": (
        lambda d: at(d, "Method", "required").append("epochs"),
        [("Method.epochs", "presence: optional -> required", {"request": True, "response": False})],
    ),
    "optional field of a component that goes both ways": (
        lambda d: at(d, "Method", "properties").update(seed={"type": "integer"}),
        [("Method.seed", "optional field added: integer", {"request": False, "response": False})],
    ),
    # Null and types
    "null allowed in a request": (
        lambda d: at(d, "CreateJob", "properties", "seed").update(type=["integer", "null"]),
        [("CreateJob.seed", "null: refused -> allowed", SENT_FINE)],
    ),
    "null refused in a request": (
        lambda d: at(d, "CreateJob", "properties").update(metadata=reference("Metadata")),
        [("CreateJob.metadata", "null: allowed -> refused", SENT)],
    ),
    "null allowed in a response": (
        lambda d: at(d, "Job", "properties", "loss").update(type=["number", "null"]),
        [("Job.loss", "null: refused -> allowed", READ)],
    ),
    "null refused in a response": (
        lambda d: at(d, "Job", "properties", "finished_at").update(type="integer"),
        [("Job.finished_at", "null: allowed -> refused", READ_FINE)],
    ),
    "type of a request changed": (
        lambda d: at(d, "CreateJob", "properties", "tags", "items").update(type="integer"),
        [("CreateJob.tags[]", "type: string -> integer", SENT)],
    ),
    "type of a request widened": (
        lambda d: at(d, "CreateJob", "properties", "seed").update(type="number"),
        [("CreateJob.seed", "type: integer -> number", SENT_FINE)],
    ),
    "type of a response changed": (
        lambda d: at(d, "Job", "properties", "id").update(type="integer"),
        [("Job.id", "type: string -> integer", READ)],
    ),
    "type of a response widened": (
        lambda d: at(d, "Job", "properties", "seed").update(type=["integer", "string"]),
        [("Job.seed", "type: integer -> integer or string", READ)],
    ),
    "type of a response narrowed": (
        lambda d: at(d, "Job", "properties", "loss").update(type="integer"),
        [("Job.loss", "type: number -> integer", READ_FINE)],
    ),
    "anything becomes something": (
        lambda d: at(d, "CreateJob", "properties", "model").clear(),
        [("CreateJob.model", "null: refused -> allowed", SENT_FINE),
         ("CreateJob.model", "type: string -> anything", SENT_FINE)],
    ),
    "file becomes text": (
        lambda d: at(d, "SendFile", "properties", "file").pop("format"),
        [("SendFile.file", "type: binary -> string", SENT)],
    ),
    "constant beside the number removed": (
        lambda d: at(d, "Epochs", "anyOf").pop(0),
        [("Epochs", 'type: "auto" or integer -> integer', {"request": True, "response": False})],
    ),
    "variant added": (
        lambda d: (at(d, "Grader", "anyOf").append(reference("GraderModel")),
                   d["components"]["schemas"].update(GraderModel={
                       "type": "object", "properties": {"type": {"const": "model"}}})),
        [("Grader", "variant added: model", SENT_FINE)],
    ),
    "variant removed": (
        lambda d: at(d, "Grader", "anyOf").pop(1),
        [("Grader", "variant removed: code", SENT)],
    ),
    # Values
    "enum value added to a request": (
        lambda d: at(d, "Kind", "enum").append("reward"),
        [("Kind", "value added: reward", SENT_FINE)],
    ),
    "enum value removed from a request": (
        lambda d: d["components"]["schemas"]["Kind"].update(enum=["plain", "reward"]),
        [("Kind", "value removed: preference", SENT), ("Kind", "value added: reward", SENT_FINE)],
    ),
    "enum value added to a response": (
        lambda d: at(d, "JobStatus", "enum").insert(1, "paused"),
        [("JobStatus", "value added: paused", READ_FINE)],
    ),
    "enum value removed from a response": (
        lambda d: at(d, "JobStatus", "enum").remove("done"),
        [("JobStatus", "value removed: done", READ)],
    ),
    "enum of a request opened": (
        lambda d: at(d, "CreateJob", "properties").update(kind=STRING),
        [("CreateJob.kind", "values: plain or preference -> any string", SENT_FINE)],
    ),
    "enum of a response opened": (
        lambda d: at(d, "Job", "properties").update(status=STRING),
        [("Job.status", "values: queued or running or done -> any string", READ)],
    ),
    "constant changed": (
        lambda d: at(d, "Job", "properties", "object").update(const="tuning.job"),
        [("Job.object", "constant: job -> tuning.job", READ)],
    ),
    "constant dropped": (
        lambda d: at(d, "Job", "properties", "object").pop("const"),
        [("Job.object", "constant: job -> any string", READ)],
    ),
    "constant added": (
        lambda d: at(d, "Method", "properties", "name").update(const="plain"),
        [("Method.name", "constant: any string -> plain", {"request": True, "response": False})],
    ),
    # Limits
    "limit narrowed": (
        lambda d: at(d, "CreateJob", "properties", "suffix").update(maxLength=40),
        [("CreateJob.suffix", "maxLength: 64 -> 40", SENT)],
    ),
    "limit widened": (
        lambda d: at(d, "CreateJob", "properties", "suffix").update(maxLength=100),
        [("CreateJob.suffix", "maxLength: 64 -> 100", SENT_FINE)],
    ),
    "limit added": (
        lambda d: at(d, "CreateJob", "properties", "seed").update(maximum=9),
        [("CreateJob.seed", "maximum: none -> 9", SENT)],
    ),
    "limit removed": (
        lambda d: at(d, "CreateJob", "properties", "tags").pop("maxItems"),
        [("CreateJob.tags", "maxItems: 5 -> none", SENT_FINE)],
    ),
    "exclusive bound becomes inclusive": (
        lambda d: at(d, "CreateJob", "properties").update(rate={"type": "number", "minimum": 0}),
        [("CreateJob.rate", "minimum: above 0 -> 0", SENT_FINE)],
    ),
    "pattern changed": (
        lambda d: at(d, "CreateJob", "properties", "model").update(pattern="^[a-f]"),
        [("CreateJob.model", 'pattern: "^[a-z]" -> "^[a-f]"', SENT)],
    ),
    "limit of a response narrowed": (
        lambda d: at(d, "Job", "properties", "files").update(maxItems=1),
        [("Job.files", "maxItems: 3 -> 1", READ_FINE)],
    ),
    "limit in a union that goes both ways": (
        lambda d: at(d, "Epochs", "anyOf", 1).update(maximum=40),
        [("Epochs (integer)", "maximum: 50 -> 40", {"request": True, "response": False})],
    ),
    "limits of a map": (
        lambda d: (at(d, "Metadata").update(maxProperties=8),
                   at(d, "Metadata", "additionalProperties").update(maxLength=600),
                   at(d, "Metadata", "propertyNames").update(maxLength=32)),
        [
            ("Metadata", "maxProperties: 16 -> 8", {"request": True, "response": False}),
            ("Metadata{}", "maxLength: 512 -> 600", {"request": False, "response": False}),
            ("Metadata{key}", "maxLength: 64 -> 32", {"request": True, "response": False}),
        ],
    ),
    "format changed": (
        lambda d: at(d, "Job", "properties", "created_at").pop("format"),
        [("Job.created_at", "other format: unixtime -> none", READ_FINE)],
    ),
    # Names in the generated library
    "another class in two fields": (
        lambda d: (
            at(d, "Job", "properties").update(kind=reference("JobStatus")),
            d["components"]["schemas"].update(Spare=at(d, "JobStatus")),
            at(d, "Job", "properties").update(status=reference("Spare")),
        ),
        [
            ("Job.status", "class: JobStatus -> Spare", READ),
            ("Job.kind", "optional field added: JobStatus", READ_FINE),
        ],
    ),
    "class renamed": (
        lambda d: rename(d, "JobStatus", "Status"),
        [("Status", "class: JobStatus -> Status", READ)],
    ),
    "field given another class": (
        lambda d: (d["components"]["schemas"].update(Sort={"type": "string", "enum": ["plain", "x"]}),
                   at(d, "Method", "properties").update(name=reference("Kind")),
                   at(d, "CreateJob", "properties").update(kind=reference("Sort"))),
        [
            ("CreateJob.kind", "class: Kind -> Sort", SENT),
            ("CreateJob.kind", "value removed: preference", SENT),
            ("CreateJob.kind", "value added: x", SENT_FINE),
            (
                "Method.name",
                "values: any string -> plain or preference",
                {"request": True, "response": False},
            ),
        ],
    ),
}  # fmt: skip

UNNOTICED: dict[str, Edit] = {
    "description": lambda d: at(d, *LIMIT).update(description="As many at most."),
    "title, example": lambda d: at(d, "Job").update(title="J", example={}),
    "default of a constant": lambda d: at(d, "Job", "properties", "object").update(default="job"),
    "order of values": lambda d: at(d, "JobStatus", "enum").reverse(),
    "order of fields": lambda d: at(d, "Job", "required").reverse(),
    "order of operations": lambda d: move(d["paths"], "/jobs", "/jobs"),
    "enum of one value": lambda d: at(d, "Job", "properties").update(
        object={"type": "string", "enum": ["job"]}
    ),
    "null in a union": lambda d: at(d, "Job", "properties").update(
        finished_at={"anyOf": [{"type": "integer"}, {"type": "null"}]}
    ),
    "a parameter of all methods documented for one": lambda d: at(d, *JOB, "get").update(
        parameters=at(d, *JOB).pop("parameters")
    ),
    "title and version of the contract": lambda d: d["info"].update(title="Other", version="9.9.9"),
    "a schema that nothing uses": lambda d: d["components"]["schemas"].update(Spare=STRING),
    "a map renamed, which is no class": lambda d: rename(d, "Metadata", "Pairs"),
    "the media type's parameters": lambda d: move(
        at(d, *JOBS, "get", "responses", "200", "content"),
        "application/json",
        "application/json; charset=utf-8",
    ),
}
