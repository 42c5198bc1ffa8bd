"""Check of the files of a job before they are uploaded: which findings raise, and which are logged."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..errors import DatasetError, Problem
from ..operation_settings import Settings

if TYPE_CHECKING:
    from ..data.findings import Finding
    from ..data.report import DatasetReport

_log = logging.getLogger("finetuning_client")

_SHOWN = 5
_ROLES: tuple[Literal["training", "validation"], ...] = ("training", "validation")
_METHODS = ("supervised", "dpo", "reinforcement")


def require_good_data(body: Mapping[str, Any], paths: Mapping[str, Path], settings: Settings) -> None:
    """Raise `DatasetError` for the first file of a job that the server would refuse. Reads the files.

    For a server that is not known to check data, only lines that cannot be read raise.

    Args:
        body: body of the create request.
        paths: the files to upload, by their field in the body.
        settings: settings of the client.
    """
    # Here, since most jobs are created from files that are uploaded already.
    from ..data.checks import check_for_job

    method = body.get("method")
    kind = method.get("type") if isinstance(method, Mapping) else "supervised"
    blocks_errors = settings.refuses_bad_data and settings.limits == "contract" and kind in _METHODS
    reports = check_for_job(
        {role: paths[f"{role}_file"] for role in _ROLES if f"{role}_file" in paths},
        method=method if blocks_errors and method is not None else "supervised",
        model=body.get("model"),
        is_known_format=blocks_errors,
    )
    for path, report in reports.items():
        _require(path, report, blocks_errors)


def _require(path: Path, report: DatasetReport, blocks_errors: bool) -> None:
    from ..data.findings import UNREADABLE

    # Other servers also accept other files, such as tables; only a `.jsonl` file must be JSON Lines.
    is_lines = path.suffix == ".jsonl"
    blocking = [
        finding
        for finding in report.findings
        if (finding.severity == "error" and blocks_errors) or (is_lines and finding.code in UNREADABLE)
    ]
    if blocking:
        raise _refusal(path, report, blocking)
    logged: set[str] = set()
    for finding in report.findings:
        if finding.severity != "note" and finding.code not in logged:
            logged.add(finding.code)
            more = report.counts[finding.code] - 1
            _log.warning("%s: %s: %s%s", path, finding.severity, finding, f" ({more} more)" if more else "")


def _refusal(path: Path, report: DatasetReport, blocking: list[Finding]) -> DatasetError:
    total = sum(report.counts[code] for code in {finding.code for finding in blocking})
    lines = [f"{path}: {total} problem{'s' * (total != 1)}; nothing was sent"]
    lines += [f"  {finding}: {finding.hint}" for finding in blocking[:_SHOWN]]
    if total > _SHOWN:
        lines.append(
            f"  and {total - _SHOWN} more: call finetuning_client.data.check({str(path)!r}) to see them"
        )
    problems = tuple(Problem(finding.line, finding.text) for finding in blocking)
    return DatasetError("\n".join(lines), path=str(path), problems=problems)
