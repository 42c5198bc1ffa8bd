"""The checks of `finetuning doctor`: each reports whether something works, and what to do if it does not."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import attrs

from ..errors import (
    ApiError,
    AuthenticationFailed,
    ConfigurationError,
    ConnectionFailed,
    FineTuningError,
    InvalidResponse,
    NotFound,
    PermissionDenied,
)
from ..version import __version__
from .error_lines import for_terminal
from .installation import INSTALL_CLI, INSTALL_EMULATOR
from .invocation import HOSTED

if TYPE_CHECKING:
    from finetuning_client import FineTuning

    from .invocation import Invocation
    from .profiles import Profile

_SKEW_SECONDS = 60
_TIMEOUT = 15.0


@attrs.frozen
class Check:
    """The result of one check.

    Attributes:
        check: what was checked.
        status: `ok`, `warning`, or `failed`.
        detail: what was found.
        advice: what to do; empty if nothing is.
    """

    check: str
    status: Literal["ok", "warning", "failed"]
    detail: str
    advice: str = ""


def diagnose(invocation: Invocation) -> Iterator[Check]:
    """Yield the results of all checks, in the order in which one depends on another."""
    yield Check("version", "ok", f"finetuning-client {__version__}, Python {platform.python_version()}")
    yield _extras()
    try:
        profile = invocation.used_profile
    except ConfigurationError as error:
        yield Check("profile", "failed", str(error), "correct config.toml or choose another --profile")
        return
    yield _profile(invocation, profile)
    key = _key(invocation, profile)
    yield key
    base_url, source = invocation.server()
    address = _address(base_url, source, allow_http=bool(profile and profile.fields.get("allow_http")))
    yield address
    for needed in (key, address):
        if needed.status == "failed":
            yield Check(
                "connection", "failed", f"not tried: the {needed.check} check failed", "correct that first"
            )
            return
    yield from _connection(invocation, base_url)


def _extras() -> Check:
    missing = [name for name in ("rich", "yaml") if find_spec(name) is None]
    if missing:
        return Check("packages", "failed", f"missing: {', '.join(missing)}", INSTALL_CLI)
    if find_spec("uvicorn") is None or find_spec("starlette") is None:
        return Check(
            "packages", "ok", "the emulator is not installed", f"to use --emulate, run {INSTALL_EMULATOR}"
        )
    return Check("packages", "ok", "cli and emulator are installed")


def _profile(invocation: Invocation, profile: Profile | None) -> Check:
    from .profiles import config_path

    if invocation.emulate:
        return Check("profile", "ok", "none: a temporary emulator is used")
    path = config_path()
    if profile is None:
        return Check(
            "profile", "ok", f"none ({path} has no default)" if path.exists() else f"none (no {path})"
        )
    if "plain:" in str(profile.fields.get("key", ""))[:6]:
        advice = f"run finetuning profiles set {profile.name} with --key keyring or --key env:NAME"
        return Check("profile", "warning", f"{profile.name!r} has a key in plain text", advice)
    return Check("profile", "ok", f"{profile.name!r} in {path}")


def _key(invocation: Invocation, profile: Profile | None) -> Check:
    from .profiles import key_variable

    if invocation.emulate:
        return Check("key", "ok", "the emulator accepts any key")
    if profile is not None and "key" in profile.fields:
        try:
            profile.client_options()
        except ConfigurationError as error:
            return Check("key", "failed", str(error), "set the key")
        return Check("key", "ok", f"from the profile, stored in {profile.fields['key'].partition(':')[0]}")
    name = key_variable({} if profile is None or invocation.base_url else profile.fields)
    value = os.environ.get(name)
    if not value:
        return Check("key", "failed", f"{name} is not set", f"set {name} or use a profile")
    if value != value.strip() or not value.isascii() or not value.isprintable():
        return Check(
            "key", "failed", f"{name} has a character that a key cannot contain", "copy the key again"
        )
    if value.startswith("sk-admin"):
        return Check(
            "key",
            "warning",
            "OPENAI_API_KEY is an admin key",
            "put it in OPENAI_ADMIN_KEY, and a regular key here",
        )
    return Check("key", "ok", f"{name} is set")


def _address(base_url: str, source: str, *, allow_http: bool) -> Check:
    from ..transport.configuration import checked_base_url

    try:
        checked_base_url(base_url, allow_http=allow_http)
    except ConfigurationError as error:
        return Check(
            "base URL", "failed", f"{for_terminal(str(error))} ({source})", f"write it like {HOSTED}"
        )
    if urlsplit(base_url).path.strip("/") == "":
        return Check(
            "base URL",
            "warning",
            f"{base_url} ({source}) has no path",
            f"the version is part of it: try {base_url.rstrip('/')}/v1",
        )
    return Check("base URL", "ok", f"{base_url} ({source})")


def _connection(invocation: Invocation, base_url: str) -> Iterator[Check]:
    """Yield the results of one request to the server."""
    from finetuning_client import RetryPolicy

    try:
        client = invocation.client.with_options(timeout=_TIMEOUT, retry=RetryPolicy(max_attempts=1))
        next(iter(client.jobs.list(page_size=1, limit=1)), None)
    except FineTuningError as error:
        yield _failure(error, invocation, base_url)
        response = invocation.client.last_response if isinstance(error, ApiError) else None
    else:
        response = client.last_response
        kind = "an emulator" if response and "x-finetuning-emulator" in response.headers else "the server"
        yield Check("connection", "ok", f"{kind} responds and accepts the key")
    if response is not None:
        yield from _clock(response.headers)


def _failure(error: FineTuningError, invocation: Invocation, base_url: str) -> Check:
    if isinstance(error, NotFound | InvalidResponse) and (better := _with_version(invocation, base_url)):
        return Check(
            "connection", "failed", f"there is no API at {base_url}", f"use {better} as the base URL"
        )
    text = re.sub(r"^[A-Z]+ /\S+ | \(1 attempt\)", "", for_terminal(" ".join(str(error).split())))
    if isinstance(error, AuthenticationFailed):
        return Check(
            "connection", "failed", f"the server refuses the key: {text}", "use a key for this server"
        )
    if isinstance(error, ConnectionFailed):
        advice = next(advice for pattern, advice in _CONNECTION_ADVICE.items() if re.search(pattern, text))
    else:
        advice = next(
            (advice for kind, advice in _ADVICE.items() if isinstance(error, kind)), "try again later"
        )
    return Check("connection", "failed", text, advice)


_ADVICE: Mapping[type[Exception], str] = {
    PermissionDenied: "use a key with permission to read fine-tuning jobs",
    NotFound: "correct the base URL; behind a proxy, check HTTPS_PROXY",
    InvalidResponse: "correct the base URL; behind a proxy, check HTTPS_PROXY",
}
# Advice by a text in the message; the last one fits any message.
_CONNECTION_ADVICE: Mapping[str, str] = {
    "certificate": "set SSL_CERT_FILE to a file with the certificate of the server's certificate authority",
    "WRONG_VERSION_NUMBER": "the server may speak plain HTTP: try http:// in the base URL",
    "Name or service|nodename|getaddrinfo|name resolution": "check the host name and the network",
    "timed out": "check whether the server is overloaded or a firewall is in the way",
    "refused": "start the server or correct the port in the base URL",
    "": "is the server running and reachable from here? Check the scheme (http or https) and HTTPS_PROXY",
}


def _with_version(invocation: Invocation, base_url: str) -> str | None:
    """Return the base URL with `/v1`, if an API is there."""
    from finetuning_client import RetryPolicy

    better = f"{base_url.rstrip('/')}/v1"
    if urlsplit(base_url).path.rstrip("/").endswith("/v1"):
        return None
    once = RetryPolicy(max_attempts=1)
    try:
        with invocation.new_client(base_url=better, timeout=_TIMEOUT, retry=once) as client:
            return better if _has_api(client) else None
    except ConfigurationError:
        return None


def _has_api(client: FineTuning) -> bool:
    """Return whether the server has the API, even if it refuses the key."""
    try:
        next(iter(client.jobs.list(page_size=1, limit=1)), None)
    except (AuthenticationFailed, PermissionDenied):
        return True
    except FineTuningError:
        return False
    return True


def _clock(headers: Any) -> Iterator[Check]:
    """Compare the clock of this machine with that of the server."""
    try:
        theirs = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return
    theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
    skew = (datetime.now(UTC) - theirs).total_seconds()
    if abs(skew) <= _SKEW_SECONDS:
        yield Check("clock", "ok", f"within {max(1, round(abs(skew)))} s of the server's")
        return
    direction = "ahead of" if skew > 0 else "behind"
    yield Check(
        "clock",
        "warning",
        f"{abs(skew):,.0f} s {direction} the server's",
        "set this machine's clock: --since and the search for lost requests depend on it",
    )


def worst(checks: list[Check]) -> int:
    """Return the exit code for results: 1 if one failed."""
    return int(any(check.status == "failed" for check in checks))
