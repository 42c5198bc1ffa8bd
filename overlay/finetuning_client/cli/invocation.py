"""One run of the command: its common options, the client that they describe, and what to close at the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .terminal import paint

if TYPE_CHECKING:
    from finetuning_client import FineTuning, Job

    from ..operation_settings import Limits
    from .child_emulator import ChildEmulator
    from .profiles import Profile


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

    @property
    def client(self) -> FineTuning:
        """The client of the server that the options name. Raises `ConfigurationError`."""
        if self._client is None:
            from finetuning_client import FineTuning

            self._client = FineTuning(**self.client_options())
        return self._client

    def client_options(self) -> dict[str, Any]:
        """Return the arguments of the client, for which a temporary emulator is started if it is wanted."""
        if self.emulate:
            if self.emulator is None:
                from .child_emulator import ChildEmulator

                self.emulator = ChildEmulator(self.speed)
            return {"base_url": self.emulator.base_url, "api_key": "sk-emulator", "admin_key": "sk-admin"}
        found = self.used_profile
        options = {} if found is None else found.client_options()
        if self.base_url is not None:
            options["base_url"] = self.base_url
        if "api_key" not in options and not os.environ.get("OPENAI_API_KEY"):
            from ..errors import ConfigurationError

            raise ConfigurationError(
                "no API key: set OPENAI_API_KEY, choose a --profile that has one, or try it with --emulate"
            )
        return options

    @property
    def used_profile(self) -> Profile | None:
        """The profile that is used, if any. Raises `ConfigurationError`."""
        from .profiles import read_profile

        return None if self.emulate else read_profile(self.profile)

    @property
    def limits(self) -> Limits:
        """The limits that requests must satisfy: those of the contract, unless the profile says otherwise."""
        found = self.used_profile
        return "none" if found is not None and found.fields.get("limits") == "none" else "contract"

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
            from .near_ids import suggestion

            if len(ids) == 1 and (text := suggestion(self, kind, ids[0])):
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
            raise Declined(f"{question} There is no terminal to ask: add --yes")
        import click

        if not click.confirm(question, err=True):
            raise Declined("nothing was done")

    def close(self) -> None:
        """Close the client, and end the emulator."""
        closers: list[Callable[[], None]] = [thing.close for thing in (self._client, self.emulator) if thing]
        self._client = self.emulator = None
        for close in closers:
            close()


class Declined(Exception):
    """The user did not confirm."""
