"""Virtual environment with this project and its dependencies only, as its users have it."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

__all__ = ["make_environment"]

_PROJECT = "finetuning-client"
_ROOT = Path(__file__).resolve().parents[1]


def make_environment(folder: Path) -> str:
    """Create the environment in `folder`, without a package index; return the path of its interpreter."""
    wheels = folder / "wheels"
    build = ["build", "--quiet", "--no-isolation", "--wheel", "--outdir", str(wheels), str(_ROOT)]
    subprocess.run([sys.executable, "-m", *build], check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True)
    python = str(folder / "venv" / "bin" / "python")
    found = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    )
    packages = Path(found.stdout.strip())
    for needed in _dependencies(_PROJECT, set()):
        _copy(needed, packages)
    (wheel,) = wheels.glob("*.whl")
    shutil.unpack_archive(wheel, packages, "zip")
    subprocess.run([python, "-m", "compileall", "-q", str(packages)], check=True)
    return python


def _dependencies(name: str, seen: set[str]) -> Iterator[Distribution]:
    """Yield the installed distributions that `name` needs, except for extras."""
    for requirement in distribution(name).requires or ():
        other = re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower()
        if "extra ==" in requirement or other in seen:
            continue
        seen.add(other)
        try:
            found = distribution(other)
        except PackageNotFoundError:
            continue  # for another system or version of Python
        yield found
        yield from _dependencies(other, seen)


def _copy(needed: Distribution, packages: Path) -> None:
    for file in needed.files or ():
        if file.suffix != ".pyc" and ".." not in file.parts:
            target = packages / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(file.locate()), target)
