"""Jobs and everything that belongs to them, saved in a directory by `client.archive` and read by `Archive`.

`docs/archive.md` describes the format.
"""

from .archive import Archive
from .handles import ArchivedJob
from .verification import ArchiveProblem, ArchiveReport

__all__ = ["Archive", "ArchiveProblem", "ArchiveReport", "ArchivedJob"]
