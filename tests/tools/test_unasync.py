"""Translation of async modules into blocking ones: what is replaced, kept and refused."""

from __future__ import annotations

import asyncio
import keyword
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.unasync import NAMES, REFUSED, UnasyncError, produce, translate


def translated(source: str) -> str:
    """Return the translation of a source text, without the header."""
    header, _, text = translate(textwrap.dedent(source), "_async/one.py").partition("\n")
    assert header == "# Generated from _async/one.py by `make generate`; do not edit."
    return text


REPLACED: dict[str, tuple[str, str]] = {
    "a coroutine": ("async def f() -> int:\n    return await g()\n", "def f() -> int:\n    return g()\n"),
    "a context manager": (
        "async def f(a):\n    async with a as b:\n        pass\n",
        "def f(a):\n    with a as b:\n        pass\n",
    ),
    "a loop": (
        "async def f(a):\n    async for b in a:\n        yield b\n",
        "def f(a):\n    for b in a:\n        yield b\n",
    ),
    "a comprehension": (
        "async def f(a):\n    return [b async for b in a if await b]\n",
        "def f(a):\n    return [b for b in a if b]\n",
    ),
    "await in brackets": (
        "async def f(a):\n    return (await a).b + [await(a), -await a]\n",
        "def f(a):\n    return (a).b + [(a), -a]\n",
    ),
    "await before the end of a line": (
        "async def f(a):\n    return (\n        await  # why\n        a()\n    )\n",
        "def f(a):\n    return (\n        # why\n        a()\n    )\n",
    ),
    "several on a line": (
        "async def f(a): return await a, await (await a)()\n",
        "def f(a): return a, (a)()\n",
    ),
    "a class name": (
        "class AsyncJob(AsyncJobMethods, _AsyncBase): ...\n",
        "class Job(JobMethods, _Base): ...\n",
    ),
    "the HTTP client": ("http: httpx.AsyncClient\n", "http: httpx.Client\n"),
    "a name in a docstring": ('"""See `AsyncJob.wait`."""\n', '"""See `Job.wait`."""\n'),
    "a name in a message": (
        'text = f"must be an httpx.AsyncClient, not {AsyncJob.__name__}"\n',
        'text = f"must be an httpx.Client, not {Job.__name__}"\n',
    ),
    "a name in a comment": ("# An AsyncJob holds it.\n", "# An Job holds it.\n"),
    "an event in a docstring": ('"""An `asyncio.Event`."""\n', '"""An `threading.Event`."""\n'),
    "a module path": ("from .._async.job import AsyncJob\n", "from .._sync.job import Job\n"),
    "special methods": (
        "class A:\n    async def __aenter__(self): ...\n    def __aiter__(self): ...\n",
        "class A:\n    def __enter__(self): ...\n    def __iter__(self): ...\n",
    ),
    "a close": (
        "async def f(a):\n    async with aclosing(a):\n        await a.aclose()\n",
        "def f(a):\n    with closing(a):\n        a.close()\n",
    ),
    "a generator": (
        "x: AsyncGenerator[tuple[int, str], None]\n",
        "x: Generator[tuple[int, str], None, None]\n",
    ),
    "a generator in a generator": (
        "x: AsyncGenerator[AsyncGenerator[int, None], dict[str, int]]\n",
        "x: Generator[Generator[int, None, None], dict[str, int], None]\n",
    ),
    "a generator with one type": ("x: AsyncGenerator[int]\n", "x: Generator[int, None, None]\n"),
    "a generator over several lines": (
        "x: AsyncGenerator[\n    Callable[[int, int], str],  # two\n    None,\n]\n",
        "x: Generator[\n    Callable[[int, int], str],  # two\n    None,\nNone]\n",
    ),
    "an import of a generator": (
        "from collections.abc import AsyncGenerator, AsyncIterator\n",
        "from collections.abc import Generator, Iterator\n",
    ),
    "the end of an iteration": ("raise StopAsyncIteration\n", "raise StopIteration\n"),
}


@pytest.mark.parametrize(("source", "expected"), REPLACED.values(), ids=REPLACED)
def test_async_code_becomes_blocking_code(source: str, expected: str) -> None:
    """Keywords, names and types have a blocking form."""
    assert translated(source) == expected


KEPT = {
    "keywords in a string": 'x = "async def f(): await g()"\n',
    "keywords in a comment": "# await the end, async or not\n",
    "the word in another name": "asynchronous = awaited = is_async = 1\n",
    "a name without a capital": "Asynchronous = Asyncly = 1\n",
    "a page break": "x = 1\n\x0c\ny = 'ä\u2028'\n",
    "a blank module": "",
}


@pytest.mark.parametrize("source", KEPT.values(), ids=KEPT)
def test_everything_else_is_unchanged(source: str) -> None:
    """Words that only resemble the replaced ones are kept."""
    assert translated(source) == source


