"""Check of a data file before it costs anything: all its faults, in one pass over the file.

The formats are those of the hosted service: chat, completions, preference (DPO) and reinforcement, with one
JSON object per line.
"""

from __future__ import annotations

import os
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from ..errors import DatasetError, InvalidRequestError, Problem
from ..methods import Method
from ..upload_source import Source, open_source, reading
from ..validation import as_json, require
from .duplicates import Known
from .findings import CODES, SHOWN_PER_CODE, Finding, Findings, Role
from .grader_references import GraderCheck
from .model_facts import facts_of
from .other_files import HEAD, named, recognised
from .report import DatasetReport
from .rules import Format
from .scan import Scan
from .statistics import DatasetStatistics
from .token_counter import TokenCounter

MethodLike: TypeAlias = str | Method | Mapping[str, Any]

FEWEST_EXAMPLES: Mapping[Role, int] = {"training": 10, "validation": 1}
"""Number of examples that the hosted service requires of a file."""

_PROBLEMS_SHOWN = 5
_NOT_LINES = frozenset(
    "not-json not-utf-8 control-character trailing-comma not-an-object too-deep lone-surrogate".split()
)
_ROLES: tuple[Role, ...] = ("validation", "training")
_METHODS = ("supervised", "dpo", "reinforcement")


def check(
    path: Source,
    *,
    method: MethodLike = "supervised",
    model: str | None = None,
    grader: object = None,
    validation: Source | None = None,
) -> DatasetReport:
    """Check a training file for a method and a model, and return everything that was found.

    Args:
        path: path of the file, its content as bytes, or a file open in binary mode.
        method: training method: its name, an object such as `DPO()`, or the `method` object of a request.
        model: model that the job is for; without one, a chat model is assumed, and no model limits are
            checked.
        grader: grader of a reinforcement job; every example must have the fields that it reads. By default
            the grader in `method`.
        validation: validation file of the job, which is checked too and compared with the training file.

    Raises `DatasetError` for a file that is missing or cannot be read, and `InvalidRequestError` for an
    unknown method. Problems in the file do not raise: see `ok` and `findings` of the report.
    """
    files: dict[Role, Source] = {"training": path}
    if validation is not None:
        files["validation"] = validation
    found = _check_files(files, _Job.of(method, model, grader))
    beside = found["validation"].found() if validation is not None else ((), {})
    return found["training"].report(*beside)


def check_for_job(
    files: Mapping[Role, Path], *, method: MethodLike, model: str | None, is_known_format: bool
) -> dict[Path, DatasetReport]:
    """Check the files of a job, or some of them, and return the report of each.

    Args:
        files: the files, by their purpose.
        method: as for `check`.
        model: as for `check`.
        is_known_format: whether this server uses the formats of the method; if not, the format of the first
            example is used.
    """
    job = _Job.of(method, model, None)
    if not is_known_format:
        job = msgspec.structs.replace(job, form=None)
    found = _check_files(files, job)
    return {files[role]: one.report((), {}) for role, one in found.items()}


def check_dataset(
    path: Source,
    *,
    minimum: int = FEWEST_EXAMPLES["training"],
    check: bool = True,
    method: MethodLike | None = None,
    model: str | None = None,
) -> DatasetReport:
    """Check a data file, and return a report; raise if the service would refuse the file.

    Args:
        path: path of the file, its content as bytes, or a file open in binary mode.
        minimum: minimum number of examples; use 1 for a validation file.
        check: if true, problems raise `DatasetError`; if false, read the report's `problems`.
        method: training method that the file is for, as for `data.check`; `None` to use the format of the
            first example.
        model: model that the file is for.

    Raises `DatasetError` for a file that is missing, unreadable or empty, and for its problems.
    """
    if not isinstance(minimum, int) or isinstance(minimum, bool) or minimum < 0:
        raise InvalidRequestError.of("minimum", "a whole number, at least 0", minimum)
    job = _Job.of("supervised" if method is None else method, model, None)
    if method is None and model is None:
        job = msgspec.structs.replace(job, form=None)
    own = _Check(job, limit=None, minimum=minimum)
    own.run(path, may_be_empty=False)
    report = own.report((), {})
    if check and report.problems:
        raise DatasetError(_summary(report), path=report.path, problems=report.problems)
    return report


