"""The client: a connection pool, its keys and settings, and the resources on it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import httpx

from ..errors import ConfigurationError
from ..holders import HoldsClient
from ..limits_setting import Limits
from ..operation_settings import Settings
from ..plans.effects import Plan, Response
from ..retry import RetryPolicy
from ..transport.clocks import AsyncClock
from ..transport.configuration import (
    UNCHANGED,
    azure_job_fields,
    azure_options,
    changed_connection,
    configured_connection,
    configured_statuses,
    refuses_bad_data,
)
from ..transport.credentials import Key, hidden
from ..transport.drivers import AsyncDriver
from ..transport.hooks import Hooks, OnRequest, OnResponse, last_response
from ..transport.pool import AsyncPool
from .resources_of_client import AsyncResources

if TYPE_CHECKING:
    from finetuning_api import AuthenticatedClient
    from finetuning_api.models.fine_tuning_job import FineTuningJob

    from ..archive.archive import Archive
    from .job_handle import AsyncJob


class AsyncFineTuning(HoldsClient, AsyncResources):
    """A client for the fine-tuning API, safe to share between threads or, if async, tasks of one event loop.

    Args:
        api_key: the key, or a function that returns one for each attempt (an asynchronous client also takes a
            coroutine function); by default `OPENAI_API_KEY`.
        base_url: the URL of the API, including the version; by default `OPENAI_BASE_URL`, or else the hosted
            service.
        admin_key: the key for administrators' operations; by default `OPENAI_ADMIN_KEY`.
        organization, project: whose resources to use; by default `OPENAI_ORG_ID` and `OPENAI_PROJECT_ID`.
        timeout: seconds for connecting, and for one attempt once it has a connection. For file transfers it
            limits the gap between any two pieces of data instead, as the values in an `httpx.Timeout` always
            do. `None` for no limit.
        retry: how requests are retried; `RetryPolicy(max_attempts=1)` to try only once.
        http_client: a connection pool of your own, with its proxy, certificates and transport; it is not
            closed with this client.
        headers: additional headers for every request.
        exactly_once: whether a creation whose response was lost is looked up before it is sent again. If
            false, such a creation raises at once, and nothing is added to a job's metadata.
        strict: whether every response is checked against the contract: types, required fields, known values.
            A deviation raises `InvalidResponse`, which names the field. By default responses are read
            leniently.
        allow_http: whether plain `http` may be used for a host other than this machine; keys are then sent
            unencrypted.
        key_header: the header that carries the key; any other than `Authorization` carries it without
            `Bearer`.
        on_request: called with each request before it is sent.
        on_response: called after each request with the request, the response or failure, and the seconds
            taken.
        clock: a clock of your own, for tests: it tells the time and sleeps.
        statuses: meanings of statuses that only this server has, such as `{"done": "succeeded"}`: for final
            ones `succeeded`, `failed` or `cancelled`, otherwise `active`, `paused` or `cancelling`. Case and
            punctuation do not matter. They apply to jobs, files and uploads.
        limits: `"none"` drops the bounds, lengths, patterns and enumerated values that the contract sets for
            requests, for servers with different limits; types and required fields are still checked.

    Raises `ConfigurationError` for settings that cannot work.
    """

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
        statuses: Mapping[str, str] | None = None,
        limits: Limits = "contract",
    ) -> None:
        api_key, admin_key = hidden(api_key), hidden(admin_key)
        if http_client is not None and not isinstance(http_client, httpx.AsyncClient):
            raise ConfigurationError(
                f"http_client must be an httpx.AsyncClient, not {type(http_client).__name__}"
            )
        connection = configured_connection(
            "AsyncFineTuning",
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
        settings = Settings(
            retry=RetryPolicy() if retry is None else retry,
            exactly_once=exactly_once,
            strict=strict,
            statuses=configured_statuses(statuses),
            limits=limits,
            refuses_bad_data=refuses_bad_data(connection.base_url),
        )
        hooks = Hooks(on_request, on_response)
        self._owns_pool = True
        self._driver = AsyncDriver(AsyncPool(http_client, connection), connection, clock, hooks)
        self._settings = settings

    @classmethod
    def azure(
        cls,
        endpoint: str | None = None,
        *,
        api_key: str | None = None,
        token_provider: Key | None = None,
        training_type: str | None = None,
        **options: Any,
    ) -> Self:
        """Return a client for Azure's `/openai/v1/` API.

        Args:
            endpoint: the resource's URL, `https://NAME.openai.azure.com`; by default `AZURE_OPENAI_ENDPOINT`.
            api_key: the resource's key; by default `AZURE_OPENAI_API_KEY`.
            token_provider: instead of a key, a function that returns a fresh Microsoft Entra ID token.
            training_type: where jobs are trained: `Standard`, `GlobalStandard` or `Developer`. It is sent as
                `trainingType` with each job; `None` leaves it out.
            options: any other argument of the class except `base_url` and `key_header`.
        """
        api_key = hidden(api_key)
        options = {name: hidden(v) if name == "admin_key" else v for name, v in options.items()}
        job_fields = azure_job_fields(training_type)
        client = cls(**azure_options(endpoint, api_key, token_provider, options))
        client._settings = client._settings.changed(job_fields=job_fields)
        return client

    @property
    def api(self) -> AuthenticatedClient:
        """A client to call `finetuning_api` functions directly, with this client's keys and connections."""
        from ..transport.generated_client import generated_client_on

        return generated_client_on(self._driver.connection, self._driver.pool)

    @property
    def last_response(self) -> Response | None:
        """The last response in this thread or task: `status`, `headers`, `request_id`, `body`."""
        return last_response()

    def with_options(
        self,
        *,
        timeout: float | httpx.Timeout | None = UNCHANGED,
        retry: RetryPolicy = UNCHANGED,
        headers: Mapping[str, str] = UNCHANGED,
    ) -> Self:
        """Return a client with other settings, sharing the pool; `headers` are added to the existing ones.

        Closing it leaves the pool open, since the pool belongs to the original client.
        """
        other = type(self).__new__(type(self))
        connection = changed_connection(self._driver.connection, timeout=timeout, headers=headers)
        settings = self._settings if retry is UNCHANGED else self._settings.changed(retry=retry)
        other._owns_pool = False  # noqa: SLF001  of its own class
        other._driver = self._driver.with_connection(connection)  # noqa: SLF001
        other._settings = settings  # noqa: SLF001
        return other

    async def archive(
        self,
        directory: str | os.PathLike[str],
        *,
        jobs: Iterable[AsyncJob | str] | None = None,
        metadata: Mapping[str, str] | None = None,
        after: str | None = None,
        since: datetime | float | None = None,
        limit: int | None = None,
        max_bytes: int | None = None,
        on_progress: Callable[[int, int], object] | None = None,
    ) -> Archive:
        """Save jobs in a directory, with everything that belongs to them, and return the archive.

        This includes their events, checkpoints and metrics, the permissions of the checkpoints (with an admin
        key), and the training, validation and result files. A later call on the same directory adds new jobs,
        and refetches what may have changed: jobs that had not ended, and permissions. After an error or a
        crash the next call continues where the last one stopped. `docs/archive.md` describes the format.

        Args:
            directory: created if it does not exist; must be empty or contain an archive.
            jobs: handles or ids of jobs, without the filters below; `None` for all that match the filters.
            metadata: only jobs with these pairs.
            after: id of a job; only jobs that are listed after it.
            since: a time, as a datetime or in Unix seconds; only jobs created at or after it.
            limit: maximum number of jobs, the newest first.
            max_bytes: maximum size of the archive on disk in bytes; exceeding it raises `ArchiveError`.
            on_progress: called with the number of jobs saved so far and the total.

        Raises `ArchiveError` for a directory that cannot be used, or for a full disk; any `ApiError`,
        `ConnectionFailed` or `InvalidResponse` that ends the run.
        """
        from ..archive.archive import Archive
        from ..archive.saving import Selection, save

        selection = Selection(jobs=jobs, metadata=metadata, after=after, since=since, limit=limit)
        plan = save(
            directory,
            selection,
            self._settings,
            source=self._driver.connection.base_url,
            max_bytes=max_bytes,
            on_progress=on_progress,
        )
        return Archive(await self._driver.run(plan))

    async def _created(self, plan: Plan[FineTuningJob]) -> AsyncJob:
        """Run a plan that creates a job, and return its handle."""
        from .job_handle import AsyncJob

        return AsyncJob(self._driver, self._settings, await self._driver.run(plan))

    async def close(self) -> None:
        """Close the connections, unless the pool was supplied by the user."""
        if self._owns_pool:
            await self._driver.pool.close()

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
        # A client whose constructor raised has no driver, and a traceback may show it.
        driver = getattr(self, "_driver", None)
        place = f" at {driver.connection.base_url}" if driver is not None else ", not usable"
        return f"<{type(self).__name__}{place}>"
