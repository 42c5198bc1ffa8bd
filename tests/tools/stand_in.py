"""Stand-in for the hand-written client, with only the few names that generated methods refer to.

Its plans are descriptions of what would be done, and its drivers record them instead of sending requests.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.client_code import contract_modules
from tools.openapi import read

__all__ = [
    "FILES",
    "KITCHEN",
    "PACKAGE",
    "WRITTEN",
    "formatted",
    "handle",
    "produced",
    "resource",
    "swap",
    "written",
]

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "overlay/finetuning_client/"

FILES = {
    "__init__.py": "",
    "_async/__init__.py": "",
    "plans/__init__.py": "",
    "transport/__init__.py": "",
    "operation_settings.py": """
from collections.abc import Mapping

from .open_status import Meaning
from .limits_setting import Limits


class Settings:
    statuses: Mapping[str, Meaning] = {}
    limits: Limits = "contract"
""",
    **{
        name: (ROOT / PACKAGE / name).read_text(encoding="utf-8")
        for name in ("errors.py", "open_status.py", "record.py", "views/field_readers.py")
    },
    "identifiers.py": (ROOT / PACKAGE / "identifiers.py").read_text(encoding="utf-8"),
    "methods/__init__.py": "",
    "methods/base.py": "class TrainingMethod: ...\n",
    "views/__init__.py": "from .objects import *\n",
    "limits_setting.py": """
from typing import Literal

Limits = Literal["contract", "none"]
""",
    "validation.py": """
from typing import Any

from .limits_setting import Limits


def as_json(field: str, value: Any) -> Any:
    return value if isinstance(value, dict) else value.to_dict()


checked: list[tuple[str, str, Any, str | None]] = []


def require(schema: str, value: Any, *, prefix: str = "", limits: str = "contract") -> None:
    checked.append((schema, "", value, None))


def require_argument(
    operation: str, argument: str, value: Any, *, name: str | None = None, limits: str = "contract"
) -> None:
    checked.append((operation, argument, value, name))
""",
    "plans/effects.py": """
from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any, ParamSpec, TypeAlias, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
Plan: TypeAlias = Generator[Any, Any, T]


@dataclass(frozen=True)
class Request:
    options: dict[str, Any]
    admin: bool = False

    @classmethod
    def of(cls, build: Callable[P, dict[str, Any]], *args: P.args, **kwargs: P.kwargs) -> Request:
        return cls(build(*args, **kwargs))

    @property
    def for_admin(self) -> Request:
        return replace(self, admin=True)
""",
    "plans/attempts.py": """
from typing import Any

from ..operation_settings import Settings
from .effects import Plan, Request


def fetch(r: Request, s: Settings, schema: str | None, *, object_id: str | None = None) -> Plan[Any]:
    return (yield ("fetch", r, object_id, None, ()))
""",
    "plans/responses.py": """
from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]
""",
    "plans/exactly_once.py": """
from collections.abc import Callable, Collection
from typing import Any

from ..operation_settings import Settings
from .effects import Plan, Request
from .responses import JsonObject


def act(
    request: Request,
    settings: Settings,
    schema: str | None,
    *,
    object_id: str | None = None,
    look: Callable[[], Plan[JsonObject]] | None = None,
    reaches: Collection[str] = (),
) -> Plan[Any]:
    return (yield ("act", request, object_id, look and next(look()), reaches))


def remove(r: Request, s: Settings, schema: str | None, *, object_id: str | None = None) -> Plan[Any]:
    return (yield ("remove", r, object_id, None, ()))
""",
    "plans/list_pages.py": """
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .effects import Request

T = TypeVar("T")


@dataclass(frozen=True)
class Listing(Generic[T]):
    request: Callable[[str | None, int | None], Request]
    model: type[Any]
    read: Callable[[Any], T]
    limit: int | None = None
    page_size: int | None = None
    after: str | None = None
""",
    "transport/drivers.py": """
from typing import Any, TypeVar

from ..plans.effects import Plan

T = TypeVar("T")