def method_name(method: object) -> str:
    """Return the name of a method. Raises `InvalidRequestError` for an unknown one."""
    name = method.get("type") if isinstance(method, Mapping) else getattr(method, "type", method)
    if not isinstance(name, str) or name not in _METHODS:
        rule = "'supervised', 'dpo', 'reinforcement' or a method object"
        raise InvalidRequestError.of("method", rule, method, f", not {name!r}")
    return name


class _Job(msgspec.Struct, frozen=True):
    """Purpose of files: a method, the format that it needs (`None` for any), a model, a grader."""

    method: str
    form: Format | None
    model: str | None
    grader: GraderCheck | None

    @classmethod
    def of(cls, method: MethodLike, model: str | None, grader: object) -> _Job:
        kind = method_name(method)
        if model is not None and not isinstance(model, str):
            raise InvalidRequestError.of("model", "the name of a model", model, f", not {model!r}")
        found = _grader_check(grader if grader is not None else _grader_of(method))
        return cls(kind, _format_for(kind, model), model, found)


def _check_files(files: Mapping[Role, Source], job: _Job) -> dict[Role, _Check]:
    """Check files; the training file is compared with the validation file, which is read first."""
    found: dict[Role, _Check] = {}
    known: Known | None = None
    for role in _ROLES:
        if role in files:
            found[role] = one = _Check(job, role=role, limit=SHOWN_PER_CODE)
            one.run(files[role], known=known, prompts=role == "validation")
            if role == "validation":
                known = Known(one.scan.fingerprints.first_lines(), one.scan.prompts.first_lines())
    return found


