"""One run of the command: its common options, the client that they describe, and the cleanup."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .terminal import paint

if TYPE_CHECKING:
    from finetuning_client import FineTuning, Job

    from ..operation_settings import Settings
    from .child_emulator import ChildEmulator
    from .log_notes import LogNotes
    from .profiles import Profile

HOSTED = "https://api.openai.com/v1"
"""The server that is used if nothing names another."""


class Invocation:
    """State of one run of the command.

    Attributes:
        profile, base_url, emulate, speed, quiet, debug: the common options, as they were given.
        emulator: the temporary emulator, once it has started.
    """

    def __init__(self) -> None:
        self.profile: str | None = None
        self.base_url: str | None = None
        self.emulate = False
        self.speed = 60.0
        self.quiet = False
        self.debug = False
        self.emulator: ChildEmulator | None = None
        self._client: FineTuning | None = None
        self._notes: LogNotes | None = None

    @property
    def client(self) -> FineTuning:
        """The client of the server that the options name. Raises `ConfigurationError`."""
        if self._client is None:
            from .log_notes import LogNotes

            self._client = self.new_client()
            self._notes = LogNotes(self.note)
        return self._client

    def new_client(self, **changes: Any) -> FineTuning:
        """Return another client of the server, with changed arguments. Raises `ConfigurationError`."""
        from finetuning_client import ConfigurationError, FineTuning

        options = {**self.client_options(), **changes}
        endpoint = options.pop("azure_endpoint", None)
        try:
            return FineTuning(**options) if endpoint is None else FineTuning.azure(endpoint, **options)
        except ConfigurationError as error:
            if (profile := self.used_profile) is None:
                raise
            raise ConfigurationError(f"profile {profile.name!r}: {error}") from error

    def client_options(self) -> dict[str, Any]:
        """Return the arguments of the client, for which a temporary emulator is started if it is wanted."""
        from ..errors import ConfigurationError

        if self.emulate:
            if self.base_url is not None:
                raise ConfigurationError("--emulate and --base-url name two servers: give only one of them")
            if self.emulator is None:
                from .child_emulator import ChildEmulator

                self.emulator = ChildEmulator(self.speed)
            return {"base_url": self.emulator.base_url, "api_key": "sk-emulator", "admin_key": "sk-admin"}
        from .profiles import AZURE_FIELDS, key_variable

        found = self.used_profile
        options = {} if found is None else found.client_options()
        if self.base_url is not None:
            options = {name: value for name, value in options.items() if name not in AZURE_FIELDS}
            options["base_url"] = self.base_url
        variable = key_variable(options)
        if "api_key" not in options and not os.environ.get(variable):
            raise ConfigurationError(
                f"no API key: set {variable}, choose a --profile that has one, or try it with --emulate"
            )
        return options

    def server(self) -> tuple[str, str]:
        """Return the base URL of the server, and where it comes from."""
        if self.emulate:
            return str(self.client_options()["base_url"]), "--emulate"
        if self.base_url:
            return self.base_url, "--base-url"
        profile = self.used_profile
        if profile is not None and "azure_endpoint" in profile.fields:
            from ..transport.configuration import azure_base_url

            return azure_base_url(profile.fields["azure_endpoint"]), f"profile {profile.name!r}"
        if profile is not None and "base_url" in profile.fields:
            return profile.fields["base_url"], f"profile {profile.name!r}"
        if value := os.environ.get("OPENAI_BASE_URL"):
            return value, "OPENAI_BASE_URL"
        return HOSTED, "default"

    @property
    def used_profile(self) -> Profile | None:
        """The profile that is used, if any. Raises `ConfigurationError`."""
        from .profiles import read_profile

        return None if self.emulate else read_profile(self.profile)

    @property
    def settings(self) -> Settings:
        """Settings of requests for jobs from the profile: their limits and further fields."""
        from ..operation_settings import Settings
        from ..transport.configuration import azure_job_fields

        found = self.used_profile
        fields = {} if found is None else found.fields
        return Settings(
            limits="none" if fields.get("limits") == "none" else "contract",
            job_fields=azure_job_fields(fields.get("training_type")),
        )

    def return_command(self, command: str) -> str:
        """Return a command line that does `command` with the server of this one."""
        options = [("--profile", self.profile), ("--base-url", self.base_url)]
        return " ".join([f"finetuning {command}", *(f"{name} {value}" for name, value in options if value)])

    def job(self, job_id: str) -> Job:
        """Return a job. An error for an id that does not exist suggests near ones."""
        with self.suggesting("jobs", job_id):
            return self.client.jobs.retrieve(job_id)

    @contextmanager
    def suggesting(self, kind: str, *ids: str) -> Iterator[None]:
        """Add a suggestion to an error about an id of `kind`: `jobs`, `files` or `models`."""
        from finetuning_client import InvalidRequestError, NotFound

        try:
            yield
        except (NotFound, InvalidRequestError) as error:
            from .server_ids import suggestion

            if len(ids) == 1 and (text := suggestion(lambda: self.client, kind, ids[0])):
                error.add_note(text)
            raise

    def note(self, text: str, style: str | None = None) -> None:
        """Write a line for people on the standard error, unless `--quiet` was given."""
        if not self.quiet:
            sys.stderr.write(paint(text, style, sys.stderr) + "\n")
            sys.stderr.flush()

    def confirm(self, question: str, *, yes: bool) -> None:
        """Return if the user agrees. Raises `Declined` otherwise, also where there is no terminal to ask."""
        if yes:
            return
        if not sys.stdin.isatty():
            raise Declined(f"{question} Cannot ask without a terminal: add --yes")
        from .terminal import agrees

        if not agrees(question):
            raise Declined("nothing was done")

    def close(self) -> None:
        """Close the client, and end the emulator."""
        things = (self._client, self._notes, self.emulator)
        closers: list[Callable[[], None]] = [thing.close for thing in things if thing is not None]
        self._client = self._notes = self.emulator = None
        for close in closers:
            close()


class Declined(Exception):
    """The user did not confirm."""
