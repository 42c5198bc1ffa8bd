"""Judgement of a run: compares the result of a call with what the server created and received."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .clients import ENDLESS, PROJECTS, Client
from .server import Run
from .service import JOBS, RESULTS

__all__ = ["COUNTS", "HANG", "Result", "judge", "requested_objects"]

COUNTS = ("duplicates", "foreign", "wrong", "lost", "leaked", "endless")
"""The attributes of `Result` that count failures."""

HANG = 25.0
"""Seconds after which a call counts as endless: the timeouts of a run end any other call sooner."""


_REQUESTED = {"share": len(PROJECTS), "submit": 2}


@dataclass(frozen=True)
class Result:
    """The result of one operation of one client under one fault.

    Attributes:
        text: the result in a few words, as shown on the page.
        duplicates: the number of objects that were created in addition to those requested.
        foreign: 1 if the call raised an exception from another library.
        wrong: 1 if the call returned another value than the server has.
        lost: 1 if an object was created, and the error of the call does not say that it may exist.
        leaked: the number of requests with a key or a body that went to another origin.
        endless: 1 if the call did not end.
    """

    text: str
    duplicates: int = 0
    foreign: int = 0
    wrong: int = 0
    lost: int = 0
    leaked: int = 0
    endless: int = 0

    @property
    def is_clean(self) -> bool:
        """True if all counts are zero."""
        return not any(getattr(self, name) for name in COUNTS)


def requested_objects(operation: str) -> int:
    """Return the number of objects that an operation is expected to create."""
    return _REQUESTED.get(operation, 1)


def judge(run: Run, client: Client, outcome: Any, seconds: float) -> Result:
    """Judge a run by the `outcome` of its call, a value or an exception, and by its duration."""
    created = len(run.created)
    requested = requested_objects(run.operation)
    duplicates = max(created - requested, 0)
    foreign = wrong = lost = 0
    if isinstance(outcome, Exception):
        may_exist = getattr(outcome, "may_exist", None) is True
        foreign = int(not isinstance(outcome, client.error))
        lost = int(created > 0 and not may_exist)
        text = type(outcome).__name__ + " from another library" * foreign
        text += ", may exist" * may_exist + ", does not say that it may exist" * lost
    else:
        text = _difference(run, outcome)
        wrong = int(bool(text))
        text = text or "correct"
    if duplicates:
        text += f", {created} created" + (f" instead of {requested}" if requested > 1 else "")
    if run.leaked:
        text += ", sent elsewhere"
    endless = int(seconds > HANG or (isinstance(outcome, list) and len(outcome) >= ENDLESS))
    return Result("endless" if endless else text, duplicates, foreign, wrong, lost, run.leaked, endless)


def _difference(run: Run, value: Any) -> str:
    """Return the difference between a returned value and the server's objects; empty if there is none."""
    try:
        match run.operation:
            case "list":
                return _missing_or_repeated([_id_of(item) for item in value], JOBS[: run.fault.items])
            case "share":
                returned = {(item.id, item.project_id) for item in getattr(value, "data", value)}
                existing = {(item["id"], item["project_id"]) for item in run.permissions}
                is_correct = returned <= existing and {project for _, project in returned} == set(PROJECTS)
            case "create" | "upload":
                is_correct = _id_of(value) in run.created
            case "submit":
                is_correct = _id_of(value) in run.created and value.training_file in run.created
            case "parts":
                is_correct = value.file.id in run.created
            case "content":
                is_correct = getattr(value, "content", value) == RESULTS
            case "wait":
                is_correct = _id_of(value) == JOBS[0] and value.status == "succeeded"
            case _:
                is_correct = _id_of(value) == JOBS[0]
    except AttributeError:
        is_correct = False
    except Exception as error:  # noqa: BLE001  any exception means that the value is unusable
        return f"wrong: {type(error).__name__} when it is read"
    return "" if is_correct else f"wrong: {_kind(value)}"


def _id_of(item: Any) -> str:
    """Return the id of an item, after reading its other fields, which must be readable too."""
    if hasattr(item, "training_file"):
        _ = item.status, item.created_at, item.finished_at, item.error, repr(item)
    return str(item.id)


def _missing_or_repeated(returned: list[str], existing: list[str]) -> str:
    if sorted(returned) == sorted(existing):
        return ""
    missing, repeated = len(set(existing) - set(returned)), len(returned) - len(set(returned))
    differences = [f"{missing} missing"] * bool(missing) + [f"{repeated} repeated"] * bool(repeated)
    return "wrong: " + (", ".join(differences) or "other items")


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "a string"
    kind = type(value).__name__
    if hasattr(value, "id"):
        return f"{kind} {value.id!r}"
    return f"{kind} without an id"
