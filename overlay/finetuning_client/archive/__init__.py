"""Jobs and all that belongs to them, saved in a directory: written by `client.archive`, read by `Archive`.

`docs/archive.md` describes the format.
"""

from .archive import Archive
from .handles import ArchivedJob
from .verification import ArchiveProblem, ArchiveReport

__all__ = ["Archive", "ArchiveProblem", "ArchiveReport", "ArchivedJob"]
