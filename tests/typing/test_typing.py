"""The types that users see are part of the API: right code passes mypy strict, wrong code does not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, int, str]]:
    """File, line and kind of everything that mypy says about the two files."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--config-file", ""),
            *("--cache-dir", str(tmp_path_factory.mktemp("cache")), "--no-error-summary"),
            *("user_code.py", "wrong_code.py"),
        ],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.findall(r"^(\w+\.py):(\d+): error: .*\[([\w-]+)\]$", done.stdout, re.MULTILINE)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return [(name, int(line), kind) for name, line, kind in found]


def test_right_code_passes(complaints: list[tuple[str, int, str]]) -> None:
    """Every `assert_type` in `user_code.py` holds."""
    assert [c for c in complaints if c[0] == "user_code.py"] == []


def test_wrong_code_is_refused_where_it_is_wrong(complaints: list[tuple[str, int, str]]) -> None:
    """Each marked line of `wrong_code.py` is an error, of a kind that is named there, and no other is."""
    lines = (HERE / "wrong_code.py").read_text(encoding="utf-8").splitlines()
    expected = {
        number: set(line.split("# wrong: ")[1].split(", "))
        for number, line in enumerate(lines, start=1)
        if "# wrong: " in line
    }
    found: dict[int, set[str]] = {}
    for name, line, kind in complaints:
        if name == "wrong_code.py":
            found.setdefault(line, set()).add(kind)
    assert set(found) == set(expected)
    for number, kinds in found.items():
        assert kinds <= expected[number], number
