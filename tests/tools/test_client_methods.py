"""Methods of the client, made from the contract: what they do on both clients, and what is refused."""

from __future__ import annotations

import ast
import asyncio
import importlib
import inspect
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools import client_methods, generate, unasync
from tools.openapi import DocumentError, read

from .stand_in import FILES, KITCHEN, PACKAGE, WRITTEN, formatted, handle, produced, resource, swap, written


def make(root: Path, contract: Path, files: dict[str, str]) -> list[str]:
    """Write a client: its hand-written files, what is made from the contract, and the blocking twin."""
    written(root / PACKAGE, files)
    made = client_methods.produce(read(contract), root)
    written(root, made)
    formatted(root, list(made))
    blocking = unasync.produce(root / PACKAGE / "_async")
    names = [f"{PACKAGE}_sync/{name}" for name in blocking]
    written(root, dict(zip(names, blocking.values(), strict=True)))
    formatted(root, names)
    return [*made, *names]


@pytest.fixture(scope="session")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The client of the small contract, and its generated library, under names of their own."""
    root = tmp_path_factory.mktemp("kitchen")
    make(root, KITCHEN, WRITTEN)
    assert (
        generate.main(["--contract", str(KITCHEN), "--output", str(root / "generated/finetuning_api")]) == 0
    )
    (root / "generated/finetuning_api").rename(root / "kitchen_api")
    (root / PACKAGE).rename(root / "kitchen_client")
    for path in root.rglob("*.py"):
        path.write_text(path.read_text().replace("finetuning_api", "kitchen_api"))
    sys.path.insert(0, str(root))
    yield root
    sys.path.remove(str(root))


class Both(NamedTuple):
    """Both clients of the kitchen, which share what their drivers were asked to do."""

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
    """Clients that note what they would do."""
    clients = [
        getattr(importlib.import_module(f"kitchen_client.{kind}.client"), name)()
        for kind, name in (("_sync", "FineTuning"), ("_async", "AsyncFineTuning"))
    ]
    drivers = importlib.import_module("kitchen_client.transport.drivers")
    importlib.import_module("kitchen_client.validation").checked.clear()
    return Both(drivers, importlib.import_module("kitchen_api.models"), (clients[0], clients[1]))


def checked() -> list[tuple[Any, ...]]:
    """What was checked against the contract."""
    found: list[tuple[Any, ...]] = importlib.import_module("kitchen_client.validation").checked
    return found


# --- what is made ---------------------------------------------------------------------------


def test_type_checkers_accept_everything_that_is_made(kitchen: Path) -> None:
    """mypy is strict with the methods, their plans, the statuses and the blocking twin."""
    program = [sys.executable, "-m", "mypy", "--strict", "--warn-unreachable", "--no-error-summary"]
    options = ["--python-version", "3.11", "--cache-dir", os.devnull, "-p", "kitchen_client"]
    run = subprocess.run([*program, *options], cwd=kitchen, capture_output=True, text=True, check=False)
    assert (run.stdout, run.returncode) == ("", 0)


def test_what_is_made_keeps_the_rules_of_the_project(kitchen: Path, repository: Path) -> None:
    """ruff has nothing to say: docstrings, names, lengths of lines."""
    places = ["_async/methods", "_sync/methods", "plans/operations.py", "statuses.py", "views.py"]
    config = ["--config", str(repository / "pyproject.toml"), "--no-cache"]
    program = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        *config,
        *(f"kitchen_client/{place}" for place in places),
    ]
    run = subprocess.run(program, cwd=kitchen, capture_output=True, text=True, check=False)
    assert (run.stdout.strip(), run.returncode) == ("All checks passed!", 0)


def test_loading_the_methods_loads_no_model_and_no_endpoint(kitchen: Path) -> None:
    """What an operation needs is loaded when it is first called."""
    code = (
        "import sys; from kitchen_client._sync.client import FineTuning; FineTuning().menus.dishes\n"
        "import kitchen_client.plans.operations, kitchen_client.views\n"
        "print([name for name in sys.modules if name.startswith(('kitchen_api.api', 'kitchen_api.models'))])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=kitchen, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


def test_fetch_gives_a_handle_of_the_object_asked_for(both: Both) -> None:
    """The path has the id, the response must have it too, and the handle has the object."""
    reply = both.api.Order.from_dict({"id": "o-1"})
    for order, (kind, request, object_id, _, _) in both.call("orders.retrieve", "o-1", reply=reply):
        assert (kind, object_id, request.admin) == ("fetch", "o-1", False)
        assert request.options["url"] == "/orders/o-1"
        assert order.id == "o-1"


def test_a_handle_is_updated_by_its_own_object_only(both: Both) -> None:
    """An action updates the handle; a method that gives another object gives another handle."""
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


def test_delete_gives_a_view_and_knows_what_is_deleted(both: Both) -> None:
    """After a lost response the plan can tell of what object it was."""
    for gone, (kind, request, object_id, _, _) in both.call("orders.delete", "o-1", reply="sent"):
        assert (kind, request.options["method"], object_id) == ("remove", "DELETE", "o-1")
        assert (type(gone).__name__, gone._data) == ("Deleted", "sent")


def test_a_body_is_made_of_arguments_by_name(both: Both) -> None:
    """Dicts and models may be mixed, what is left out is not sent, and a required null is."""
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
    """A signature says what has to be given, under Python's names."""
    for client in both.clients:
        shown = str(inspect.signature(client.orders.list))
        assert shown.startswith("(*, class_: 'str', limit: 'int | None' = None, page_size: ")
        shown = str(inspect.signature(client.orders.price))
        assert "seats: 'int', guest: 'ApiObject | Mapping[str, Any]', note: 'str | None', extras: " in shown
        assert "created" not in shown  # read-only: never sent