NOT_TRANSLATED: dict[str, tuple[str, str]] = {
    "the event loop": ("import anyio\n", "_async/one.py:1: anyio has no blocking counterpart"),
    "a call of it": (
        "async def f():\n    await asyncio.sleep(1)\n",
        "_async/one.py:2: asyncio has no blocking counterpart",
    ),
    "a type of coroutines": (
        "from typing import Any\nx: Awaitable[Any]\n",
        "_async/one.py:2: Awaitable has no blocking counterpart",
    ),
    "await in an f-string": (
        'async def f(a):\n    return f"{await a}"\n',
        "_async/one.py:2: await in an f-string: assign it to a name first",
    ),
    "a loop in an f-string": (
        'async def f(a):\n    return f"{[b async for b in a]}"\n',
        "_async/one.py:2: await in an f-string: assign it to a name first",
    ),
    "two classes of one name": (
        "class Pager: ...\n\n\nclass AsyncPager: ...\n",
        "_async/one.py:4: a second definition becomes 'Pager'",
    ),
    "two methods of one name": (
        "class A:\n    def close(self): ...\n    async def aclose(self): ...\n",
        "_async/one.py:3: a second definition becomes 'close'",
    ),
    "a class with the name of an import": (
        "if TYPE_CHECKING:\n    from models import Job\n\n\nclass AsyncJob: ...\n",
        "_async/one.py:5: a second definition becomes 'Job'",
    ),
    "two imports of one name": (
        "from models import Job\nfrom .job import AsyncJob\n",
        "_async/one.py:2: a second definition becomes 'Job'",
    ),
    "a mistake": ("x = 1\ndef f(:\n", "_async/one.py:2: not Python: invalid syntax"),
}


@pytest.mark.parametrize(("source", "problem"), NOT_TRANSLATED.values(), ids=NOT_TRANSLATED)
def test_code_without_a_blocking_form_is_refused(source: str, problem: str) -> None:
    """One line names the file, the line and the reason."""
    with pytest.raises(UnasyncError) as caught:
        translated(source)
    assert str(caught.value) == problem


def test_a_property_and_its_setter_are_not_a_duplicate() -> None:
    """Decorated definitions may have the same name."""
    source = "class A:\n    @property\n    def x(self): ...\n    @x.setter\n    def x(self, value): ...\n"
    assert translated(source) == source


def test_the_same_import_under_two_names_is_not_a_duplicate() -> None:
    """Both forms of an abstract class come from one module; ruff removes the second."""
    source = "from collections.abc import AsyncIterator, Iterator\n"
    assert translated(source) == "from collections.abc import Iterator, Iterator\n"


def test_a_whole_directory_is_translated(tmp_path: Path) -> None:
    """Packages in it are included; other files are not."""
    (tmp_path / "_async" / "methods").mkdir(parents=True)
    (tmp_path / "_async" / "job.py").write_text("class AsyncJob: ...\n")
    (tmp_path / "_async" / "methods" / "jobs.py").write_text("from ..job import AsyncJob\n")
    (tmp_path / "_async" / "notes.txt").write_text("AsyncJob\n")
    assert produce(tmp_path / "_async") == {
        "job.py": "# Generated from _async/job.py by `make generate`; do not edit.\nclass Job: ...\n",
        "methods/jobs.py": "# Generated from _async/methods/jobs.py by `make generate`; do not edit.\n"
        "from ..job import Job\n",
    }


def test_every_invalid_module_is_named(tmp_path: Path) -> None:
    """One run reports everything that has to be corrected."""
    (tmp_path / "_async").mkdir()
    (tmp_path / "_async" / "a.py").write_text("import trio\n")
    (tmp_path / "_async" / "b.py").write_text("\nimport anyio\n")
    with pytest.raises(UnasyncError) as caught:
        produce(tmp_path / "_async")
    assert str(caught.value).splitlines() == [
        "_async/a.py:1: trio has no blocking counterpart",
        "_async/b.py:2: anyio has no blocking counterpart",
    ]


def test_both_forms_compute_the_same_result() -> None:
    """A module that uses every construct gives the same result awaited and blocking."""
    source = """
        from contextlib import aclosing
        from collections.abc import AsyncGenerator, AsyncIterator

        class AsyncCounter:
            def __init__(self, end: int) -> None:
                self.end = end
                self.open = False
            async def __aenter__(self) -> "AsyncCounter":
                self.open = True
                return self
            async def __aexit__(self, *error: object) -> None:
                self.open = False
            async def __aiter__(self) -> AsyncIterator[int]:
                async with aclosing(self._numbers()) as numbers:
                    async for number in numbers:
                        yield number
            async def _numbers(self) -> AsyncGenerator[int, None]:
                for number in range(self.end):
                    yield await self._same(number)
            async def _same(self, number: int) -> int:
                return number

        async def run() -> list[int]:
            counter = AsyncCounter(4)
            async with counter as same:
                found = [number async for number in same if await same._same(number) % 2]
            return found + [counter.open]
    """
    awaiting: dict[str, Any] = {}
    blocking: dict[str, Any] = {}
    exec(textwrap.dedent(source), awaiting)
    exec(translated(source), blocking)
    run: Callable[[], list[int]] = blocking["run"]
    assert run() == asyncio.run(awaiting["run"]()) == [1, 3, False]


_WORDS = st.from_regex(r"[a-z_]{1,8}", fullmatch=True).filter(
    lambda word: not keyword.iskeyword(word) and word not in NAMES and word not in REFUSED
)


@given(st.lists(_WORDS, min_size=1, max_size=6), st.lists(st.booleans(), min_size=6, max_size=6))
def test_a_line_keeps_its_number(words: list[str], awaited: list[bool]) -> None:
    """However many tokens are removed, every line keeps its number and its other words."""
    calls = [f"    {'await ' * wait}{word}()" for word, wait in zip(words, awaited, strict=False)]
    found = translated("async def f():\n" + "\n".join(calls) + "\n").splitlines()
    assert found == ["def f():", *(f"    {word}()" for word in words)]
