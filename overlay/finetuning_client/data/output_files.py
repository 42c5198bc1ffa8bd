"""Files that appear complete or not at all: written next to their targets, and moved there at the end.

An existing target is refused unless it may be replaced, and never changes before everything is written.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ..errors import DatasetError, FineTuningError


@contextmanager
def new_files(*targets: Path, overwrite: bool) -> Iterator[list[BinaryIO]]:
    """Yield a file to write for each target; they replace the targets when the block ends without an error.

    Raises `DatasetError` for a target that exists, unless `overwrite`, and for one that cannot be written.
    """
    with _writing(targets[0]):
        _require_writable(targets, overwrite)
        places = [_Place(target) for target in targets]
    try:
        for place in places:
            place.open()
        with _writing(places[0].target):
            yield [place.file for place in places]
        for place in places:
            place.save()
        for place in places:
            place.publish(overwrite)
    except BaseException:
        for place in places:
            place.withdraw()
        raise
    finally:
        for place in places:
            place.clean()


def beside(path: str | os.PathLike[str], word: str) -> Path:
    """Return the default target of a step: `data/train.jsonl` gives `data/train.<word>.jsonl`."""
    return Path(path).with_name(f"{stem_of(path)}.{word}.jsonl")


def stem_of(path: str | os.PathLike[str]) -> str:
    """Return a file's name without its extension, and without `.gz`."""
    name = Path(path).name.removesuffix(".gz")
    return Path(name).stem


class _Place:
    """A target, and the file that is written next to it."""

    def __init__(self, target: Path) -> None:
        # A link stays a link: the file that it leads to is replaced.
        self.target = _resolved(target)
        self._path = self.target.with_name(f".{secrets.token_hex(8)}.part")
        self._is_new = False
        self.file: BinaryIO

    def open(self) -> None:
        with _writing(self.target):
            self.file = self._path.open("xb")
            if self.target.exists():
                # A file that only its owner may read keeps that mode.
                shutil.copymode(self.target, self._path)

    def save(self) -> None:
        """Flush the content to the disk, before the file gets its name."""
        with _writing(self.target):
            self.file.flush()
            os.fsync(self.file.fileno())
            self.file.close()

    def publish(self, overwrite: bool) -> None:
        with _writing(self.target):
            if overwrite:
                is_new = not self.target.exists()
                self._path.replace(self.target)
                self._is_new = is_new
                return
            try:
                # Unlike a rename, a link never replaces a file that has appeared meanwhile.
                self.target.hardlink_to(self._path)
            except FileExistsError:
                raise _exists(self.target) from None
            except OSError:
                if self.target.exists():
                    raise _exists(self.target) from None
                self._path.replace(self.target)
            self._is_new = True

    def withdraw(self) -> None:
        """Remove the target again if it is new: another target could not be written."""
        if self._is_new:
            with suppress(OSError):
                self.target.unlink(missing_ok=True)

    def clean(self) -> None:
        if hasattr(self, "file"):
            with suppress(OSError):
                self.file.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def _require_writable(targets: tuple[Path, ...], overwrite: bool) -> None:
    if len({_resolved(target) for target in targets}) < len(targets):
        raise DatasetError(
            f"{targets[0]}: is given for two output files: choose different names", path=str(targets[0])
        )
    for target in targets:
        if target.is_dir():
            raise DatasetError(f"{target}: is a directory: give the path of a file in it", path=str(target))
        if target.exists() and not target.is_file():
            # The new file would replace the device itself.
            raise DatasetError(f"{target}: is a device or a pipe: give the path of a file", path=str(target))
        if target.exists() and not overwrite:
            raise _exists(target)


def _resolved(target: Path) -> Path:
    try:
        return target.resolve()
    except (RuntimeError, ValueError) as error:
        # A link to itself, or a name with NUL.
        raise OSError(str(error)) from None


def _exists(target: Path) -> DatasetError:
    text = f"{target}: already exists: choose another name, or pass overwrite=True to replace it"
    return DatasetError(text, path=str(target))


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except FineTuningError:
        raise
    except OSError as error:
        is_missing = isinstance(error, FileNotFoundError) and not target.parent.is_dir()
        reason = f"there is no directory {target.parent}" if is_missing else error.strerror or error
        raise DatasetError(f"{target}: cannot be written: {reason}", path=str(target)) from error
