"""Types that users see: correct code passes mypy strict, and wrong code does not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def mypy_errors(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, int, str]]:
    """File, line and code of each error that mypy reports in the two files."""
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


def test_correct_code_passes(mypy_errors: list[tuple[str, int, str]]) -> None:
    """Every `assert_type` in `user_code.py` holds."""
    assert [c for c in mypy_errors if c[0] == "user_code.py"] == []


def test_wrong_code_has_the_expected_errors(mypy_errors: list[tuple[str, int, str]]) -> None:
    """Each marked line of `wrong_code.py` has an error of the named code, and no other line has one."""
    lines = (HERE / "wrong_code.py").read_text(encoding="utf-8").splitlines()
    expected = {
        number: set(line.split("# wrong: ")[1].split(", "))
        for number, line in enumerate(lines, start=1)
        if "# wrong: " in line
    }
    found: dict[int, set[str]] = {}
    for name, line, kind in mypy_errors:
        if name == "wrong_code.py":
            found.setdefault(line, set()).add(kind)
    assert set(found) == set(expected)
    for number, kinds in found.items():
        assert kinds <= expected[number], number
