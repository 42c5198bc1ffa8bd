"""One emulated organization: all operations on one state and one clock."""

from __future__ import annotations

from pathlib import Path

from finetuning_emulator.controls.clock import Clock, Milliseconds
from finetuning_emulator.controls.faults import FaultSet
from finetuning_emulator.controls.scenarios import ScenarioQueue
from finetuning_emulator.operations.files import Files
from finetuning_emulator.operations.jobs import Jobs
from finetuning_emulator.operations.models import Models
from finetuning_emulator.operations.permissions import Permissions
from finetuning_emulator.operations.uploads import Uploads
from finetuning_emulator.state.archive import Archive
from finetuning_emulator.state.recordings import latest_time
from finetuning_emulator.state.store import Store

__all__ = ["Organization"]


class Organization:
    """The files, jobs, models, uploads and permissions of an organization, with their controls."""

    def __init__(self, store: Store, clock: Clock, *, python_graders: bool = False) -> None:
        self.python_graders = python_graders
        self._store = store
        self.clock = clock
        self.scenarios = ScenarioQueue()
        self.faults = FaultSet()
        if (anchor := store.database.anchor()) is not None:
            clock.resume(anchor)
        clock.skip_to(store.jobs.last_settled())
        store.keep_anchor(clock.anchor())
        self.files = Files(store, clock)
        self.jobs = Jobs(store, clock, self.scenarios)
        self.models = Models(store, clock)
        self.uploads = Uploads(store, clock)
        self.permissions = Permissions(store, clock)

    def close(self) -> None:
        """Store the position of the clock and close the state."""
        try:
            self._store.keep_anchor(self.clock.anchor(stopping=True))
        finally:
            self._store.close()

    def load(self, directory: str | Path) -> None:
        """Add the jobs of an archive, and move the clock forward so that all of it is in the past.

        Raises:
            StateUnavailable: the archive cannot be read, or is damaged; then nothing is added.
        """
        archive = Archive(directory)
        self.clock.pass_time(latest_time(archive))
        self._store.recordings.load(archive, self.clock.now(), self.clock.anchor())
        self._store.jobs.clear_cache()

    def advance(self, milliseconds: Milliseconds) -> None:
        """Move the clock forward."""
        self.clock.advance(milliseconds)
        self._store.keep_anchor(self.clock.anchor())

    def reset(self) -> None:
        """Delete files, jobs, models, scenarios and faults, and restart the clock."""
        self.jobs.reset()
        self.scenarios.clear()
        self.faults.clear()
        self.clock.restart()
        self._store.keep_anchor(self.clock.anchor())
