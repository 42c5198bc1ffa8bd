"""A run in progress: a folder in the archive that keeps everything the run has fetched, until it is complete.

Everything in it is either a list that grows by whole lines, or a complete file. So a run that was killed
continues where it stopped. The archive itself is not touched before the run has fetched everything; `commit`
then moves the folder's files into it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec
from msgspec import Struct

from ..errors import ArchiveError
from ..open_status import Meaning
from . import format as form
from .disk import Journal, entry_of, on_disk, write_whole
from .finished import Finished, size_of
from .format import content_path, decoded, read_manifest, to_end
from .heads import Head
from .run_end import RUN, commit, finish_commit, is_committing

_INCOMING = "incoming"
_AT_ONCE = 8
# An older run lists the jobs again, since the list may have changed.
_LONGEST_RUN = 86_400


class Terms(Struct, frozen=True, kw_only=True):
    """Terms of a run: which jobs it saves, from which server, and within what limits.

    Attributes:
        source: base URL of the server.
        selection: which jobs; empty for all.
        max_bytes: maximum size of the archive in bytes; `None` for no limit.
        statuses: meanings of the server's own statuses, as they are declared for the client.
    """

    source: str
    selection: dict[str, Any]
    max_bytes: int | None = None
    statuses: Mapping[str, Meaning] = {}


class _Run(Struct):
    selection: dict[str, Any]
    started: int


class Stage:
    """The folder of a run; its methods access the disk. All raise `ArchiveError`.

    Attributes:
        is_done: whether an earlier run only had to be completed, and there is nothing to fetch.
        listed: the ids of the jobs listed so far.
        is_listed: whether those are all.
        refusal: why the server does not show permissions; `None` as long as it has not refused.
    """

    def __init__(self, root: Path, terms: Terms) -> None:
        self._root = root
        self._terms = terms
        self._folder = root / form.STAGE
        self._jobs = Journal(self._folder / form.JOBS)
        self._files = Journal(self._folder / form.FILES)
        self._permissions = Journal(self._folder / form.PERMISSIONS)
        self._lock = Lock()
        self._bytes = 0
        self._heads: Iterator[Head] = iter(())
        self._file_ids: set[str] = set()
        self._shared: set[str] = set()
        self._started = 0
        self._finished: Finished
        self.listed: dict[str, None] = {}
        self.is_listed = self.is_done = False
        self.refusal: str | None = None

    def open(self, now: int) -> None:
        """Prepare the folder: continue its run if that has the same terms, else begin a new one."""
        with on_disk(self._root):
            self._require_archive()
            run = self._run()
            is_same = run is not None and run.selection == self._terms.selection
            is_same = is_same and run is not None and 0 <= now - run.started <= _LONGEST_RUN
            if is_committing(self._root):
                finish_commit(self._root)
                self.is_done = is_same
                if is_same:
                    return
            self._finished = Finished(self._root, self._terms.statuses)
            (self._folder / form.LOGS).mkdir(parents=True, exist_ok=True)
            (self._folder / form.CONTENTS).mkdir(exist_ok=True)
            shutil.rmtree(self._folder / _INCOMING, ignore_errors=True)
            (self._folder / _INCOMING).mkdir()
            if not is_same:
                self._begin(now)
            self._started = run.started if run is not None and is_same else now
            self._resume()

    def add_jobs(self, jobs: Iterable[Mapping[str, Any]]) -> None:
        """Add jobs to the list, except those that are in it."""
        new = {str(job["id"]): job for job in jobs if job["id"] not in self.listed}
        self._spend(self._jobs.append(*({"log": form.log_path(i), "job": job} for i, job in new.items())))
        self.listed.update(dict.fromkeys(new))

    def end_jobs(self) -> None:
        """Mark the list of jobs as complete."""
        if not self.is_listed:
            self._jobs.append(to_end("jobs", len(self.listed)))
            self.is_listed = True
        self._heads = filter(None, map(Head.of_line, self._jobs.open()))

    def next_heads(self) -> list[Head]:
        """Return the heads of the next few jobs; none when all have been returned."""
        with on_disk(self._root):
            return list(islice(self._heads, _AT_ONCE))

    def log(self, head: Head) -> Log | None:
        """Return the log of a job, as far as it exists; `None` if nothing about the job can have changed."""
        with on_disk(self._root):
            return None if self._finished.has_log(head) else Log(self._folder / head.log, self._spend)

    def missing_files(self, heads: Sequence[Head]) -> list[str]:
        """Return the ids of the jobs' files that are not saved."""
        wanted = dict.fromkeys(name for head in heads for name in head.files)
        return [n for n in wanted if n not in self._file_ids and not self._finished.has_file(n)]

    def incoming(self, file_id: str) -> Path:
        """Return a path for the content of a file that is being received."""
        return self._folder / _INCOMING / Path(form.log_path(file_id)).name

    def require_room(self, size: object) -> None:
        """Raise `ArchiveError` if a file of this size would exceed the maximum size."""
        if isinstance(size, int) and self._terms.max_bytes is not None:
            self._require(self._bytes + size)

    def add_file(
        self, file_id: str, file: Mapping[str, Any] | None, content: Path | None, missing: str | None = None
    ) -> None:
        """Add a file: the object, and the path where its content was received; `missing` says why not."""
        value: dict[str, Any] = {"id": file_id, "file": file, "content": None}
        with on_disk(self._root):
            if content is not None:
                entry = entry_of(content, "")
                path = content_path(entry.sha256)
                self._spend(entry.bytes)
                content.replace(self._folder / path)
                value["content"] = {"path": path, "bytes": entry.bytes, "sha256": entry.sha256}
        if missing is not None:
            value["missing"] = missing
        with self._lock:
            self._spend_now(self._files.append(value))
            self._file_ids.add(file_id)

    def unread_checkpoints(self, heads: Sequence[Head]) -> list[str]:
        """Return the names of the jobs' checkpoints whose permissions this run has not saved."""
        names = dict.fromkeys(name for head in heads for name in self._checkpoints(head))
        return [name for name in names if name not in self._shared]

    def add_permissions(self, checkpoint: str, found: Sequence[Any], missing: str | None = None) -> None:
        """Add the permissions of a checkpoint; `missing` says why there are none."""
        value: dict[str, Any] = {"checkpoint": checkpoint, "permissions": found}
        with self._lock:
            self._spend_now(
                self._permissions.append(value if missing is None else {**value, "missing": missing})
            )
            self._shared.add(checkpoint)

    def refuse_permissions(self, reason: str) -> None:
        """Remember that the server does not show permissions, so that this call does not ask again."""
        self.refusal = reason

    def commit(self) -> None:
        """Move what was fetched into the archive."""
        with on_disk(self._root):
            commit(
                self._root,
                self._finished,
                started=self._started,
                source=self._terms.source,
                selection=self._terms.selection,
                statuses=dict(self._terms.statuses),
                refusal=self.refusal,
            )

    def _require_archive(self) -> None:
        manifest = self._root / form.MANIFEST
        if manifest.exists():
            read_manifest(manifest.read_bytes(), manifest)
            return
        ours = {form.STAGE, form.JOBS, form.CHECKSUMS, form.FILES, form.PERMISSIONS}
        found = {path.name for path in self._root.iterdir()} - {form.LOCK}
        if found and not found & ours:
            text = f"{self._root}: is neither empty nor an archive"
            raise ArchiveError(
                f"{text}: choose a new directory or one that contains an archive", path=str(self._root)
            )

    def _run(self) -> _Run | None:
        try:
            return msgspec.json.decode((self._folder / RUN).read_bytes(), type=_Run)
        except (FileNotFoundError, ValueError, msgspec.MsgspecError):
            return None

    def _begin(self, now: int) -> None:
        """Begin a run. An earlier run's files are kept, and so are its logs of jobs that had ended."""
        for line in Journal(self._folder / form.JOBS).open():
            head = Head.of_line(line)
            if head is not None and not head.is_final(self._terms.statuses):
                (self._folder / head.log).unlink(missing_ok=True)
        for name in (form.JOBS, form.PERMISSIONS):
            (self._folder / name).unlink(missing_ok=True)
        write_whole(self._folder / RUN, msgspec.json.encode(_Run(self._terms.selection, now)))

    def _resume(self) -> None:
        for value in map(decoded, self._jobs.open()):
            if "end" in value:
                self.is_listed = True
            else:
                self.listed[value["job"]["id"]] = None
        for value in map(decoded, self._files.open()):
            content = value.get("content")
            if content is None or size_of(self._folder / content["path"]) == content["bytes"]:
                self._file_ids.add(value["id"])
        for value in map(decoded, self._permissions.open()):
            self._shared.add(value["checkpoint"])
        staged = (path.stat().st_size for path in self._folder.rglob("*") if path.is_file())
        self._bytes = self._finished.size + sum(staged)

    def _checkpoints(self, head: Head) -> list[str]:
        """Return the names of a job's checkpoints; the last one is usually the job's model."""
        staged = self._folder / head.log
        names = _checkpoint_names(staged if staged.exists() else self._root / head.log)
        return [*names, head.model] if head.model and head.model not in names else names

    def _spend(self, size: int) -> None:
        with self._lock:
            self._spend_now(size)

    def _spend_now(self, size: int) -> None:
        self._bytes += size
        self._require(self._bytes)

    def _require(self, size: int) -> None:
        most = self._terms.max_bytes
        if most is not None and size > most:
            text = f"{self._root}: the archive would exceed max_bytes={most}"
            raise ArchiveError(f"{text}. Run it again with a larger limit to continue", path=str(self._root))


