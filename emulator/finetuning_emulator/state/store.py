"""The whole state of an emulator: the database's tables and the folder of contents."""

from __future__ import annotations

from pathlib import Path

from finetuning_emulator.controls.clock import Anchor
from finetuning_emulator.state.content import ContentFolder
from finetuning_emulator.state.database import Database
from finetuning_emulator.state.files import FILES_SCHEMA, FileTable
from finetuning_emulator.state.jobs import JOBS_SCHEMA, JobTable
from finetuning_emulator.state.models import MODELS_SCHEMA, ModelTable
from finetuning_emulator.state.permissions import PERMISSIONS_SCHEMA, PermissionTable
from finetuning_emulator.state.recordings import RECORDINGS_SCHEMA, Recordings
from finetuning_emulator.state.uploads import UPLOADS_SCHEMA, UploadTable

__all__ = ["Store"]

_SCHEMAS = (FILES_SCHEMA, JOBS_SCHEMA, MODELS_SCHEMA, UPLOADS_SCHEMA, PERMISSIONS_SCHEMA, RECORDINGS_SCHEMA)


class Store:
    """The state at a path, or in memory with `":memory:"`.

    Raises:
        StateUnavailable: the state cannot be opened.
    """

    def __init__(self, state: str | Path = ":memory:") -> None:
        self.database = Database(str(state), ";".join(_SCHEMAS))
        try:
            self.content = ContentFolder(str(state))
        except BaseException:
            self.database.close()
            raise
        self.files = FileTable(self.database)
        self.jobs = JobTable(self.database)
        self.models = ModelTable(self.database)
        self.uploads = UploadTable(self.database)
        self.permissions = PermissionTable(self.database)
        self.recordings = Recordings(self.database, self.content)

    def close(self) -> None:
        """Close the state; a state in memory is lost."""
        self.database.close()
        self.content.close()

    def clear(self) -> None:
        """Delete everything."""
        self.database.clear()
        self.jobs.clear_cache()
        self.content.clear()

    def keep_anchor(self, anchor: Anchor) -> None:
        """Store the position of the clock."""
        with self.database.transaction(anchor):
            pass
