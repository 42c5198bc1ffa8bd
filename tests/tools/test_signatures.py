"""Changes of signatures are found in the source of a package, and judged by their effect on callers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.comparison.callers import code_differences
from tools.comparison.linking import code_changes
from tools.comparison.signatures import read_client, read_generated
from tools.comparison.surface import Surface

INIT = """
from .a import Job, check
from .b import Client
__all__ = ["Client", "Job", "check"]
"""
SHARED = """
from dataclasses import dataclass
Path = str | int
class Base:
    def close(self) -> None: ...
class Jobs(Base):
    def __init__(self, context: Context) -> None: ...
    def create(self, *, model: str, seed: int | None = None) -> "Job": ...
    def _private(self, x: int) -> int: ...
class Context: ...
"""
FILES = {
    "__init__": INIT,
    "b": """
from .shared import Jobs
class Client:
    def __init__(self, *, key: str, retry: int = 3) -> None:
        self.jobs = Jobs(1)
        self._hidden = 2
""",
    "a": """
from dataclasses import dataclass
from .shared import Path
@dataclass
class Job:
    id: str
    seed: int | None = None
    @property
    def status(self) -> str | None: ...
def check(path: Path, minimum: int = 10, *, strict: bool = False) -> list[str]: ...
""",
    "shared": SHARED,
}


def surface(directory: Path, files: dict[str, str]) -> Surface:
    """Return the surface of a client with these modules."""
    directory.mkdir(exist_ok=True)
    for name, text in files.items():
        (directory / f"{name}.py").write_text(text, encoding="utf-8")
    return read_client(directory, ("extra",))


def named(old: Surface, new: Surface) -> list[tuple[str, str, bool]]:
    """Return the place, the text and the verdict of each change."""
    found = code_changes(code_differences("c", old, new))
    return sorted((str(one.difference.place), one.text, bool(one.breaks)) for one in found)


# The module, the text to replace, its replacement, and the changes that are reported.
EDITS = [
    ("b", "key: str", "key: str, team: str",
     [("c.Client.__init__ team", "required argument added: team", True)]),
    ("b", "key: str", "key: str, team: str = ''",
     [("c.Client.__init__ team", "optional argument added: team", False)]),
    ("b", "retry: int = 3", "tries: int = 3",
     [("c.Client.__init__ tries", "argument name: retry -> tries", True)]),
    ("b", ", retry: int = 3", "", [("c.Client.__init__ retry", "argument removed: retry", True)]),
    ("b", "retry: int = 3", "retry: int",
     [("c.Client.__init__ retry", "argument: optional -> required", True)]),
    ("b", "key: str", "key: str = ''", [("c.Client.__init__ key", "argument: required -> optional", False)]),
    ("b", "key: str", "key: str | None",
     [("c.Client.__init__ key", "argument type: str -> str | None", False)]),
    ("b", "*, key", "key", [("c.Client.__init__ key", "passing: keyword -> either", False),
                            ("c.Client.__init__ retry", "passing: keyword -> either", False)]),
    ("b", "self.jobs", "self.runs", [("c.Client.jobs", "attribute removed: jobs", True),
                                     ("c.Client.runs", "attribute added: runs", False)]),
    ("b", "self._hidden", "self._other", []),
    ("shared", "model: str, seed: int | None = None", "seed: int | None = None, model: str", []),
    ("shared", "seed: int | None = None", "seed: int = 0",
     [("c.Jobs.create seed", "argument type: int | None -> int", True)]),
    ("shared", "def create", "async def create",
     [("c.Jobs.create", "awaiting: not awaited -> awaited", True)]),
    ("shared", "def create", "def make", [("c.Jobs.create", "function removed: create", True),
                                          ("c.Jobs.make", "function added: make", False)]),
    ("shared", '"Job": ...', '"Job | None": ...',
     [("c.Jobs.create", "result type: Job -> Job | None", True)]),
    ("shared", "def close(self) -> None", "def close(self) -> str",
     [("c.Jobs.close", "result type: None -> str", True)]),
    ("shared", "x: int", "x: str, y: str", []),
    ("shared", "context: Context", "other: Context", []),
    ("shared", "class Jobs(Base):", "class Jobs(Base):\n    def close(self) -> None: ...", []),
    ("shared", "Path = str | int", "Path = str", [("c.check path", "argument type: int | str -> str", True)]),
    ("shared", "Path = str | int", "Path = str | int | bytes",
     [("c.check path", "argument type: int | str -> bytes | int | str", False)]),
    ("a", "minimum: int = 10", "minimum: float = 10",
     [("c.check minimum", "argument type: int -> float", False)]),
    ("a", "path: Path, minimum: int = 10", "minimum: int = 10, path: Path = 1",
     [("c.check", "order: path -> minimum", True),
      ("c.check path", "argument: required -> optional", False)]),
    ("a", "*, strict", "strict", [("c.check strict", "passing: keyword -> either", False)]),
    ("a", "path: Path, minimum: int = 10, *", "path: Path, *, minimum: int = 10",
     [("c.check minimum", "passing: either -> keyword", True)]),
    ("a", "list[str]", "list[str] | None", [("c.check", "result type: list[str] -> list[str] | None", True)]),
    ("a", "    id: str\n    seed: int | None = None", "    seed: int | None\n    id: str = ''",
     [("c.Job", "order: id -> seed", True), ("c.Job.id", "argument: required -> optional", False),
      ("c.Job.seed", "argument: optional -> required", True)]),
    ("a", "@dataclass\n", "@dataclass(kw_only=True)\n", []),
    ("a", "    id: str\n", "    id: str\n    team: str\n",
     [("c.Job", "order: seed -> team", True), ("c.Job.team", "required attribute added: team", True)]),
    ("a", "str | None: ...", "str: ...", [("c.Job.status", "read attribute type: str | None -> str", False)]),
    ("a", "def check", "def verify", [("c.check", "kind of name: function -> name", True)]),
    ("a", "    id: str\n", "    id: int\n", [("c.Job.id", "attribute type: str -> int", True)]),
    ("__init__", ', "check"', "", [("c.check", "function removed: check", True)]),
]  # fmt: skip


@pytest.mark.parametrize(("module", "old", "new", "expected"), EDITS)
def test_a_change_of_a_signature_is_reported_and_judged(
    tmp_path: Path, module: str, old: str, new: str, expected: list[tuple[str, str, bool]]
) -> None:
    """It has a place and a verdict; private names, constructors and base classes are not compared."""
    assert FILES[module].count(old) >= 1
    edited = {**FILES, module: FILES[module].replace(old, new, 1)}
    assert named(surface(tmp_path / "old", FILES), surface(tmp_path / "new", edited)) == expected


def test_moving_a_class_to_another_module_is_not_a_change(tmp_path: Path) -> None:
    """The public name counts, not the module that defines it."""
    moved = {
        **FILES,
        "__init__": INIT.replace("from .a import Job, check", "from .inner import Job, check"),
        "inner": FILES["a"],
    }
    assert named(surface(tmp_path / "old", FILES), surface(tmp_path / "new", moved)) == []


def test_names_imported_by_a_star_are_those_of_the_module(tmp_path: Path) -> None:
    """They are followed to their classes, and passed on, as if each were imported by its name."""
    names = "Base as Base, Context as Context, Jobs as Jobs"
    old = surface(tmp_path / "old", {**FILES, "extra": f"from .shared import {names}"})
    starred = {"b": FILES["b"].replace("import Jobs", "import *"), "extra": "from .shared import *"}
    new = surface(tmp_path / "new", {**FILES, **starred})
    assert "extra.Jobs.create" in new and "extra.Path" not in new
    assert named(old, new) == []


def test_a_removed_class_is_reported_once(tmp_path: Path) -> None:
    """Its members are not listed too."""
    edited = {**FILES, "__init__": INIT.replace('"Client", ', "")}
    found = named(surface(tmp_path / "old", FILES), surface(tmp_path / "new", edited))
    assert ("c.Client", "class removed: Client", True) in [
        (place, text, breaks) for place, text, breaks in found
    ]
    assert not any(place.startswith("c.Client.") for place, _, _ in found)


def test_modules_that_people_import_from_are_public(tmp_path: Path) -> None:
    """They are public in addition to the package itself, such as `finetuning_client.webhooks`."""
    extra = {**FILES, "extra": "def verify(body: bytes) -> None: ...\ndef _inner() -> None: ...\n"}
    found = surface(tmp_path / "c", extra)
    assert "extra.verify" in found
    assert "extra._inner" not in found


def test_the_surface_of_this_project_is_read(repository: Path) -> None:
    """The clients, their resources and the generated library are read without importing them."""
    client = read_client(repository / "overlay" / "finetuning_client", ())
    assert {"FineTuning.jobs", "Jobs.create", "AsyncJobs.create", "Job.wait", "JobStatus.QUEUED"} <= {*client}
    assert not any(part.startswith("_") for path in client for part in path.split(".") if part != "__init__")
    library = read_generated(repository / "generated" / "finetuning_api")
    assert {"models.FineTuningJob.status", "api.fine_tuning.create_fine_tuning_job.sync"} <= {*library}
