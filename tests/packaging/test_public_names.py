"""The names that users may rely on are listed here once more, so that none comes or goes unnoticed."""

import ast
from pathlib import Path

import pytest

import finetuning_client

PUBLIC = """
    DPO ApiError AsyncFineTuning AsyncJob AsyncPager AuthenticationFailed BadRequest CheckpointId
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
    """What the module itself defines at its top, imports left out."""
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


def names_offered(module: ast.Module) -> set[str]:
    """The module's `__all__`; empty where it has none."""
    for node in module.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            # The package's own is made from its table of names, and has no names of its own.
            is_plain = not any(isinstance(part, ast.Starred) for part in ast.walk(node.value))
            return set(ast.literal_eval(node.value)) if is_plain else set()
    return set()


def test_the_public_names_are_the_ones_promised() -> None:
    """A name that is added is added here too; one that is removed breaks somebody's program."""
    assert set(finetuning_client.__all__) == set(PUBLIC.split())


@pytest.mark.parametrize("name", finetuning_client.__all__)
def test_each_public_name_is_there_and_listed(name: str) -> None:
    """Names are loaded when first used, which must work for all; completion shows them."""
    assert getattr(finetuning_client, name) is not None
    assert name in dir(finetuning_client)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    """As for any module, and naming both."""
    with pytest.raises(AttributeError, match=r"finetuning_client.*NoSuchName"):
        getattr(finetuning_client, "NoSuchName")  # noqa: B009 - a type checker would refuse it


@pytest.mark.parametrize("source", SOURCES)
def test_what_a_module_does_not_offer_starts_with_an_underscore(source: str) -> None:
    """Where a module lists what it offers; elsewhere every name without an underscore is offered."""
    module = ast.parse((ROOT / source).read_text(encoding="utf-8"))
    offered = names_offered(module)
    hidden = names_defined(module) - offered - {"TYPE_CHECKING"} if offered else set()
    # A single letter is a type variable.
    assert not {name for name in hidden if not name.startswith("_") and len(name) > 1}
