"""Configuration of a client: arguments first, then environment variables, each checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError
from ..record import replace
from .connection import (
    Connection,
    azure_base_url,
    checked_base_url,
    checked_header_name,
    checked_headers,
    checked_timeout,
    standard_headers,
)
from .credentials import Credentials, Key, hidden

if TYPE_CHECKING:
    import httpx

    from ..open_status import Meaning


class _Unchanged:
    """The default of an option for which `None` has a meaning of its own."""

    def __repr__(self) -> str:
        return "unchanged"


UNCHANGED: Any = _Unchanged()
"""Stands for a setting that is left as it was."""


def configured_connection(
    client: str,
    *,
    api_key: Key | None,
    base_url: str | None,
    admin_key: Key | None,
    organization: str | None,
    project: str | None,
    timeout: float | httpx.Timeout | None,
    headers: Mapping[str, str] | None,
    allow_http: bool,
    key_header: str,
) -> Connection:
    """Return the connection for the arguments of a client; `client` is the name of its class, for errors.

    Raises `ConfigurationError`.
    """
    key = api_key if api_key is not None else hidden(os.environ.get("OPENAI_API_KEY"))
    if not key:
        raise ConfigurationError(f"no API key: pass {client}(api_key=...) or set OPENAI_API_KEY")
    admin = admin_key if admin_key is not None else hidden(os.environ.get("OPENAI_ADMIN_KEY") or None)
    address = base_url if base_url is not None else os.environ.get("OPENAI_BASE_URL") or None
    organization = organization or os.environ.get("OPENAI_ORG_ID")
    project = project or os.environ.get("OPENAI_PROJECT_ID")
    return Connection(
        base_url=checked_base_url(address, allow_http=allow_http),
        credentials=Credentials(key, admin, checked_header_name(key_header)),
        headers=standard_headers(organization, project, headers),
        timeout=checked_timeout(timeout),
    )


def changed_connection(
    connection: Connection, *, timeout: float | httpx.Timeout | None, headers: Mapping[str, str]
) -> Connection:
    """Return the connection with another timeout and further headers, unless they are `UNCHANGED`."""
    if timeout is not UNCHANGED:
        connection = replace(connection, timeout=checked_timeout(timeout))
    if headers is not UNCHANGED:
        merged = {**connection.headers, **checked_headers(headers)}
        connection = replace(connection, headers=merged)
    return connection


def azure_options(
    endpoint: str | None, api_key: str | None, token_provider: Key | None, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the arguments of a client for Azure. Raises `ConfigurationError`."""
    address = endpoint or os.environ.get("AZURE_OPENAI_ENDPOINT")
    if not address:
        raise ConfigurationError("no endpoint: pass azure(endpoint) or set AZURE_OPENAI_ENDPOINT")
    for name in ("base_url", "key_header"):
        if name in options:
            raise ConfigurationError(
                f"{name} is set by azure(endpoint): leave it out, or use the class itself"
            )
    if token_provider is not None:
        return {"base_url": azure_base_url(address), "api_key": token_provider, **options}
    key = hidden(api_key) or hidden(os.environ.get("AZURE_OPENAI_API_KEY"))
    if not key:
        raise ConfigurationError(
            "no key: pass azure(api_key=...) or azure(token_provider=...), or set AZURE_OPENAI_API_KEY"
        )
    return {"base_url": azure_base_url(address), "api_key": key, "key_header": "api-key", **options}


def configured_statuses(statuses: Mapping[str, str] | None) -> Mapping[str, Meaning]:
    """Return the statuses that a client declares. Raises `ConfigurationError`."""
    if statuses is None:
        return {}
    # Loaded here: few clients declare any.
    from ..open_status import declared_statuses

    return declared_statuses(statuses)


def azure_job_fields(training_type: str | None) -> dict[str, str]:
    """Return the fields of every request for a job at Azure. Raises `ConfigurationError`."""
    if training_type is None:
        return {}
    if not isinstance(training_type, str) or not training_type.strip():
        raise ConfigurationError(
            f"training_type must be a text such as 'GlobalStandard', or None, not {training_type!r:.80}"
        )
    return {"trainingType": training_type}
