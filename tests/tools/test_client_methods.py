"""Methods generated from the contract: what they do in both clients."""

from __future__ import annotations

import ast
import asyncio
import importlib
import inspect
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from tools.client_code import contract_modules
from tools.openapi import read

from .stand_in import FILES, KITCHEN, PACKAGE, handle, produced, resource, swap, written


class Both(NamedTuple):
    """Both clients of the kitchen, whose drivers share a record of effects."""

    drivers: ModuleType
    api: ModuleType
    clients: tuple[Any, Any]

    def call(
        self, path: str, *args: Any, reply: Any = None, **kwargs: Any
    ) -> list[tuple[Any, tuple[Any, ...]]]:
        """Call a method of both clients; return the result and the effect of each."""
        found: list[tuple[Any, tuple[Any, ...]]] = []
        for client in self.clients:
            driver = self.drivers.Driver
            driver.replies[:] = [reply]
            method = client
            for step in path.split("."):
                method = getattr(method, step)
            result: Any = method(*args, **kwargs)
            found.append(
                (asyncio.run(result) if inspect.iscoroutine(result) else result, driver.effects.pop())
            )
        return found


@pytest.fixture
def both(kitchen: Path) -> Both:
    """Clients that record their effects."""
    clients = [
        getattr(importlib.import_module(f"kitchen_client.{kind}.client"), name)()
        for kind, name in (("_sync", "FineTuning"), ("_async", "AsyncFineTuning"))
    ]
    drivers = importlib.import_module("kitchen_client.transport.drivers")
    importlib.import_module("kitchen_client.validation").checked.clear()
    return Both(drivers, importlib.import_module("kitchen_api.models"), (clients[0], clients[1]))


def checked() -> list[tuple[Any, ...]]:
    """Return the values that were checked against the contract."""
    found: list[tuple[Any, ...]] = importlib.import_module("kitchen_client.validation").checked
    return found


# --- the generated files ---------------------------------------------------------------------


def test_type_checkers_accept_the_generated_code(kitchen: Path) -> None:
    """mypy is strict with the methods, their plans, the statuses and the blocking form."""
    program = [sys.executable, "-m", "mypy", "--strict", "--warn-unreachable", "--no-error-summary"]
    options = ["--python-version", "3.11", "--cache-dir", os.devnull, "-p", "kitchen_client"]
    run = subprocess.run([*program, *options], cwd=kitchen, capture_output=True, text=True, check=False)
    assert (run.stdout, run.returncode) == ("", 0)


def test_the_generated_code_keeps_the_rules_of_the_project(kitchen: Path, repository: Path) -> None:
    """ruff finds nothing wrong with docstrings, names and line lengths."""
    kinds = ["_*/methods_of_*.py", "_*/resources_of_client.py"]
    kinds += ["plans/operations.py", "statuses.py", "views/objects.py"]
    places = [path for kind in kinds for path in (kitchen / "kitchen_client").glob(kind)]
    config = ["--config", str(repository / "pyproject.toml"), "--no-cache"]
    program = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        *config,
        *map(str, places),
    ]
    run = subprocess.run(program, cwd=kitchen, capture_output=True, text=True, check=False)
    assert (run.stdout.strip(), run.returncode) == ("All checks passed!", 0)


