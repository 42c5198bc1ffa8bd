"""Translation of async source code into its blocking twin: `_sync/` is produced from `_async/`.

The translation replaces tokens and keeps every line where it is, so the twin has the same documentation,
under one header line. It knows keywords, the prefix `Async` of class names (in strings and comments too,
since docstrings name classes), and the few names of `NAMES`. Code that has no blocking twin is refused with
its file and line.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from pathlib import Path
from tokenize import TokenInfo

from tools.openapi import DocumentError

__all__ = ["UnasyncError", "produce", "translate"]

# Names that differ by more than the prefix `Async`.
NAMES = {
    "StopAsyncIteration": "StopIteration",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "_async": "_sync",
    "aclose": "close",
    "aclosing": "closing",
    "aiter": "iter",
    "anext": "next",
    "asynccontextmanager": "contextmanager",
}
# Names that mean nothing in blocking code.
REFUSED = frozenset(
    {
        *("anyio", "asyncio", "sniffio", "trio"),
        *("Awaitable", "Coroutine", "isawaitable", "iscoroutine", "iscoroutinefunction"),
    }
)

_PREFIX = re.compile(r"\b(_*)Async(?=[A-Z])")
_EVENT = re.compile(r"\basyncio\.Event\b")

# A replacement of the text from one place to another, each given as line (from 1) and column.
_Edit = tuple[tuple[int, int], tuple[int, int], str]


class UnasyncError(DocumentError):
    """Code that cannot be translated; the message has a line for each reason, with its file and line.

    It is a `DocumentError` because it ends the same commands in the same way.
    """


def produce(async_dir: Path) -> dict[str, str]:
    """Translate every module of a directory tree; return the texts by path relative to the tree.

    Raises `UnasyncError` with a line for each module that cannot be translated.
    """
    made: dict[str, str] = {}
    problems: list[str] = []
    for source in sorted(async_dir.rglob("*.py")):
        name = source.relative_to(async_dir).as_posix()
        try:
            made[name] = translate(source.read_text(encoding="utf-8"), f"{async_dir.name}/{name}")
        except UnasyncError as error:
            problems.append(str(error))
    if problems:
        raise UnasyncError("\n".join(problems))
    return made


def translate(source: str, name: str) -> str:
    """Translate the text of one module; `name` is its path in the header and in errors."""
    try:
        _check(ast.parse(source), name)
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (SyntaxError, tokenize.TokenError) as error:
        line = getattr(error, "lineno", None) or 1
        raise UnasyncError(f"{name}:{line}: not Python: {error.args[0]}") from None
    lines = list(io.StringIO(source))
    for start, end, text in sorted(_edits(tokens, name), reverse=True):
        line = lines[start[0] - 1]
        lines[start[0] - 1] = line[: start[1]] + text + line[end[1] :]
    text = _EVENT.sub("threading.Event", _PREFIX.sub(r"\1", "".join(lines)))
    _check_definitions(ast.parse(text), name)
    return f"# Generated from {name} by `make generate`; do not edit.\n{text}"


def _edits(tokens: Sequence[TokenInfo], name: str) -> Iterator[_Edit]:
    for index, token in enumerate(tokens):
        if token.type != tokenize.NAME:
            continue
        if token.string in REFUSED:
            raise UnasyncError(f"{name}:{token.start[0]}: {token.string} has no blocking counterpart")
        if token.string in ("async", "await"):
            following = tokens[index + 1]
            same_line = following.start[0] == token.start[0]
            yield token.start, following.start if same_line else token.end, ""
        elif token.string == "AsyncGenerator" and tokens[index + 1].string == "[":
            yield _completed(tokens, index + 1)
        elif token.string in NAMES:
            yield token.start, token.end, NAMES[token.string]


def _completed(tokens: Sequence[TokenInfo], opening: int) -> _Edit:
    """Add the type arguments that only `Generator` has, not `AsyncGenerator`, before the closing bracket."""
    depth, commas = 0, 0
    for index in range(opening, len(tokens)):
        mark = tokens[index].string if tokens[index].type == tokenize.OP else ""
        depth += (mark in ("(", "[", "{")) - (mark in (")", "]", "}"))
        commas += mark == "," and depth == 1
        if depth == 0:
            break
    closing = tokens[index].start
    last = next(
        token for token in reversed(tokens[:index]) if token.type not in (tokenize.NL, tokenize.COMMENT)
    )
    if last.string == ",":
        return closing, closing, ", ".join(["None"] * (3 - commas))
    return closing, closing, ", None" * (2 - commas)


def _check(tree: ast.Module, name: str) -> None:
    """Refuse `await` in an f-string, whose tokens differ between versions of Python."""
    for text in ast.walk(tree):
        if isinstance(text, ast.JoinedStr) and any(map(_is_async, ast.walk(text))):
            raise UnasyncError(f"{name}:{text.lineno}: await in an f-string: assign it to a name first")


def _is_async(node: ast.AST) -> bool:
    return isinstance(node, ast.Await) or (isinstance(node, ast.comprehension) and bool(node.is_async))


def _check_definitions(tree: ast.Module, name: str) -> None:
    """Refuse two different things that the translation has given the same name."""
    for scope in ast.walk(tree):
        if isinstance(scope, ast.Module | ast.ClassDef):
            seen: dict[str, str] = {}
            for line, bound, origin in _bindings(scope.body):
                if seen.setdefault(bound, origin) != origin:
                    raise UnasyncError(f"{name}:{line}: a second definition becomes {bound!r}")


def _bindings(body: Sequence[ast.stmt]) -> Iterator[tuple[int, str, str]]:
    """Return the line, the name and the origin of everything that is defined or imported."""
    for node in body:
        # A decorator may give a name several definitions: overloads, and setters of properties.
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.decorator_list:
            yield node.lineno, node.name, f"line {node.lineno}"
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, alias.asname or alias.name, f"{node.level} {node.module} {alias.name}"
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from _bindings(node.body)
