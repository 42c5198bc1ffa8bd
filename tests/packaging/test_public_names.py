"""The public names are listed here a second time, so that none is added or removed by accident."""

import ast
from pathlib import Path

import pytest

import finetuning_client

PUBLIC = """
    DPO ApiError ArchiveError AsyncFineTuning AsyncJob AsyncPager AuthenticationFailed BadRequest CheckpointId
    ConfigurationError Conflict ConnectionFailed DatasetError DatasetReport EventCursor EventLevel FileId
    FileStatus FineTuning FineTuningError InvalidRequestError InvalidResponse InvalidWebhook Job JobCancelled
    JobFailed JobId JobStatus MetricRow ModelId NotFound OrganizationId Page Pager PermissionDenied
    Checkpoint Deleted Event File Hyperparameters Integration JobError Model Permission StepMetrics
    UnknownMethod Upload UploadPart UploadStatus
    Problem RateLimited Reinforcement RequestTimedOut RetryPolicy ServerError Supervised
    TrainingUnavailable UnprocessableEntity WaitTimeout __version__ check_dataset loss_curve
"""

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path.relative_to(ROOT).as_posix()
    for package in ("overlay/finetuning_client", "emulator/finetuning_emulator", "testing/finetuning_pytest")
    for path in (ROOT / package).rglob("*.py")
)


def names_defined(module: ast.Module) -> set[str]:
    """Return the names that a module defines at its top level, without imports."""
    names = set()
    for node in module.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name)
            case ast.Assign(targets=targets):
                names |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
    return names


def names_in_all(module: ast.Module) -> set[str]:
    """Return the module's `__all__`; empty if it has none."""
    for node in module.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def test_public_names_are_unchanged() -> None:
    """Removing a name breaks users' programs; a new name must be added here."""
    assert set(finetuning_client.__all__) == set(PUBLIC.split())


@pytest.mark.parametrize("source", SOURCES)
def test_names_outside_all_start_with_an_underscore(source: str) -> None:
    """Every name without an underscore is public in a module without `__all__`."""
    module = ast.parse((ROOT / source).read_text(encoding="utf-8"))
    offered = names_in_all(module)
    hidden = names_defined(module) - offered - {"TYPE_CHECKING"} if offered else set()
    # A single letter is a type variable.
    assert not {name for name in hidden if not name.startswith("_") and len(name) > 1}