def test_loading_the_methods_loads_no_model_and_no_endpoint(kitchen: Path) -> None:
    """The model and the endpoint of an operation are loaded when it is first called."""
    code = (
        "import sys; from kitchen_client._sync.client import FineTuning; FineTuning().menus.dishes\n"
        "import kitchen_client.plans.operations, kitchen_client.views\n"
        "print([name for name in sys.modules if name.startswith(('kitchen_api.api', 'kitchen_api.models'))])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=kitchen, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


def test_fetch_returns_a_handle_of_the_requested_object(both: Both) -> None:
    """The path has the id, the response must have it too, and the handle has the object."""
    reply = both.api.Order.from_dict({"id": "o-1"})
    for order, (kind, request, object_id, _, _) in both.call("orders.retrieve", "o-1", reply=reply):
        assert (kind, object_id, request.admin) == ("fetch", "o-1", False)
        assert request.options["url"] == "/orders/o-1"
        assert order.id == "o-1"


def test_a_handle_is_updated_only_by_its_own_object(both: Both) -> None:
    """An action updates the handle; a method that returns another object returns another handle."""
    one, other = (both.api.Order.from_dict({"id": name}) for name in ("o-1", "o-2"))
    driver = both.drivers.Driver
    order = both.clients[0].orders.retrieve.__self__
    driver.replies[:] = [one, one, other]
    order = order.retrieve("o-1")
    assert order.stop() is order
    parent = order.parent()
    assert (parent.id, order.id) == ("o-2", "o-1")
    kind, request, object_id, look, reaches = driver.effects[-2]
    assert (kind, object_id, reaches) == ("act", "o-1", ("cancelled",))
    assert request.options["url"] == "/orders/o-1/cancel"
    assert look[0] == "fetch"
    assert look[1].options["url"] == "/orders/o-1"


def test_delete_returns_a_view_and_knows_the_deleted_id(both: Both) -> None:
    """After a lost response, the plan knows the id of the object."""
    for gone, (kind, request, object_id, _, _) in both.call("orders.delete", "o-1", reply="sent"):
        assert (kind, request.options["method"], object_id) == ("remove", "DELETE", "o-1")
        assert (type(gone).__name__, gone._data) == ("Deleted", "sent")


def test_a_body_is_made_from_named_arguments(both: Both) -> None:
    """Dicts and models may be mixed, omitted arguments are not sent, and a required null is sent."""
    guest = both.api.Guest(name="Ada")
    given = {"seats": 2, "guest": {"name": "Bob"}, "note": None}
    for _, (kind, request, *_) in both.call(
        "orders.price", "o-1", extras=(guest, {"name": "Cy"}), reply={}, **given
    ):
        body = {**given, "with": [{"name": "Ada"}, {"name": "Cy"}]}
        assert (kind, request.options["json"]) == ("fetch", body)
        assert ("PriceRequest", "", body, None) in checked()
    for _, (_, request, *_) in both.call("orders.price", "o-1", reply={}, **given):
        assert request.options["json"] == given


def test_required_arguments_come_first_and_have_no_default(both: Both) -> None:
    """A signature has the required arguments, with their names in Python."""
    for client in both.clients:
        shown = str(inspect.signature(client.orders.list))
        assert shown.startswith("(*, class_: 'str', limit: 'int | None' = None, page_size: ")
        shown = str(inspect.signature(client.orders.price))
        assert "seats: 'int', guest: 'ApiObject | Mapping[str, Any]', note: 'str | None', extras: " in shown
        assert "created" not in shown  # read-only: never sent


def test_pages_are_requested_with_their_cursor_and_size(kitchen: Path, both: Both) -> None:
    """Filters are sent with every page, the contract limits the page size, and items become handles."""
    for client in both.clients:
        given = {"class_": "a", "state": "open", "labels": {"x": "y"}}
        listing = client.orders.list(limit=7, after="o-1", **given).listing
        assert (listing.limit, listing.page_size, listing.after) == (7, 50, "o-1")
        filters = {"class": "a", "state": "open", "labels[x]": "y"}
        assert listing.request("o-9", 900).options["params"] == {**filters, "after": "o-9", "limit": 500}
        assert listing.request(None, None).options["params"] == filters
        assert listing.read(both.api.Order.from_dict({"id": "o-3"})).id == "o-3"
    assert ("listOrders", "class", "a", "class_") in checked()
    assert ("listOrders", "state", "open", None) in checked()


def test_a_page_size_is_checked_against_the_contract(both: Both) -> None:
    """The error must name the argument, not the parameter of the contract."""
    both.clients[0].orders.list(class_="a", page_size=501)
    assert ("listOrders", "limit", 501, "page_size") in checked()


def test_a_list_without_a_cursor_takes_only_a_limit(both: Both) -> None:
    """Its items are views, its resource is in a group, and the admin key signs its request."""
    for client in both.clients:
        listing = client.menus.dishes.list("lunch", limit=3).listing
        request = listing.request(None, 3)
        assert (request.options["url"], request.admin) == ("/menus/lunch/dishes", True)
        assert type(listing.read({})).__name__ == "Dish"
        with pytest.raises(TypeError, match="page_size"):
            client.menus.dishes.list("lunch", page_size=3)


def test_a_number_in_a_path_is_checked_and_written(both: Both) -> None:
    """The limits of the contract apply to it as to any other argument."""
    for table, (_, request, *_) in both.call("tables.retrieve", 12, reply={"seats": 4}):
        assert (table.to_dict(), request.options["url"]) == ({"seats": 4}, "/tables/12")
    assert ("retrieveTable", "number", 12, None) in checked()


def test_methods_have_the_documentation_of_the_contract(both: Both) -> None:
    """They have summary, description, arguments with their values, and the operation."""
    text = inspect.getdoc(both.clients[0].orders.list) or ""
    assert text.startswith(
        "List orders.\n\nOne page of orders, with a \\ in its text.\n\nNewest first.\n\nArgs:"
    )
    assert "state: Only orders in this state. One of `open`, `on-hold`, `served`, `cancelled`." in text
    assert "page_size: items per request, at most 500; `None` for 50." in text
    assert "Source: `listOrders` in the contract." in text
    assert 'with a """ in its text.' in (inspect.getdoc(both.clients[0].orders.delete) or "")
    assert inspect.getdoc(type(both.clients[0]).orders) == "Orders, from the kitchen to the table."


def test_statuses_follow_from_the_contract(kitchen: Path) -> None:
    """They have the values, outcomes and idle values of the contract; a new status is kept as a string."""
    statuses = importlib.import_module("kitchen_client.statuses")
    state = statuses.OrderState
    assert [(one.name, one.value) for one in state] == [
        ("OPEN", "open"),
        ("ON_HOLD", "on-hold"),
        ("SERVED", "served"),
        ("CANCELLED", "cancelled"),
    ]
    assert (state.SERVED.outcome, state.OPEN.outcome, state("burnt").outcome) == ("succeeded", None, None)
    assert [one.name for one in state if not one.is_active] == ["ON_HOLD", "SERVED", "CANCELLED"]
    assert state.__doc__.startswith("State of an order.\n\n    More may come.")


def test_a_success_without_content_returns_none(tmp_path: Path) -> None:
    """No view and no model is generated for it."""
    text = KITCHEN.read_text().replace(
        "method: delete, plan: delete, returns: Deleted", "method: delete, plan: delete"
    )
    content = ", content: {application/json: {schema: {$ref: '#/components/schemas/Deletion'}}}"
    text = swap(content, "", text)
    made = produced(tmp_path, text)
    method = made[f"{PACKAGE}_async/methods_of_orders.py"].partition("def delete(")[2].partition("def ")[0]
    assert "-> None:" in method
    assert "        await self._driver.run(plan)" in method
    assert (
        "return remove(request, settings, None, object_id=order_id)" in made[f"{PACKAGE}plans/operations.py"]
    )


# --- the contract of this project -----------------------------------------------------------

METHODS = {
    "jobs": "cancel list list_checkpoints list_events pause resume retrieve",
    "permissions": "delete list",
    "graders": "run validate",
    "files": "delete list retrieve",
    "uploads": "cancel",
    "models": "delete list retrieve",
    "job_handle": "cancel list_checkpoints list_events pause resume retrieve",
}
BY_HAND = {
    **FILES,
    **handle("Job", "fine_tuning_job", "error", "method", "metadata"),
    **resource("jobs", "create"),
    **resource("files", "upload", "content"),
    **resource("uploads", "create", "add_part", "complete"),
    **resource("permissions", "create"),
}


def test_every_operation_is_a_method(tmp_path: Path, repository: Path) -> None:
    """The generated and the hand-written methods together are the public methods."""
    written(tmp_path / PACKAGE, BY_HAND)
    made = contract_modules.produce(read(repository / "openapi.yaml"), tmp_path)
    found = {}
    for name in METHODS:
        tree = ast.parse(made[f"{PACKAGE}_async/methods_of_{name}.py"])
        nodes = [node for top in tree.body if isinstance(top, ast.ClassDef) for node in top.body]
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        found[name] = " ".join(sorted(node.name for node in nodes if isinstance(node, kinds)))
    assert found == METHODS
    parts = made[f"{PACKAGE}_async/resources_of_client.py"].split("class ")
    attributes = [[line.split()[1] for line in part.splitlines() if "    def " in line] for part in parts]
    assert [name.partition("(")[0] for name in attributes[1]] == [
        *("jobs", "checkpoints", "graders", "files", "uploads", "models")
    ]
    assert [name.partition("(")[0] for name in attributes[2]] == ["permissions"]


def test_an_action_must_return_the_object_it_acts_on(tmp_path: Path, repository: Path) -> None:
    """Its kind is found from what reads or creates the object; a model may have another name."""
    written(tmp_path / PACKAGE, BY_HAND)
    made = contract_modules.produce(read(repository / "openapi.yaml"), tmp_path)
    plans = made[f"{PACKAGE}plans/operations.py"]
    assert 'return act(request, settings, "Upload", object_id=upload_id)' in plans
    assert 'return fetch(request, settings, "Model")' in plans


# --- boolean schemas --------------------------------------------------------------------------


def test_a_schema_that_allows_anything_becomes_any(tmp_path: Path) -> None:
    """`true` may replace the schema of a field, an item, a parameter or a component."""
    text = swap("name: {type: [string, 'null']}", "name: true", KITCHEN.read_text())
    text = swap("tags: {type: array, items: {type: string}}", "tags: {type: array, items: true}", text)
    text = swap("note: {type: [string, 'null']}", "note: true", text)
    text = swap(
        "        - name: limit\n",
        "        - {name: odd, in: query, schema: true}\n        - name: limit\n",
        text,
    )
    text = swap(
        "    Guest:\n      type: object\n      properties:\n        name: {type: string}\n",
        "    Guest: true\n",
        text,
    )
    made = produced(tmp_path, text)
    assert "name = Field(field_readers.anything)" in made[f"{PACKAGE}views/objects.py"]
    assert "tags = Field(field_readers.items)" in made[f"{PACKAGE}views/objects.py"]
    orders = made[f"{PACKAGE}_async/methods_of_orders.py"]
    assert "note: Any" in orders
    assert "guest: Any" in orders
    assert "odd: Any" in orders
