"""Configuration of the connection: base URL, keys and timeouts from arguments or the environment, checked."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import httpx

from ..arguments import is_number
from ..errors import ConfigurationError
from ..record import replace
from ..version import __version__
from .connection import ACCEPT, Connection
from .credentials import Credentials, Key, hidden
from .loopback import is_loopback

if TYPE_CHECKING:
    from ..open_status import Meaning

_AZURE_HOSTS = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
_HOSTED = "https://api.openai.com/v1"


class _Unchanged:
    """The default of an option for which `None` is a value."""

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
    """Return the connection for the arguments of a client; `client` names its class in errors.

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
        credentials=Credentials(key, admin, _checked_header_name(key_header)),
        headers=standard_headers(organization, project, headers),
        timeout=_checked_timeout(timeout),
    )


def changed_connection(
    connection: Connection, *, timeout: float | httpx.Timeout | None, headers: Mapping[str, str]
) -> Connection:
    """Return the connection with another timeout and further headers, unless they are `UNCHANGED`."""
    if timeout is not UNCHANGED:
        connection = replace(connection, timeout=_checked_timeout(timeout))
    if headers is not UNCHANGED:
        merged = {**connection.headers, **_checked_headers(headers)}
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
                f"{name} is set by azure(endpoint): leave it out, or create the client without azure()"
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
    """Return the fields of every job creation request on Azure. Raises `ConfigurationError`."""
    if training_type is None:
        return {}
    if not isinstance(training_type, str) or not training_type.strip():
        raise ConfigurationError(
            f"training_type must be a string such as 'GlobalStandard', or None, not {training_type!r:.80}"
        )
    return {"trainingType": training_type}


def checked_base_url(text: str | None, *, allow_http: bool) -> str:
    """Return a base URL without a slash at its end; the hosted service for `None`.

    Raises `ConfigurationError`.
    """
    if text is None:
        return _HOSTED
    if not isinstance(text, str):
        raise ConfigurationError(f"base_url must be a string such as {_HOSTED}, not {text!r}")
    try:
        url = httpx.URL(text.strip())
    except (httpx.InvalidURL, ValueError) as error:
        raise ConfigurationError(f"base_url {text!r} is not a URL: {error}") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ConfigurationError(
            f"base_url {text!r} must begin with https:// and name a host, such as {_HOSTED}"
        )
    if url.query or url.fragment or url.userinfo:
        raise ConfigurationError("base_url must not contain a user name, a query or a fragment")
    if url.scheme == "http" and not allow_http and not is_loopback(url.host):
        raise ConfigurationError(
            f"base_url {text!r} would send the key unencrypted to another machine: use https, "
            "or set allow_http=True"
        )
    return str(url).rstrip("/")


def refuses_bad_data(base_url: str) -> bool:
    """Return whether the server is known to fail jobs for errors in their data.

    This is true of the hosted service and Azure, and of loopback addresses, where an emulator is assumed.
    """
    host = httpx.URL(base_url).host
    return is_loopback(host) or host.endswith((".openai.com", *_AZURE_HOSTS))


def azure_base_url(endpoint: str) -> str:
    """Return the base URL of an Azure resource's `/openai/v1` API."""
    address = str(endpoint).strip().rstrip("/").removesuffix("/openai/v1").removesuffix("/openai")
    return f"{address}/openai/v1"


def _checked_header_name(name: str) -> str:
    """Return the name, if it is valid for a header. Raises `ConfigurationError`."""
    good = isinstance(name, str) and name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    if not good:
        raise ConfigurationError(f"{name!r} is not a valid header name")
    return name


def standard_headers(
    organization: str | None, project: str | None, more: Mapping[str, str] | None
) -> dict[str, str]:
    """Return the headers of every request."""
    headers = {"User-Agent": f"finetuning-client/{__version__}", "Accept": ACCEPT}
    if organization:
        headers["OpenAI-Organization"] = organization
    if project:
        headers["OpenAI-Project"] = project
    return {**_checked_headers(headers), **_checked_headers({} if more is None else more)}


def _checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers by lower-case name, if each can be sent. Raises `ConfigurationError`."""
    if not isinstance(headers, Mapping):
        raise ConfigurationError(f"headers must be a mapping, not {type(headers).__name__}")
    for name, value in headers.items():
        _checked_header_name(name)
        if name.lower() == "authorization":
            raise ConfigurationError("Authorization is set by api_key, not by headers")
        if (
            not isinstance(value, str)
            or not value.isascii()
            or not value.isprintable()
            or value != value.strip()
        ):
            raise ConfigurationError(
                f"header {name}: its value must be printable ASCII text without line breaks"
            )
    return {name.lower(): value for name, value in headers.items()}


def _checked_timeout(value: float | httpx.Timeout | None) -> float | httpx.Timeout | None:
    """Return the timeout, if it is valid. Raises `ConfigurationError`."""
    if value is None or isinstance(value, httpx.Timeout):
        return value
    if not is_number(value) or not value > 0:
        raise ConfigurationError(f"timeout must be a number of seconds above 0, or None, not {value!r}")
    return None if math.isinf(value) else value
