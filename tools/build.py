"""Build of generated trees, which are put in place together.

New trees are made in `.build`, an ignored directory beside their targets. When all are complete, a journal
names them, and each target is exchanged by renames, or removed. A process that is killed before this leaves
the old trees; one that is killed during the exchange leaves the journal, from which the next run finishes the
work.
"""

from __future__ import annotations

import difflib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # without it, concurrent runs are not detected
    fcntl = None  # type: ignore[assignment]

__all__ = ["Build", "BuildError"]


class BuildError(Exception):
    """The trees cannot be put in place; the message is one line."""


class Build:
    """Trees and files to put in place below `root`, each by its relative path.

    Make each one at `path(target)`, then call `commit` or `difference`. A target for which nothing is made is
    removed.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._directory = root / ".build"
        self._journal = self._directory / "journal.json"
        self._targets: list[str] = []

    @contextmanager
    def open(self) -> Iterator[Build]:
        """Prepare an empty build, for one process at a time.

        Raises:
            BuildError: another build of these trees is running.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        (self._directory / ".gitignore").write_text("*\n", encoding="utf-8")
        with (self._directory / "lock").open("w") as lock:
            if fcntl is not None:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    raise BuildError(
                        f"another build is running in {self._directory}: wait for it to finish"
                    ) from None
            _remove(self._made)
            yield self

    @property
    def interrupted(self) -> bool:
        """True if an earlier run was stopped while it put its trees in place: they may be a mix."""
        return self._journal.exists()

    def recover(self) -> None:
        """Finish an interrupted exchange; raises `BuildError` when its journal cannot be read."""
        if not self.interrupted:
            return
        try:
            journal = json.loads(self._journal.read_text(encoding="utf-8"))
            made, gone = journal["made"], journal["gone"]
        except (ValueError, TypeError, KeyError):
            raise BuildError(f"{self._journal} cannot be read: delete it and run `make generate`") from None
        self._exchange(made, gone)

    def path(self, target: str) -> Path:
        """Return where to make the tree or file for a target, a path below the root."""
        if target not in self._targets:
            self._targets.append(target)
        made = self._made / target
        made.parent.mkdir(parents=True, exist_ok=True)
        return made

    def commit(self) -> None:
        """Put all targets that differ in place."""
        _remove(self._ready)
        changed = [target for target in self._targets if not _same(self._root / target, self._made / target)]
        made = [target for target in changed if (self._made / target).exists()]
        gone = [target for target in changed if target not in made]
        for target in made:
            ready = self._ready / target
            ready.parent.mkdir(parents=True, exist_ok=True)
            (self._made / target).rename(ready)
        if changed:
            draft = self._journal.with_suffix(".draft")
            draft.write_text(json.dumps({"made": made, "gone": gone}), encoding="utf-8")
            draft.rename(self._journal)
            self._exchange(made, gone)
        _remove(self._made)

    def difference(self) -> str:
        """Return a unified diff from what is in place to what was made; empty if they are the same."""
        lines: list[str] = []
        for target in self._targets:
            old, new = self._root / target, self._made / target
            before, after = _files(old), _files(new)
            for name in sorted({*before, *after}):
                label = f"{old.name}/{name}" if name else old.name
                lines += difflib.unified_diff(
                    before.get(name, "").splitlines(keepends=True),
                    after.get(name, "").splitlines(keepends=True),
                    label if name in before else "/dev/null",
                    f"{label} (from the contract)" if name in after else "/dev/null",
                )
        return "".join(lines)

    @property
    def _made(self) -> Path:
        return self._directory / "made"

    @property
    def _ready(self) -> Path:
        return self._directory / "ready"

    def _exchange(self, made: list[str], gone: list[str]) -> None:
        """Replace each target with what is ready; can be interrupted and repeated at any point."""
        for target in gone:
            _remove(self._root / target)
        for target in made:
            ready, current, old = self._ready / target, self._root / target, self._directory / "old" / target
            if not ready.exists():
                continue  # already in place
            _remove(old)
            old.parent.mkdir(parents=True, exist_ok=True)
            current.parent.mkdir(parents=True, exist_ok=True)
            if current.exists():
                current.rename(old)
            ready.rename(current)
        self._journal.unlink()
        _remove(self._directory / "old")
        _remove(self._ready)
        _remove(self._made)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _same(old: Path, new: Path) -> bool:
    return old.exists() and old.is_dir() == new.is_dir() and _files(old) == _files(new)


def _files(tree: Path) -> dict[str, str]:
    """Return the text of each file of a tree by its relative path; a single file has the empty path."""
    if tree.is_file():
        return {"": tree.read_bytes().decode()}
    return {
        name.removeprefix("./"): (Path(folder) / file).read_bytes().decode()
        for folder, _, files in os.walk(tree)
        for file in sorted(files)
        if "__pycache__" not in Path(folder).parts
        for name in [Path(folder, file).relative_to(tree).as_posix()]
    }