class Driver:
    replies: list[Any] = []
    effects: list[Any] = []

    def run(self, plan: Plan[T]) -> T:
        self.effects.append(next(plan))
        try:
            plan.send(self.replies.pop(0) if self.replies else None)
        except StopIteration as end:
            result: T = end.value
            return result
        raise AssertionError


class AsyncDriver(Driver):
    async def run(self, plan: Plan[T]) -> T:  # type: ignore[override]
        return Driver.run(self, plan)
""",
    "_async/resource_base.py": """
from ..operation_settings import Settings
from ..transport.drivers import AsyncDriver


class AsyncResource:
    def __init__(self, driver: AsyncDriver, settings: Settings) -> None:
        self._driver = driver
        self._settings = settings
""",
    "_async/pager.py": """
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..plans.list_pages import Listing
from ..operation_settings import Settings
from ..transport.drivers import AsyncDriver

T = TypeVar("T")


@dataclass(frozen=True)
class AsyncPager(Generic[T]):
    driver: AsyncDriver
    listing: Listing[T]
    settings: Settings
""",
    "_async/client.py": """
from ..operation_settings import Settings
from ..transport.drivers import AsyncDriver
from .resources_of_client import AsyncResources


class AsyncFineTuning(AsyncResources):
    def __init__(self) -> None:
        self._driver = AsyncDriver()
        self._settings = Settings()

    @property
    def api(self) -> None: ...
""",
}


def handle(name: str, model: str, *by_hand: str) -> dict[str, str]:
    """Return the module of a handle; `model` is the module of its class in the generated library.

    Its view is generated, except for the attributes in `by_hand`.
    """
    attributes = "".join(f"    {attribute} = Field(mapping)\n" for attribute in by_hand)
    text = f"""
from typing import Self

from finetuning_api.models import {model} as models

from ..operation_settings import Settings
from ..plans.responses import JsonObject
from ..transport.drivers import AsyncDriver
from ..views.field_readers import Field, mapping
from ..views import {name}Fields
from .methods_of_{name.lower()}_handle import Async{name}Methods


class {name}View({name}Fields):
    to_dict = {name}Fields.to_dict
{attributes}

class Async{name}({name}View, Async{name}Methods):
    def __init__(
        self,
        driver: AsyncDriver,
        settings: Settings,
        data: JsonObject | models.{model.title().replace("_", "")},
    ) -> None:
        super().__init__(data)
        self._driver = driver
        self._settings = settings

    def _adopt(self, data: JsonObject) -> Self:
        self._data = data
        return self
"""
    return {f"_async/{name.lower()}.py": text}


def resource(name: str, *methods: str) -> dict[str, str]:
    """Return the module of a resource with hand-written methods."""
    lines = [
        f"from .methods_of_{name} import Async{name.title()}Methods",
        f"class Async{name.title()}(Async{name.title()}Methods):",
        *(f"    async def {method}(self) -> None: ..." for method in methods),
    ]
    return {f"_async/{name}.py": "\n".join(lines)}


def written(root: Path, files: dict[str, str]) -> None:
    """Write files below a directory."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def formatted(root: Path, names: list[str]) -> None:
    """Format generated files, as `make generate` does."""
    for command in (["check", "--fix-only", "--select", "I,F401", "--quiet"], ["format", "--quiet"]):
        program = [sys.executable, "-m", "ruff", *command, "--config", "line-length = 110"]
        subprocess.run([*program, *names], cwd=root, check=True)


KITCHEN = Path(__file__).with_name("kitchen.yaml")
WRITTEN = {**FILES, **handle("Order", "order", "note"), **resource("orders", "create")}


def produced(root: Path, text: str, files: dict[str, str] = WRITTEN) -> dict[str, str]:
    """Return the files generated from the text of a contract."""
    contract = root / "openapi.yaml"
    contract.write_text(text)
    written(root / PACKAGE, files)
    return contract_modules.produce(read(contract), root)


def swap(old: str, new: str, text: str) -> str:
    """Return a text with one replacement."""
    assert text.count(old) == 1, old
    return text.replace(old, new)
