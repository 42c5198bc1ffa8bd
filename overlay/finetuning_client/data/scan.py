"""One pass over a data file: its findings, its statistics, and the fingerprints of its examples."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Any, BinaryIO

import msgspec

from ..errors import InvalidRequestError
from .duplicates import Fingerprints, Known, prompt_fingerprint, sorted_json
from .example_size import Size, size_of
from .fast_chat import PlainExamples, PlainReader, decoder
from .findings import Findings, Role
from .grader_references import GraderCheck, Mismatch
from .layouts import Columns, check_target, convert_row, layout_of
from .lines import LONGEST_LINE, SPACES, LineFault, decode, pieces, repeated_key
from .model_facts import ModelFacts
from .rules import OUTPUTS, Format, format_of, rule_faults, says_of_message, schema_faults
from .schema_types import example_decoder
from .secret_texts import secrets_in
from .statistics import DatasetStatistics, StatisticsBuilder
from .token_counter import TokenCounter
from .training_formats import Fault, Steps, kind_of, shown

_SHARED = {
    "example": ("duplicate-in-validation", "is line {} of the validation file"),
    "prompt": ("validation-leak", "has the same prompt as line {} of the validation file"),
}
_LIST_PATHS = {"messages": "$.messages", **{name: f"$.{name}" for name in OUTPUTS}}


class Scan:
    """A pass over a file of one format.

    Args:
        form: format of the examples; `None` to use that of the first one.
        facts: what is known about the model.
        counter: counts the tokens in texts.
        method: training method, for the statistics.
        role: what the file is for.
        limit: number of findings of one code to keep; `None` for all.
        known: the validation file to compare the examples with.
        prompts: whether to take the fingerprints of prompts too.
        grader: the check of what a grader reads of each example.
    """

    def __init__(
        self,
        form: Format | None,
        facts: ModelFacts,
        counter: TokenCounter,
        *,
        method: str = "supervised",
        role: Role = "training",
        limit: int | None,
        known: Known | None = None,
        prompts: bool = False,
        grader: GraderCheck | None = None,
    ) -> None:
        self.form: Format | None = form
        self._is_guessed = form is None
        self.findings = Findings(role, limit)
        self.fingerprints = Fingerprints()
        self.prompts = Fingerprints()
        self.examples = self.characters = self.duplicates = 0
        # Advice on how to convert examples of another format.
        self.conversion = ""
        self._blanks = array("q")
        self._facts = facts
        self._counter = counter
        self._known = known
        self._wants_prompts = prompts or known is not None
        self._grader = grader
        self._misfits: Counter[str] = Counter()
        self._builder = StatisticsBuilder(
            method=method, longest=facts.longest, tokenizer=counter.tokenizer, error=counter.error
        )
        self._plain = PlainReader(self._wants_prompts)
        self._decode = decoder().decode_lines

    def read(self, file: BinaryIO) -> None:
        """Read a file to its end."""
        line = 1
        for piece in pieces(file):
            if piece.too_long:
                self._add_unread(LineFault("line-too-long", f"is longer than {LONGEST_LINE} bytes"), line)
                line += 1
                continue
            self._find_secrets(piece.content, line)
            line = self._read_piece(piece.content, line)
        self._compare()

    def _read_piece(self, content: bytes, line: int) -> int:
        """Read whole lines, given the number of the first, and return the number of the line after them."""
        before = self.examples
        if self._read_fast(content, line):
            return line + self.examples - before
        for one in _lines(content):
            if not self._read_fast(one, line):
                self._read_slowly(one, line)
            line += 1
        return line

    @property
    def blank(self) -> int:
        """Number of blank lines."""
        return len(self._blanks)

    def statistics(self) -> DatasetStatistics:
        """Return the statistics of what was read."""
        return self._builder.build()

    def _read_fast(self, content: bytes, line: int) -> bool:
        """Read whole lines if all of them are valid plain conversations; otherwise change nothing."""
        if self.form not in ("chat", None) or self._grader is not None:
            return False
        try:
            examples = self._decode(content)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return False
        if not examples:
            return False
        chosen = self._counter.chosen(len(examples))
        plain = self._plain.read(examples, content, self._counter.ratios, chosen)
        if plain is None:
            return False
        self.form = "chat"
        self._take(plain, line)
        return True

    def _take(self, plain: PlainExamples, line: int) -> None:
        """Add the valid examples of consecutive lines."""
        self._counter.measure_some(plain.texts, plain.tokens)
        self._builder.add_plain(list(map(round, plain.tokens)))
        self._builder.messages.update(plain.roles)
        self.characters += plain.characters
        longest = self._facts.longest
        if longest is not None and max(plain.tokens) > longest:
            for offset, tokens in enumerate(plain.tokens):
                self._check_length(tokens, line + offset, self.examples + offset + 1)
        self.fingerprints.extend(plain.fingerprints, line)
        if self._wants_prompts:
            self.prompts.extend(plain.prompts, line)
        self.examples += len(plain.tokens)

    def _read_slowly(self, content: bytes, line: int) -> None:
        """Read a line in full, and report everything that is wrong with it."""
        text = content.strip(SPACES)
        if not text:
            self._blanks.append(line)
            return
        value = decode(text)
        if isinstance(value, LineFault):
            self._add_unread(value, line)
            return
        self.examples += 1
        encoded = sorted_json(value)
        key = repeated_key(text, encoded)
        if key is not None:
            self._add("duplicate-key", line, f"an object has the key {key!r} twice")
            return
        if b"\\u0000" in text:
            self._add("nul-character", line, "a string has a NUL character")
        if not isinstance(value, dict):
            self._add(
                "not-an-object", line, f"is not a JSON object, but {kind_of(value)}", hint=_unwrapped(value)
            )
            return
        found = format_of(value)
        self.form = self.form or found
        if found is None:
            known = f"has an unknown format: expected {_EXPECTED}"
            self._add("wrong-format", line, f"{known}; it has {_names(value)}")
            self.conversion = self.conversion or _conversion(value, self.form or "chat")
            return
        assert self.form is not None
        self._check(value, encoded, line, self.form, found)

    def _check(self, value: dict[str, Any], encoded: bytes, line: int, form: Format, found: Format) -> None:
        is_other = found != form and {found, form} != {"chat", "reinforcement"}
        if is_other:
            expected = "earlier lines have" if self._is_guessed else "the method and the model need"
            text = f"has the format {found}, but {expected} {form}"
            self._add("wrong-format", line, text)
            self.conversion = self.conversion or _conversion(value, form)
        else:
            for fault in _faults(value, encoded, form):
                self._add_fault(fault, line)
        size = size_of(value, found if is_other else form, self._counter.count)
        self._builder.add_example(
            size.tokens, images=size.images, image_tokens=size.image_tokens, tools=size.tools
        )
        self._builder.messages.update(size.roles)
        self.characters += size.characters
        if not is_other:
            self._warn(value, form, size, line)
        plain = _as_plain(encoded) if form == "chat" else None
        self.fingerprints.add(plain.fingerprints[0] if plain else hash(encoded), line)
        if self._wants_prompts:
            self.prompts.add(plain.prompts[0] if plain else prompt_fingerprint(value), line)
        if self._grader is not None:
            self._add_misfits(self._grader.of_row(value), line)

    def _warn(self, value: dict[str, Any], form: Format, size: Size, line: int) -> None:
        for name, index in size.empty:
            path = f"{_LIST_PATHS[name]}[{index}].content"
            if form == "preference" and name == "messages":
                path = f"$.input.messages[{index}].content"
            self._add("empty-text", line, f"{path[2:]}: has no text", path=path, message=index)
        if size.images and (self._facts.images is False or form == "preference"):
            self._add("images-not-supported", line, "has images, which are not supported")
        if form == "preference" and value.get(OUTPUTS[0]) == value.get(OUTPUTS[1]):
            self._add("identical-outputs", line, "both outputs are the same")
        self._check_length(size.tokens, line, self.examples)

    def _check_length(self, tokens: float, line: int, example: int) -> None:
        longest = self._facts.longest
        if longest is not None and tokens > longest:
            text = f"has about {round(tokens)} tokens; the model's limit is {longest}"
            self.findings.add("too-long", line, text, example=example)

    def _add_misfits(self, mismatches: Iterator[Mismatch], line: int) -> None:
        # A grader may read a field in several places.
        for field, mismatch in {found.reference.field: found for found in mismatches}.items():
            self._misfits[field] += 1
            self.findings.add(
                "grader-field",
                line,
                mismatch.text,
                example=self.examples,
                path=f"$.{field}",
                hint=mismatch.hint,
                group=f"$.{field}",
            )

    def conclude_grader(self) -> None:
        """Report what is wrong with the grader, and a field that no example has, once for the whole file."""
        if self._grader is None:
            return
        for fault in self._grader.of_grader():
            text = f"{fault.reference.path} of the grader: {fault.text}"
            self.findings.add("grader-field", 0, text, hint=fault.hint, group=text)
        for field, count in self._misfits.items():
            if count == self.examples > 1:
                self.findings.join("grader-field", f"$.{field}", f"in all {count} examples")

    def _find_secrets(self, content: bytes, line: int) -> None:
        for position, beginning in secrets_in(content):
            at = line + content.count(b"\n", 0, position)
            self.findings.add("looks-like-key", at, f"some text looks like a secret key ({beginning})")

    def _compare(self) -> None:
        """Find the examples that repeat others, in this file and in the validation file."""
        for line, first in self.fingerprints.duplicates():
            self.duplicates += 1
            text = f"is the same example as line {first}"
            self.findings.add("duplicate-example", line, text, example=self._example_of(line))
        if self._known is not None:
            for line, shared, other in self._known.shared(self.fingerprints, self.prompts):
                code, text = _SHARED[shared]
                self.findings.add(code, line, text.format(other), example=self._example_of(line))

    def _example_of(self, line: int) -> int:
        """Return the number of the example in a line; the service counts all non-blank lines."""
        return line - bisect_left(self._blanks, line)

    def _add_unread(self, fault: LineFault, line: int) -> None:
        self.examples += 1
        self._add(fault.code, line, fault.text, hint=fault.hint)

    def _add_fault(self, fault: Fault, line: int) -> None:
        at = _shown_path(fault.path[:-1] if says_of_message(fault) else fault.path)
        text = f"{at}: {fault.text}" if at else fault.text
        path = f"$.{_shown_path(fault.path)}"
        self._add(fault.code, line, text, path=path, message=_message(fault.path), hint=fault.hint)

    def _add(
        self, code: str, line: int, text: str, *, path: str = "", message: int | None = None, hint: str = ""
    ) -> None:
        self.findings.add(code, line, text, example=self.examples, path=path, message=message, hint=hint)


def _lines(content: bytes) -> list[bytes]:
    lines = content.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def _faults(value: dict[str, Any], encoded: bytes, form: Format) -> Iterator[Fault]:
    """Yield the faults for which the service refuses an example."""
    try:
        example_decoder(form).decode(encoded)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        yield from schema_faults(value, form)
    yield from rule_faults(value, form)


def _as_plain(encoded: bytes) -> PlainExamples | None:
    """Return an example as the fast path reads it, with the same fingerprints, if it can read it."""
    try:
        example = decoder().decode(encoded)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return PlainReader(wants_prompts=True).read([example], encoded, (1.0, 1.0), range(0))


def _shown_path(path: Steps) -> str:
    shown = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return shown.removeprefix(".")


def _message(path: Steps) -> int | None:
    """Return the index of the message that a path leads into."""
    lists = ("messages", *OUTPUTS)
    for name, step in pairwise(path):
        if name in lists and isinstance(step, int):
            return step
    return None


def _names(value: dict[str, Any]) -> str:
    return ", ".join(map(shown, islice(value, 8))) or "no fields"


def _conversion(value: dict[str, Any], form: Format) -> str:
    """Return how objects like this become examples of a format; empty if nothing is known about it."""
    layout = layout_of(value, Columns())
    if layout is not None:
        try:
            convert_row(value, layout, check_target(layout, form), Columns())
        except (ValueError, InvalidRequestError):
            return ""
        if form in ("chat", "preference"):
            return "Run finetuning data convert FILE, or call data.convert(FILE)."
        return (
            f"Run finetuning data convert FILE --target {form}, or call data.convert(FILE, target={form!r})."
        )
    for name, items in value.items():
        if isinstance(items, list) and items and isinstance(items[0], dict):
            return f"If its list {name!r} has the examples, write each of them on a line of its own."
    return ""


def _unwrapped(value: object) -> str:
    """Return what to do with a value that has an object inside; empty if it has none."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        return "It was encoded twice: write the object without the quotes around it."
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "Write each object of the list on a line of its own."
    return ""


_EXPECTED = "'messages', 'prompt' and 'completion', or 'preferred_output' and 'non_preferred_output'"