class _Check:
    """The check of one file, from its first bytes to the report."""

    def __init__(
        self, job: _Job, *, limit: int | None, role: Role = "training", minimum: int | None = None
    ) -> None:
        self._job = job
        self._facts = facts_of(job.model)
        self._role: Role = role
        self._limit = limit
        self._minimum = FEWEST_EXAMPLES[role] if minimum is None else minimum
        self.scan = self._new_scan(0)
        self._path = ""

    def run(
        self,
        source: Source,
        *,
        known: Known | None = None,
        prompts: bool = False,
        may_be_empty: bool = True,
    ) -> None:
        """Read the file."""
        with open_source(source, may_be_empty=may_be_empty) as payload:
            is_path = isinstance(source, str | os.PathLike)
            self._path = os.fsdecode(source) if is_path else payload.name  # type: ignore[arg-type]
            with reading(self._path):
                head = payload.file.read(HEAD)
                other = recognised(head)
                payload.file.seek(0)
                self.scan = self._new_scan(payload.size, known, prompts)
                if other is not None:
                    self.scan.findings.add(other.code, 1, other.text, hint=other.hint)
                    return
                if head.startswith(BOM_UTF8):
                    self.scan.findings.add("byte-order-mark", 1, "the file begins with a byte order mark")
                self.scan.read(payload.file)
            payload.require_unchanged("check")
        self._conclude()

    def _new_scan(self, size: int, known: Known | None = None, prompts: bool = False) -> Scan:
        return Scan(
            self._job.form,
            self._facts,
            TokenCounter(self._facts.vocabulary, size),
            method=self._job.method,
            role=self._role,
            limit=self._limit,
            known=known,
            prompts=prompts,
            grader=self._job.grader,
        )

    def _conclude(self) -> None:
        """Add the findings about the whole file, and report a finding only once if every line repeats it."""
        findings, examples = self.scan.findings, self.scan.examples
        if not examples and self._limit is not None:
            findings.add("empty-file", 0, "the file is empty")
        elif examples < self._minimum and (self._limit is None or not self._is_other_file()):
            count = "1 example" if examples == 1 else f"{examples} examples"
            findings.add("too-few-examples", 0, f"has {count}; at least {self._minimum} are required")
        if self.scan.blank:
            findings.add(
                "blank-lines",
                0,
                "1 line is blank" if self.scan.blank == 1 else f"{self.scan.blank} lines are blank",
            )
        self.scan.conclude_grader()
        if self._limit is not None:
            self._collapse(findings, examples)

    def _collapse(self, findings: Findings, examples: int) -> None:
        counts = findings.counts
        expected = self._expected()
        if counts["not-utf-8"] > 1:
            first = next(f for f in findings if f.code == "not-utf-8")
            text = f"{first.text} (the first of {counts['not-utf-8']} such lines)"
            findings.replace(frozenset({"not-utf-8"}), "not-utf-8", text, hint=first.hint)
        if examples > 1 and self._has_no_json_lines():
            first = next(f for f in findings if f.code in _NOT_LINES)
            text = f"no line is a JSON object: line {first.line} {first.text}"
            findings.replace(_NOT_LINES, "not-json-lines", text, hint=first.hint)
        if examples and counts["wrong-format"] == examples:
            text = f"no example has the format that {expected}"
            first = next(f for f in findings if f.code == "wrong-format")
            findings.replace(
                frozenset({"wrong-format"}),
                "wrong-format",
                f"{first.text}: {text}",
                hint=self.scan.conversion,
            )
        elif 1 < examples == counts["last-message"] and self.scan.form in ("chat", "reinforcement"):
            role = "assistant" if self.scan.form == "chat" else "user"
            text = f"no example has the format that {expected}: none ends with a message from the {role}"
            codes = frozenset({"last-message", "unknown-key", "no-target"})
            findings.replace(codes, "wrong-format", text)

    def _has_no_json_lines(self) -> bool:
        """Return whether each line has the same kind of fault, except for a comma that the last one lacks."""
        counts, examples = self.scan.findings.counts, self.scan.examples
        unread = sum(counts[code] for code in _NOT_LINES)
        return unread == examples or (examples > 2 and counts["trailing-comma"] == examples - 1)

    def _is_other_file(self) -> bool:
        """Return whether no line is an example, so that their number says nothing."""
        counts = self.scan.findings.counts
        return 0 < self.scan.examples == sum(counts[code] for code in (*_NOT_LINES, "wrong-format"))

    def _expected(self) -> str:
        of_model = f" with the model {self._job.model}" if self._job.model else ""
        return f"the method {self._job.method}{of_model} needs ({self.scan.form})"

    def found(self) -> tuple[Sequence[Finding], dict[str, int]]:
        """Return the findings, and the number of each code."""
        counts = {code: count for code, count in self.scan.findings.counts.items() if count}
        found = [
            msgspec.structs.replace(finding, hint=named(finding.hint, self._path))
            if "FILE" in finding.hint
            else finding
            for finding in self.scan.findings
        ]
        return found, counts

    def report(self, beside: Sequence[Finding], counts_beside: Mapping[str, int]) -> DatasetReport:
        """Return the report, with the findings about a validation file."""
        findings, counts = self.found()
        for code, count in counts_beside.items():
            counts[code] = counts.get(code, 0) + count
        scan, stats = self.scan, self.scan.statistics()
        errors = [finding for finding in findings if CODES[finding.code].severity == "error"]
        return DatasetReport(
            path=self._path,
            format=scan.form,
            examples=scan.examples,
            messages=stats.messages_by_role,
            characters=scan.characters,
            duplicates=scan.duplicates,
            problems=tuple(Problem(finding.line, finding.text) for finding in errors),
            findings=(*findings, *beside),
            counts=counts,
            stats=stats if scan.examples else DatasetStatistics(method=self._job.method),
        )


def _format_for(method: str, model: str | None) -> Format | None:
    """Return the format that a method needs for a model; `None` if the model may take several."""
    if method == "dpo":
        return "preference"
    if method == "reinforcement":
        return "reinforcement"
    return "completions" if facts_of(model).completions else "chat"


def _grader_of(method: object) -> object:
    if isinstance(method, Mapping):
        inner = method.get("reinforcement")
        return inner.get("grader") if isinstance(inner, Mapping) else None
    return getattr(method, "grader", None)


def _grader_check(grader: object) -> GraderCheck | None:
    if grader is None:
        return None
    found = as_json("grader", grader)
    require("ValidateGraderRequest", {"grader": found})
    return GraderCheck(found)


def _summary(report: DatasetReport) -> str:
    shown = "\n".join(f"  {problem}" for problem in report.problems[:_PROBLEMS_SHOWN])
    more = len(report.problems) - _PROBLEMS_SHOWN
    count = "1 problem" if len(report.problems) == 1 else f"{len(report.problems)} problems"
    return f"{report.path}: {count}\n{shown}" + (f"\n  and {more} more" if more > 0 else "")