def test_pages_are_requested_with_their_cursor_and_size(kitchen: Path, both: Both) -> None:
    """Filters go with every page; a size is the contract's at most; items become handles."""
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


def test_a_page_size_is_checked_by_the_contract(both: Both) -> None:
    """The error is to name the argument, not the contract's parameter."""
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


def test_methods_say_what_the_contract_says(both: Both) -> None:
    """Summary, description, arguments with their values, and the operation."""
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
    """Values, outcomes and idle values; a status that is new stays as it is."""
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


@pytest.fixture
def dish(kitchen: Path) -> Any:
    """What makes a view of a dish, read from JSON by the generated library."""
    views = importlib.import_module("kitchen_client.views")
    model = importlib.import_module("kitchen_api.models").Dish
    return lambda **sent: views.Dish(model.from_dict(sent))


SENT: list[tuple[str, Any, Any]] = [
    ("type", "stew", "stew"),
    ("name", "Ada", "Ada"),
    ("name", "", None),
    ("price", 2.5, 2.5),
    ("price", float("inf"), None),
    ("price", True, None),
    ("calories", 7, 7),
    ("calories", 7.0, 7),
    ("calories", 7.5, None),
    ("spice", 0, 0),
    ("vegan", False, False),
    ("vegan", 1, None),
    ("is_hot", False, False),
    ("amount", "auto", "auto"),
    ("amount", 2, 2),
    ("amount", 2.5, None),
    ("weight", "auto", "auto"),
    ("weight", 2.5, 2.5),
    ("weight", "much", None),
    ("added", 1, datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)),
    ("added", 1e300, None),
    ("changed", 0.5, datetime(1970, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
    ("season", "2024-02-29", date(2024, 2, 29)),
    ("season", "2023-02-29", None),
    ("chef", "c-1", "c-1"),
    ("helpers", ["c-1", 7, "", None, "c-2"], ["c-1", "c-2"]),
    ("course", "middle", "middle"),
    ("states", ["open", "burnt", 7], ["open", "burnt"]),
    ("labels", {"a": "b"}, {"a": "b"}),
    ("guest", {"name": "Ada", "age": 7}, {"name": "Ada", "age": 7}),
    ("tags", ["a", None], ["a"]),
    ("tags", "ab", []),
    ("sizes", [0, "a", 2], [0, 2]),
    ("prices", [1, None, 2.5], [1, None, 2.5]),
    ("odd", 7, 7),
]


@pytest.mark.parametrize(("name", "sent", "expected"), SENT)
def test_a_field_is_read_by_the_type_that_the_contract_gives_it(
    dish: Any, name: str, sent: Any, expected: Any
) -> None:
    """Times are datetimes, what is an object of its own is a dict, what is of another type is passed over."""
    found = getattr(dish(**{name: sent}), name)
    assert found == expected
    assert type(found) is type(expected)


def test_a_field_whose_name_is_no_name_in_python_is_read_by_its_name_there(dish: Any) -> None:
    """As the model has it, or as a dict of the server has it."""
    sent = {"class": "a", "odd-name": "b"}
    for view in (dish(**sent), type(dish())(sent)):
        assert (view.class_, view.odd_name) == ("a", "b")


def test_an_enum_of_the_client_is_read_as_its_class(dish: Any) -> None:
    """A value that is new stays as it is."""
    before = dish(before="served").before
    assert (type(before).__name__, before.outcome) == ("OrderState", "succeeded")
    assert dish(before="burnt").before == "burnt"


def test_objects_with_a_view_are_read_as_views(dish: Any) -> None:
    """Alone or in arrays, a view of its own class too."""
    view = dish(side={"id": "d-2", "side": {"id": "d-3"}}, sides=[{"id": "d-4"}, "odd"], recipe={"step": 1.5})
    assert (view.side.id, view.side.side.id) == ("d-2", "d-3")
    assert [type(one).__name__ for one in view.sides] == ["Dish"]
    assert view.recipe.step == 1.5


ABSENT: dict[str, Any] = {
    **dict.fromkeys(("id", "chef"), ""),
    "odd_name": "odd",
    "spice": 3,
    "is_hot": True,
    "state": "open",
    **{name: [] for name in ("helpers", "states", "sides", "tags", "sizes", "prices")},
    **{name: {} for name in ("labels", "guest")},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_value_makes_a_field_fail(dish: Any, data: st.DataObject) -> None:
    """What is absent or null is None, or what the contract says; nothing that was sent is lost."""
    fields = [name for name in vars(type(dish())) if not name.startswith("__")]
    wires = {"class_": "class", "odd_name": "odd-name"}
    sent = data.draw(st.dictionaries(st.sampled_from([wires.get(name, name) for name in fields]), JSON))
    view = dish(**sent)
    assert len(fields) == 31
    for name in fields:
        found = getattr(view, name)
        if sent.get(wires.get(name, name)) is None and name != "recipe":
            assert found == ABSENT.get(name), name
    assert not (view.recipe and "recipe" not in sent)
    assert view.to_dict() == sent
    assert bool(view) is bool(sent)
    assert repr(view).startswith("<Dish ")


def test_a_fixed_value_is_no_attribute(dish: Any) -> None:
    """But for the type, which tells objects apart."""
    assert not hasattr(dish(object="dish"), "object")


def test_a_view_has_the_short_form_of_the_contract(dish: Any, kitchen: Path) -> None:
    """Else its id, else what the server sent."""
    assert repr(dish(**{"id": "d-1", "price": 2.5, "class": "a"})) == "<Dish d-1 for 2.5, 'a'>"
    views = importlib.import_module("kitchen_client.views")
    assert repr(views.OrderFields({"id": "o-1"})) == "<OrderFields o-1>"
    assert repr(views.Recipe({"salt": 1})) == "<Recipe {'salt': 1}>"


def test_objects_that_share_a_view_have_the_fields_of_all(kitchen: Path) -> None:
    """A number here and an integer there is a number."""
    recipe = importlib.import_module("kitchen_client.views").Recipe
    view = recipe({"step": 1.5, "salt": 2, "pepper": 3})
    assert (view.step, view.salt, view.pepper) == (1.5, 2, 3)
    assert "Source: `Recipe`, `OtherRecipe` in the contract." in recipe.__doc__


def test_views_say_what_the_contract_says(kitchen: Path) -> None:
    """Of the class, and of each attribute below it; in words of Python."""
    text = (kitchen / "kitchen_client" / "views.py").read_text()
    assert 'class Dish(View):\n    r"""A dish of a menu.\n\n    Hot or cold, with a \\ in its text.\n' in text
    assert 'added = Field(view_fields.moment)\n    """When it was added, in UTC."""\n' in text
    assert '"""Id of the dish; `None` until it is cooked."""\n' in text


def test_a_success_without_content_gives_none(tmp_path: Path) -> None:
    """No view and no model is made of it."""
    text = KITCHEN.read_text().replace(
        "method: delete, plan: delete, returns: Deleted", "method: delete, plan: delete"
    )
    content = ", content: {application/json: {schema: {$ref: '#/components/schemas/Deletion'}}}"
    text = swap(content, "", text)
    made = produced(tmp_path, text)
    method = made[f"{PACKAGE}_async/methods/orders.py"].partition("def delete(")[2].partition("def ")[0]
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
    """The methods made from the working contract, with those written by hand, are those that users know."""
    written(tmp_path / PACKAGE, BY_HAND)
    made = client_methods.produce(read(repository / "openapi.yaml"), tmp_path)
    found = {}
    for name in METHODS:
        tree = ast.parse(made[f"{PACKAGE}_async/methods/{name}.py"])
        nodes = [node for top in tree.body if isinstance(top, ast.ClassDef) for node in top.body]
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        found[name] = " ".join(sorted(node.name for node in nodes if isinstance(node, kinds)))
    assert found == METHODS
    parts = made[f"{PACKAGE}_async/methods/resources.py"].split("class ")
    attributes = [[line.split()[1] for line in part.splitlines() if "    def " in line] for part in parts]
    assert [name.partition("(")[0] for name in attributes[1]] == [
        *("jobs", "checkpoints", "graders", "files", "uploads", "models")
    ]
    assert [name.partition("(")[0] for name in attributes[2]] == ["permissions"]


def test_an_action_must_give_the_object_it_acts_on(tmp_path: Path, repository: Path) -> None:
    """Its kind is known by what reads the object, or by what creates it; a model may have another name."""
    written(tmp_path / PACKAGE, BY_HAND)
    made = client_methods.produce(read(repository / "openapi.yaml"), tmp_path)
    plans = made[f"{PACKAGE}plans/operations.py"]
    assert 'return act(request, settings, "Upload", object_id=upload_id)' in plans
    assert 'return fetch(request, settings, "Model")' in plans


# --- what is refused ------------------------------------------------------------------------


REFUSED: dict[str, dict[str, str]] = yaml.safe_load(KITCHEN.with_name("refused_methods.yaml").read_text())


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_an_extension_that_makes_no_sense_is_refused(tmp_path: Path, case: dict[str, str]) -> None:
    """One line names the file, the line and what is wrong; nothing is made."""
    text = swap(case["replace"], case["by"], KITCHEN.read_text())
    with pytest.raises(DocumentError) as caught:
        produced(tmp_path, text)
    (told,) = str(caught.value).splitlines()
    name, number, problem = told.split(":", 2)
    assert (name, problem.strip()) == ("openapi.yaml", case["problem"])
    assert case["line"] in text.splitlines()[int(number) - 1]


BY_HAND_WRONG: dict[str, tuple[dict[str, str], str]] = {
    "a base that is missing": (
        {"_async/orders.py": "class AsyncOrders:\n    async def create(self): ...\n"},
        "AsyncOrders (overlay/finetuning_client/_async/orders.py:1) must inherit from AsyncOrdersMethods",
    ),
    "a method that is made too": (
        {
            "_async/orders.py": "class AsyncOrders(AsyncOrdersMethods):\n"
            "    async def create(self): ...\n    def list(self): ...\n"
        },
        "(overlay/finetuning_client/_async/orders.py:1): use the plan custom, or delete that",
    ),
    "a method of the handle that is made too": (
        {"_async/order.py": WRITTEN["_async/order.py"] + "    async def stop(self): ...\n"},
        "'stop' is already an attribute of AsyncOrder or its view",
    ),
    "a field that is written by hand too": (
        {"_async/order.py": WRITTEN["_async/order.py"] + "    status = 1\n"},
        "use the type custom, or delete that",
    ),
    "a field by hand that is not there": (
        handle("Order", "order"),
        "needs a hand-written attribute, but no class that inherits from OrderFields has 'note'",
    ),
    "a class with the name of a view": (
        {"plan.py": "x = 1\nclass Dish: ...\n"},
        "'Dish' is already the name of something else: Dish (overlay/finetuning_client/plan.py:2)",
    ),
    "a handle without its base": (
        {"_async/order.py": "class AsyncOrder(OrderFields):\n    note = 1\n    def _adopt(self): ...\n"},
        "(overlay/finetuning_client/_async/order.py:1) must inherit from AsyncOrderMethods to be a handle",
    ),
    "a mistake": (
        {"methods.py": "x = 1\nclass (:\n"},
        "overlay/finetuning_client/methods.py:2: not Python: invalid syntax",
    ),
}


@pytest.mark.parametrize(("files", "problem"), BY_HAND_WRONG.values(), ids=BY_HAND_WRONG)
def test_hand_written_code_that_does_not_fit_is_refused(
    tmp_path: Path, files: dict[str, str], problem: str
) -> None:
    """The class and its place are named."""
    with pytest.raises(DocumentError) as caught:
        produced(tmp_path, KITCHEN.read_text(), {**WRITTEN, **files})
    assert all(line.endswith(problem) for line in str(caught.value).splitlines())


def test_of_several_problems_the_first_is_told(tmp_path: Path) -> None:
    """Mending it may mend the others, and one line is enough to begin with."""
    text = swap("method: retrieve, plan: fetch}", "method: retrieve, plan: fast}", KITCHEN.read_text())
    text = swap("plan: delete, ", "plann: delete, ", text)
    with pytest.raises(DocumentError) as caught:
        produced(tmp_path, text)
    (told,) = str(caught.value).splitlines()
    assert "x-client has no key 'plann'" in told


# --- schemas of one word --------------------------------------------------------------------


def test_a_schema_that_allows_anything_gives_any(tmp_path: Path) -> None:
    """`true` may stand in place of any schema: of a field, an item, a parameter or a component."""
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
    assert "name = Field(view_fields.anything)" in made[f"{PACKAGE}views.py"]
    assert "tags = Field(view_fields.items)" in made[f"{PACKAGE}views.py"]
    orders = made[f"{PACKAGE}_async/methods/orders.py"]
    assert "note: Any" in orders
    assert "guest: Any" in orders
    assert "odd: Any" in orders
