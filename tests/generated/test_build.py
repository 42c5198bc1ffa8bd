"""Generated trees are put in place together, even if the program is stopped at any moment."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tools.build import Build, BuildError

OLD = {
    "package/a.py": "old a",
    "package/gone.py": "old",
    "other/deep/b.py": "old b",
    "single.json": "old",
    "stale.json": "old",
}
NEW = {"package/a.py": "new a", "package/sub/new.py": "new", "other/deep/b.py": "new b", "single.json": "new"}
TARGETS = ("package", "other/deep", "single.json", "stale.json")


class Killed(BaseException):
    """Raised in place of the end of the process."""


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def read(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file() and ".build" not in path.parts
    }


def make(build: Build, files: dict[str, str]) -> None:
    for target in TARGETS:
        made = build.path(target)
        inside = {
            name.removeprefix(target).lstrip("/"): text
            for name, text in files.items()
            if name.startswith(target)
        }
        if "" in inside:
            made.write_text(inside[""], encoding="utf-8")
        else:
            write(made, inside)


def run(root: Path, files: dict[str, str]) -> None:
    with Build(root).open() as build:
        build.recover()
        make(build, files)
        build.commit()


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The number of file changes that are still allowed; an empty list allows all."""
    left: list[int] = []

    def counted(name: str) -> None:
        original = getattr(Path, name)

        def call(path: Path, *arguments: object, **named: object) -> object:
            if left:
                if left[0] == 0:
                    raise Killed
                left[0] -= 1
            return original(path, *arguments, **named)

        monkeypatch.setattr(Path, name, call)

    for name in ("rename", "unlink", "mkdir", "write_text"):
        counted(name)
    yield left
    left.clear()


@pytest.mark.parametrize("first", [OLD, {}], ids=["replacing", "the first time"])
def test_a_build_killed_at_any_moment_is_completed_by_the_next_run(
    tmp_path: Path, steps: list[int], first: dict[str, str]
) -> None:
    """The trees are old, new, or a mix that is detected and that the next run completes."""
    seen: set[str] = set()
    for allowed in range(200):
        root = tmp_path / str(allowed)
        write(root, first)
        steps[:] = [allowed]
        try:
            run(root, NEW)
        except Killed:
            steps.clear()
        else:
            steps.clear()
            assert read(root) == NEW
            break
        with Build(root).open() as build:
            state = "old" if read(root) == first else "new" if read(root) == NEW else "mix"
            seen.add(state)
            assert build.interrupted or state != "mix"
            if build.interrupted:
                build.recover()
                assert read(root) == NEW
        run(root, NEW)
        assert read(root) == NEW
        assert not Build(root).interrupted
        assert not (root / ".build" / "old").exists()
    assert seen == {"old", "mix", "new"}


def test_unchanged_trees_are_not_rewritten(tmp_path: Path) -> None:
    """A tree that does not change keeps its files and their modification times."""
    run(tmp_path, OLD)
    before = (tmp_path / "package" / "a.py").stat()
    run(tmp_path, {**OLD, "single.json": "new"})
    after = (tmp_path / "package" / "a.py").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert (tmp_path / "single.json").read_text(encoding="utf-8") == "new"


def test_difference_names_every_file(tmp_path: Path) -> None:
    """The difference has the changed, added and missing files of all trees."""
    write(tmp_path, OLD)
    with Build(tmp_path).open() as build:
        make(build, NEW)
        difference = build.difference()
    for words in (
        "--- package/a.py",
        "+++ package/sub/new.py",
        "--- package/gone.py",
        "--- deep/b.py",
        "--- single.json",
        "--- stale.json",
    ):
        assert words in difference
    assert read(tmp_path) == OLD


def test_two_builds_at_once_are_refused(tmp_path: Path) -> None:
    """The second build raises an error that explains it."""
    pytest.importorskip("fcntl", reason="there are no file locks")
    with (
        Build(tmp_path).open(),
        pytest.raises(BuildError, match=r"another build is running in .*: wait"),
        Build(tmp_path).open(),
    ):
        pass


@pytest.mark.parametrize("text", ["{", '["package"]', "{}"])
def test_an_unreadable_journal_is_named(tmp_path: Path, text: str) -> None:
    """The error names a damaged journal, and says what to do."""
    run(tmp_path, OLD)
    (tmp_path / ".build" / "journal.json").write_text(text, encoding="utf-8")
    with Build(tmp_path).open() as build, pytest.raises(BuildError, match="delete it and run `make generate`"):
        build.recover()


def test_the_build_directory_is_ignored_by_git(tmp_path: Path) -> None:
    """Intermediate files never appear in `git status`."""
    run(tmp_path, OLD)
    assert (tmp_path / ".build" / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_check_detects_an_interrupted_build(generator: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--check` says that a build was interrupted, and that `make generate` completes it."""
    output = tmp_path / "package"
    (tmp_path / ".build" / "ready").mkdir(parents=True)
    (tmp_path / ".build" / "journal.json").write_text('{"made": ["package"], "gone": []}', encoding="utf-8")
    assert generator.main(["--check", "--output", str(output)]) == 1
    assert "left a mix of old and new files: run `make generate`" in capsys.readouterr().err
    assert generator.main(["--output", str(output)]) == 0
    assert generator.main(["--check", "--output", str(output)]) == 0


def test_an_interrupt_gives_one_line(
    generator: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C ends the program with one line and the usual exit code."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(generator, "make_package", interrupted)
    assert generator.main(["--output", str(tmp_path / "package")]) == 130
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "package").exists()


def test_the_command_refuses_an_unreadable_contract(repository: Path, tmp_path: Path) -> None:
    """The program refuses a contract that cannot be read, with one line."""
    contract = tmp_path / "openapi.yaml"
    contract.write_text("openapi: [", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "tools.generate",
        "--contract",
        str(contract),
        "--output",
        str(tmp_path / "p"),
    ]
    result = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("openapi.yaml:1: not YAML") and result.stderr.count("\n") == 1
