"""Errors as one line for people: what is wrong, and the next step."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from .. import errors
from . import exit_codes
from .installation import INSTALL_CLI
from .invocation import Declined
from .terminal import printable

if TYPE_CHECKING:
    from .invocation import Invocation

_DOCTOR = "run finetuning doctor to check the key and the connection"
# The first class that fits decides.
_NEXT_STEPS: dict[type[Exception], str] = {
    errors.TrainingUnavailable: "use a server that trains, with --base-url or --profile",
    errors.PermissionDenied: "use a key with this permission or ask an administrator",
    errors.AuthenticationFailed: _DOCTOR,
    errors.RateLimited: "try again later or check the quota",
    errors.ServerError: "try again later",
    errors.RequestTimedOut: "try again later",
    errors.ConnectionFailed: _DOCTOR,
    errors.InvalidResponse: _DOCTOR,
}


# Advice about Python in messages of the client, and the same for the command line.
_TRANSLATED = {
    r"\[Errno -?\d+\] ": "",
    r"([Cc]heck|in) base_url\b": r"\1 the base URL",
    r"^base_url ": "the base URL ",
    r"call client\.archive\(\) on it": "run finetuning archive save with it",
    r"\bn_epochs=(\d+)": r"--n-epochs \1",
    r"^\w+ must be a non-empty path segment, not ''": "the id is empty: give one",
    r", or pass an http_client with verify=\.\.\.": "",
    r"set allow_http=True": "allow it with finetuning profiles set NAME --allow-http",
    r"\bcall data\.check\b": "run finetuning data check",
    r"\band data\.repair\b": "and finetuning data repair",
    r"\bcall Archive\.verify\(\)": "run finetuning archive verify",
    r"call finetuning_client\.data\.check\(.*\)": "run finetuning data check",
    r"a dict or an object with to_dict\(\)": "an object with fields",
    r"a Path to upload": "a path",
    r" or None\b": " or null",
    r"pass overwrite=True": "add --force",
    r"pass admin_key= or set": "set",
    r"pass prices=.*": "give --prices PATH, a JSON file with the price per million tokens of training",
}


_USAGE = {
    r"is not a valid (integer|int)( range)?": "is not a whole number",
    r"is not a valid float( range)?": "is not a number",
    r"-?[\d.]+ is not in the range x>=(\d+)": r"must be at least \1",
    r"-?[\d.]+ is not in the range x>(\d+)(\.0)?": r"must be greater than \1",
}


def for_terminal(text: str) -> str:
    """Return a message of the client with its advice adapted to a terminal."""
    for python, terminal in _TRANSLATED.items():
        text = re.sub(python, terminal, text)
    return text


def line_of(error: BaseException, invocation: Invocation) -> tuple[int, str]:
    """Return the exit code of an error and its line."""
    if isinstance(error, click.ClickException):
        return exit_codes.USAGE, _usage(error)
    if isinstance(error, Declined):
        return exit_codes.DECLINED, str(error)
    if isinstance(error, errors.FineTuningError):
        return exit_codes.code_of(error), _joined(_message(error, invocation), _next_step(error, invocation))
    if isinstance(error, ModuleNotFoundError) and error.name in ("yaml", "rich"):
        return exit_codes.CONFIGURATION, f"the extra 'cli' is only partly installed: run {INSTALL_CLI}"
    if isinstance(error, OSError) and not isinstance(error, ConnectionError):
        where = f"{error.filename}: " if error.filename else "the output cannot be written: "
        return exit_codes.INTERNAL, f"{where}{error.strerror or error}"
    hint = "" if invocation.debug else "--debug shows where"
    return exit_codes.INTERNAL, _joined(f"unexpected {type(error).__name__}: {error}", hint)


def _message(error: errors.FineTuningError, invocation: Invocation) -> str:
    """Return the message of an error, with the server that failed, or with the first of its problems."""
    text = for_terminal(str(error))
    if isinstance(error, errors.DatasetError):
        return "\n".join(text.splitlines()[:2])
    if isinstance(error, errors.ConnectionFailed | errors.InvalidResponse) and not invocation.emulate:
        # Shows a server that was set by mistake.
        method, _, rest = text.partition(" /")
        return f"{method} {invocation.server()[0].rstrip('/')}/{rest}" if method.isupper() else text
    return text


def _usage(error: click.ClickException) -> str:
    message = _joined(error.format_message(), "").removesuffix(".")
    for technical, plainly in _USAGE.items():
        message = re.sub(technical, plainly, message)
    context = getattr(error, "ctx", None)
    if context is None:
        return message
    command = context.command_path.removeprefix("finetuning").strip()
    where = f"{command}: " if command else ""
    return f"{where}{message} (see {context.command_path} --help)"


def _next_step(error: errors.FineTuningError, invocation: Invocation) -> str:
    notes = getattr(error, "__notes__", ())
    if notes:
        return str(notes[0])
    if isinstance(error, errors.DatasetError) and error.problems:
        return f"run finetuning data check {error.path} to see every problem"
    if isinstance(error, errors.ApiError | errors.ConnectionFailed) and invocation.emulate:
        return ""
    if isinstance(error, errors.NotFound):
        return _where_to_look(error)
    return next((step for kind, step in _NEXT_STEPS.items() if isinstance(error, kind)), "")


def _where_to_look(error: errors.NotFound) -> str:
    """Return advice on how to list the objects of the kind that was not found."""
    if not _is_about_an_object(error):
        return _DOCTOR
    kind = re.search(r"/(checkpoints/ft|jobs|files|models)\b", str(error))
    if kind is None or kind[1] == "checkpoints/ft":
        return "run finetuning checkpoints list JOB to see the names"
    return f"run finetuning {kind[1]} list to see those that exist"


def _is_about_an_object(error: errors.NotFound) -> bool:
    """Return whether the API reports that an object does not exist, not that the URL is unknown."""
    return error.type is not None and error.code != "unknown_url"


def _joined(message: str, next_step: str) -> str:
    """Return a message and the next step as one line."""
    parts = [part.strip() for part in message.splitlines() if part.strip()]
    # A list over several lines has its own punctuation.
    text = printable("; ".join(parts).replace(":; ", ": ").replace(",; ", ", "))
    if not next_step:
        return text
    return f"{text.rstrip('.')}{'' if text.endswith(('?', '!')) else ':'} {printable(next_step)}"
