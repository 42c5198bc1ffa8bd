"""Types of the API's identifiers: each is a `str` at run time, a distinct type to a type checker."""

from typing import NewType

JobId = NewType("JobId", str)
"""A fine-tuning job, `ftjob-…`."""

FileId = NewType("FileId", str)
"""An uploaded or generated file, `file-…`."""

ModelId = NewType("ModelId", str)
"""A base model (`gpt-4o-mini-2024-07-18`) or a fine-tuned one (`ft:…`)."""

CheckpointId = NewType("CheckpointId", str)
"""A checkpoint of a job, `ftckpt_…`."""

OrganizationId = NewType("OrganizationId", str)
"""An organization, `org-…`."""

TOKEN_KEY = "finetuning_request"  # noqa: S105  a name, not a secret
"""Metadata key of the token by which a job's create request is recognised."""


def new_token() -> str:
    """Return a token that no other request has."""
    from uuid import uuid4

    return uuid4().hex
