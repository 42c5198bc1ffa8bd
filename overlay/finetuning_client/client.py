"""`FineTuning` and `AsyncFineTuning`: one connection pool, its keys and settings, and the resources on it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import httpx

from . import passthrough
from .checkpoints import AsyncCheckpoints, Checkpoints
from .credentials import Credentials, Key, hidden
from .drivers import AsyncClock, AsyncDriver, Clock, Driver
from .errors import ConfigurationError
from .files import AsyncFiles, Files
from .graders import AsyncGraders, Graders
from .handles import Context
from .jobs import AsyncJobs, Jobs
from .models import AsyncModels, Models
from .observation import Observer, OnRequest, OnResponse, last_answer
from .plans.effects import Answer
from .policies import Conduct, RetryPolicy
from .target import (
    Target,
    azure_base_url,
    base_url_of,
    checked_headers,
    header_name,
    standard_headers,
    timeout_of,
)
from .uploads import AsyncUploads, Uploads

if TYPE_CHECKING:
    from finetuning_api import AuthenticatedClient

__all__ = ["AsyncFineTuning", "FineTuning"]

D = TypeVar("D", Driver, AsyncDriver)

# Stands for "as it was" where None has a meaning of its own.
_KEEP: Any = object()


def _target(
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
) -> Target:
    """Arguments first, then the environment; checked."""
    key = api_key if api_key is not None else hidden(os.environ.get("OPENAI_API_KEY"))
    if not key:
        raise ConfigurationError("there is no API key: give FineTuning(api_key=...) or set OPENAI_API_KEY")
    admin = admin_key if admin_key is not None else hidden(os.environ.get("OPENAI_ADMIN_KEY") or None)
    address = base_url if base_url is not None else os.environ.get("OPENAI_BASE_URL") or None
    organization = organization or os.environ.get("OPENAI_ORG_ID")
    project = project or os.environ.get("OPENAI_PROJECT_ID")
    return Target(
        base_url=base_url_of(address, allow_http=allow_http),
        credentials=Credentials(key, admin, header_name(key_header)),
        headers=standard_headers(organization, project, headers),
        timeout=timeout_of(timeout),
    )


def _azure_options(endpoint: str | None, api_key: str | None, token_provider: Key | None) -> dict[str, Any]:
    """The arguments of a client that reaches Azure."""
    address = endpoint or os.environ.get("AZURE_OPENAI_ENDPOINT")
    if not address:
        raise ConfigurationError("there is no endpoint: give azure(endpoint) or set AZURE_OPENAI_ENDPOINT")
    if token_provider is not None:
        return {"base_url": azure_base_url(address), "api_key": token_provider}
    key = api_key or hidden(os.environ.get("AZURE_OPENAI_API_KEY"))
    if not key:
        raise ConfigurationError(
            "there is no key: give azure(api_key=... or token_provider=...) or set AZURE_OPENAI_API_KEY"
        )
    return {"base_url": azure_base_url(address), "api_key": key, "key_header": "api-key"}


class FineTuning:
    """The fine-tuning API, by blocking calls. Safe to share between threads.

    Args:
        api_key: the key, or a function that gives one for each attempt; else `OPENAI_API_KEY`.
        base_url: where the API is, version included; else `OPENAI_BASE_URL`, else the hosted service.
        admin_key: the key for administrators' operations; else `OPENAI_ADMIN_KEY`.
        organization, project: whose resources to use; else `OPENAI_ORG_ID`, `OPENAI_PROJECT_ID`.
        timeout: seconds for one attempt (connecting, and between any two pieces of data), or an
            `httpx.Timeout`; `None` for no limit.
        retry: how requests are tried; `RetryPolicy(max_attempts=1)` to try once.
        http_client: a connection pool of your own, with its proxy, certificates and transport; it is not
            closed with this client.
        headers: further headers for every request.
        exactly_once: whether a creation whose answer was lost is looked up before it is sent again. Without
            it such a creation raises at once, and nothing is added to a job's metadata.
        strict: whether every answer is checked against the contract: types, required fields, known values. A
            deviation raises `InvalidResponse` with its place. By default answers are read tolerantly.
        allow_http: whether plain `http` may go to a host other than this machine; keys would be readable.
        key_header: the header that carries the key; any but `Authorization` carries it without `Bearer`.
        on_request: called with each request before it is sent.
        on_response: called after each with the request, the answer or what broke it, and the seconds it took.
        clock: what tells the time and sleeps, for tests.

    Raises `ConfigurationError` for settings that cannot work.
    """

    jobs: Jobs
    """Fine-tuning jobs."""
    files: Files
    """Files."""
    uploads: Uploads
    """Files on their way in parts."""
    checkpoints: Checkpoints
    """Sharing checkpoints; needs an admin key."""
    graders: Graders
    """Trying graders."""
    models: Models
    """The models that can be used."""

    def __init__(
        self,
        *,
        api_key: Key | None = None,
        base_url: str | None = None,
        admin_key: Key | None = None,
        organization: str | None = None,
        project: str | None = None,
        timeout: float | httpx.Timeout | None = 60.0,
        retry: RetryPolicy | None = None,
        http_client: httpx.Client | None = None,
        headers: Mapping[str, str] | None = None,
        exactly_once: bool = True,
        strict: bool = False,
        allow_http: bool = False,
        key_header: str = "Authorization",
        on_request: OnRequest | None = None,
        on_response: OnResponse | None = None,
        clock: Clock | None = None,
    ) -> None:
        api_key, admin_key = hidden(api_key), hidden(admin_key)
        if http_client is not None and not isinstance(http_client, httpx.Client):
            raise ConfigurationError(f"http_client must be an httpx.Client, not {type(http_client).__name__}")
        target = _target(
            api_key=api_key,
            base_url=base_url,
            admin_key=admin_key,
            organization=organization,
            project=project,
            timeout=timeout,
            headers=headers,
            allow_http=allow_http,
            key_header=key_header,
        )
        self._owns_pool = http_client is None
        observer = Observer(on_request, on_response)
        driver = Driver(http_client or httpx.Client(), target, clock, observer)
        conduct = Conduct(
            retry=RetryPolicy() if retry is None else retry, exactly_once=exactly_once, strict=strict
        )
        self._use(Context(driver, conduct))

    def _use(self, context: Context[Driver]) -> None:
        self._context = context
        self.jobs = Jobs(context)
        self.files = Files(context)
        self.uploads = Uploads(context)
        self.checkpoints = Checkpoints(context)
        self.graders = Graders(context)
        self.models = Models(context)

    @classmethod
    def azure(
        cls,
        endpoint: str | None = None,
        *,
        api_key: str | None = None,
        token_provider: Key | None = None,
        **options: Any,
    ) -> Self:
        """A client of Azure's `/openai/v1/` surface.

        Args:
            endpoint: of the resource, `https://NAME.openai.azure.com`; else `AZURE_OPENAI_ENDPOINT`.
            api_key: the resource's key; else `AZURE_OPENAI_API_KEY`.
            token_provider: instead of a key, a function that gives a fresh token of Microsoft Entra ID.
            options: any other argument of the class but `base_url` and `key_header`.
        """
        api_key = hidden(api_key)
        options = {n: hidden(v) if n == "admin_key" else v for n, v in options.items()}
        return cls(**_azure_options(endpoint, api_key, token_provider), **options)

    @property
    def api(self) -> AuthenticatedClient:
        """A client for calling `finetuning_api` functions directly, with this one's keys and pool."""
        driver = self._context.driver
        return passthrough.client(driver.target, sync=driver.http)

    @property
    def last_response(self) -> Answer | None:
        """The last answer in this thread or task: `status`, `headers`, `request_id`, `body`."""
        return last_answer()

    def with_options(
        self,
        *,
        timeout: float | httpx.Timeout | None = _KEEP,
        retry: RetryPolicy = _KEEP,
        headers: Mapping[str, str] = _KEEP,
    ) -> Self:
        """A client on the same pool with other settings; `headers` are added to those there are.

        Closing it closes nothing: the pool belongs to the client it came from.
        """
        other = type(self).__new__(type(self))
        other._owns_pool = False  # noqa: SLF001  of its own class
        other._use(_with_options(self._context, timeout, retry, headers))  # noqa: SLF001
        return other

    def close(self) -> None:
        """Close the connections, unless the pool was given from outside."""
        if self._owns_pool:
            self._context.driver.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self._context.driver.target.base_url}>"