class Log:
    """The log of one job: its checkpoints, then its events, each newest first as the server lists them."""

    def __init__(self, path: Path, spend: Callable[[int], None]) -> None:
        self._spend = spend
        self._journal = Journal(path)
        self._read()
        if self._count and self.last is None:
            # Some servers send events without ids, after which a list cannot be resumed.
            path.unlink()
            self._read()

    def _read(self) -> None:
        self._missing: str | None = None
        self._count = 0
        self._seen: set[str] = set()
        self.ended: list[str] = []
        self.last: str | None = None
        for value in map(decoded, self._journal.open()):
            if "end" in value:
                self._end(value["end"], value.get("missing"))
            else:
                self._take(next(v for k, v in value.items() if k != "crc"))

    def add(self, kind: str, items: Sequence[Mapping[str, Any]]) -> None:
        """Append items of a `kind`, except those that it already has."""
        new = [item for item in items if item.get("id") not in self._seen]
        self._spend(self._journal.append(*({kind: item} for item in new)))
        for item in new:
            self._take(item)

    def end(self, name: str, missing: str | None) -> None:
        """Mark a list as complete; `missing` says why it could not be fetched."""
        # The last line covers both lists.
        missing = missing or self._missing
        self._spend(self._journal.append(to_end(name, self._count, missing)))
        self._end(name, missing)

    def _take(self, item: Mapping[str, Any]) -> None:
        self._count += 1
        name = item.get("id")
        self.last = name if isinstance(name, str) and name else None
        if self.last is not None:
            self._seen.add(self.last)

    def _end(self, name: str, missing: str | None) -> None:
        self.ended.append(name)
        self._missing = missing
        self._count, self.last, self._seen = 0, None, set()


def _checkpoint_names(log: Path) -> list[str]:
    """Return the model names of a job's checkpoints, which are the first lines of its log."""
    names: list[str] = []
    for _, line in form.whole_lines(log):
        value = decoded(line)
        if "checkpoint" not in value:
            break
        name = value["checkpoint"].get("fine_tuned_model_checkpoint")
        if isinstance(name, str) and name:
            names.append(name)
    return names
