"""The package as a whole: its imports, its public names and its size."""

import importlib
import subprocess
import sys
import typing
from pathlib import Path

import attrs
import pytest

import finetuning_api
from finetuning_api import models

from .reference import schemas

ROOT = Path(finetuning_api.__file__).parent


def loaded_by(program: str) -> set[str]:
    """Return the modules that a new interpreter has loaded after a program."""
    command = f"import sys; sys.path.insert(0, {str(ROOT.parent)!r}); {program}; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", command], check=True, capture_output=True, text=True)
    return set(result.stdout.split())


def test_package_loads_nothing() -> None:
    """Importing the package loads neither httpx, nor attrs, nor a model."""
    modules = loaded_by("import finetuning_api, finetuning_api.models")
    assert not modules & {"httpx", "attrs", "msgspec", "finetuning_api.client", "finetuning_api.types"}


def models_in(modules: set[str]) -> set[str]:
    prefix = "finetuning_api.models."
    return {name.removeprefix(prefix) for name in modules if name.startswith(prefix)}


def test_endpoint_loads_no_model() -> None:
    """Importing an endpoint loads neither a model nor httpx."""
    modules = loaded_by("from finetuning_api.api.fine_tuning import list_fine_tuning_events")
    assert "httpx" not in modules
    assert models_in(modules) == set()


def test_model_loads_only_itself() -> None:
    """Importing a model loads no other model, and reading loads only the models of the content."""
    model = "from finetuning_api.models.fine_tuning_job import FineTuningJob"
    assert models_in(loaded_by(model)) == {"fine_tuning_job"}
    read = (
        f"{model}; FineTuningJob.from_dict({{'id': 'a', 'status': 'running', 'method': {{'type': 'dpo'}}}})"
    )
    expected = {"fine_tuning_job", "fine_tuning_job_status", "fine_tune_method", "fine_tune_method_type"}
    assert models_in(loaded_by(read)) == expected


def test_type_hints_of_every_model_resolve(all_models: dict[str, type[attrs.AttrsInstance]]) -> None:
    """`typing.get_type_hints` gives the classes of every field, in whatever order models are loaded."""
    for name, model in all_models.items():
        hints = typing.get_type_hints(model)
        assert {field.name for field in attrs.fields(model)} <= hints.keys(), name
    program = (
        "import typing; from finetuning_api.models.fine_tuning_job import FineTuningJob as J;"
        "hint = typing.get_type_hints(J)['status']; from finetuning_api import models;"
        "assert hint is models.FineTuningJobStatus"
    )
    loaded_by(program)


def test_each_module_can_be_imported_first() -> None:
    """No module requires another one to be imported first."""
    names = [
        ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted(ROOT.rglob("*.py"))
    ]
    program = (
        f"names = {names!r}\n"
        "import importlib\n"
        "for name in names:\n"
        "    for loaded in [each for each in sys.modules if each.startswith('finetuning_api')]:\n"
        "        del sys.modules[loaded]\n"
        "    importlib.import_module(name)\n"
    )
    command = f"import sys\nsys.path.insert(0, {str(ROOT.parent)!r})\n{program}"
    subprocess.run([sys.executable, "-c", command], check=True)


def test_public_names_exist() -> None:
    """The public names of the root and of the models exist."""
    assert set(dir(finetuning_api)) == {"AuthenticatedClient", "Client", "api", "errors", "models", "types"}
    for package in (finetuning_api, models):
        for name in dir(package):
            assert getattr(package, name) is not None
        with pytest.raises(AttributeError, match="no_such_name"):
            getattr(package, "no_such_" + "name")
    named = {name for name, schema in schemas().items() if "enum" in schema or schema.get("properties")}
    assert set(vars(models)["__all__"]) == set(dir(models)) == named
    for name in named:
        assert getattr(models, name).__name__ == name


def test_library_names_are_kept() -> None:
    """The names that users of openapi-python-client know are in the same modules."""
    types = importlib.import_module("finetuning_api.types")
    for name in ("UNSET", "Unset", "File", "FileTypes", "RequestFiles", "Response"):
        assert name in types.__all__
        assert hasattr(types, name)


def test_package_stays_small() -> None:
    """At most 125 files and 5,500 lines."""
    files = [path for path in ROOT.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert len(files) <= 125
    assert sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files) <= 5500


def test_package_is_typed() -> None:
    """The marker file of PEP 561 exists."""
    assert (ROOT / "py.typed").is_file()