class AsyncFineTuning:
    """The fine-tuning API, by awaited calls. `FineTuning` has the details.

    A key may also be given by a coroutine function; `http_client` is an `httpx.AsyncClient`.
    """

    jobs: AsyncJobs
    """Fine-tuning jobs."""
    files: AsyncFiles
    """Files."""
    uploads: AsyncUploads
    """Files on their way in parts."""
    checkpoints: AsyncCheckpoints
    """Sharing checkpoints; needs an admin key."""
    graders: AsyncGraders
    """Trying graders."""
    models: AsyncModels
    """The models that can be used."""

    def __init__(
        self,
        *,
        api_key: Key | None = None,
        base_url: str | None = None,
        admin_key: Key | None = None,
        organization: str | None = None,
        project: str | None = None,
        timeout: float | httpx.Timeout | None = 60.0,
        retry: RetryPolicy | None = None,
        http_client: httpx.AsyncClient | None = None,
        headers: Mapping[str, str] | None = None,
        exactly_once: bool = True,
        strict: bool = False,
        allow_http: bool = False,
        key_header: str = "Authorization",
        on_request: OnRequest | None = None,
        on_response: OnResponse | None = None,
        clock: AsyncClock | None = None,
    ) -> None:
        api_key, admin_key = hidden(api_key), hidden(admin_key)
        if http_client is not None and not isinstance(http_client, httpx.AsyncClient):
            raise ConfigurationError(
                f"http_client must be an httpx.AsyncClient, not {type(http_client).__name__}"
            )
        target = _target(
            api_key=api_key,
            base_url=base_url,
            admin_key=admin_key,
            organization=organization,
            project=project,
            timeout=timeout,
            headers=headers,
            allow_http=allow_http,
            key_header=key_header,
        )
        self._owns_pool = http_client is None
        driver = AsyncDriver(
            http_client or httpx.AsyncClient(), target, clock, Observer(on_request, on_response)
        )
        conduct = Conduct(
            retry=RetryPolicy() if retry is None else retry, exactly_once=exactly_once, strict=strict
        )
        self._use(Context(driver, conduct))

    def _use(self, context: Context[AsyncDriver]) -> None:
        self._context = context
        self.jobs = AsyncJobs(context)
        self.files = AsyncFiles(context)
        self.uploads = AsyncUploads(context)
        self.checkpoints = AsyncCheckpoints(context)
        self.graders = AsyncGraders(context)
        self.models = AsyncModels(context)

    @classmethod
    def azure(
        cls,
        endpoint: str | None = None,
        *,
        api_key: str | None = None,
        token_provider: Key | None = None,
        **options: Any,
    ) -> Self:
        """A client of Azure's `/openai/v1/` surface; see `FineTuning.azure`."""
        api_key = hidden(api_key)
        options = {n: hidden(v) if n == "admin_key" else v for n, v in options.items()}
        return cls(**_azure_options(endpoint, api_key, token_provider), **options)

    @property
    def api(self) -> AuthenticatedClient:
        """A client for calling `finetuning_api` functions directly, with this one's keys and pool."""
        driver = self._context.driver
        return passthrough.client(driver.target, awaited=driver.http)

    @property
    def last_response(self) -> Answer | None:
        """The last answer in this thread or task: `status`, `headers`, `request_id`, `body`."""
        return last_answer()

    def with_options(
        self,
        *,
        timeout: float | httpx.Timeout | None = _KEEP,
        retry: RetryPolicy = _KEEP,
        headers: Mapping[str, str] = _KEEP,
    ) -> Self:
        """A client on the same pool with other settings; see `FineTuning.with_options`."""
        other = type(self).__new__(type(self))
        other._owns_pool = False  # noqa: SLF001  of its own class
        other._use(_with_options(self._context, timeout, retry, headers))  # noqa: SLF001
        return other

    async def close(self) -> None:
        """Close the connections, unless the pool was given from outside."""
        if self._owns_pool:
            await self._context.driver.http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self._context.driver.target.base_url}>"


def _with_options(
    context: Context[D],
    timeout: float | httpx.Timeout | None,
    retry: RetryPolicy,
    headers: Mapping[str, str],
) -> Context[D]:
    driver = context.driver
    target = driver.target
    if timeout is not _KEEP:
        target = replace(target, timeout=timeout_of(timeout))
    if headers is not _KEEP:
        target = replace(target, headers={**target.headers, **checked_headers(headers)})
    return replace(
        context,
        driver=driver.aimed_at(target),
        conduct=context.conduct if retry is _KEEP else replace(context.conduct, retry=retry),
    )
