"""Views generated from the contract: how each field is read, and how an object is shown."""

from __future__ import annotations

import importlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


@pytest.fixture
def dish(kitchen: Path) -> Any:
    """A function that makes a view of a dish, from JSON that the generated library reads."""
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
def test_a_field_is_read_as_its_type_in_the_contract(dish: Any, name: str, sent: Any, expected: Any) -> None:
    """Times become datetimes, objects without a view become dicts, and values of other types are ignored."""
    found = getattr(dish(**{name: sent}), name)
    assert found == expected
    assert type(found) is type(expected)


def test_a_field_with_an_invalid_python_name_is_read_by_its_python_name(dish: Any) -> None:
    """Both a model and a dict from the server are read."""
    sent = {"class": "a", "odd-name": "b"}
    for view in (dish(**sent), type(dish())(sent)):
        assert (view.class_, view.odd_name) == ("a", "b")


def test_an_enum_of_the_client_is_read_as_its_class(dish: Any) -> None:
    """An unknown value stays a string."""
    before = dish(before="served").before
    assert (type(before).__name__, before.outcome) == ("OrderState", "succeeded")
    assert dish(before="burnt").before == "burnt"


def test_objects_with_a_view_are_read_as_views(dish: Any) -> None:
    """They are read alone and in arrays, including views of the same class."""
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
def test_any_value_of_a_field_can_be_read(dish: Any, data: st.DataObject) -> None:
    """An absent or null field gives None or the default of the contract, and no sent value is lost."""
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


def test_a_constant_field_is_not_an_attribute(dish: Any) -> None:
    """The exception is the type, which distinguishes objects."""
    assert not hasattr(dish(object="dish"), "object")


def test_a_view_has_the_short_form_of_the_contract(dish: Any, kitchen: Path) -> None:
    """Otherwise it shows the id, or the content."""
    assert repr(dish(**{"id": "d-1", "price": 2.5, "class": "a"})) == "<Dish d-1 for 2.5, 'a'>"
    views = importlib.import_module("kitchen_client.views")
    assert repr(views.OrderFields({"id": "o-1"})) == "<OrderFields o-1>"
    assert repr(views.Recipe({"salt": 1})) == "<Recipe {'salt': 1}>"


def test_objects_that_share_a_view_have_the_fields_of_all(kitchen: Path) -> None:
    """A field that is a number in one object and an integer in another is a number."""
    recipe = importlib.import_module("kitchen_client.views").Recipe
    view = recipe({"step": 1.5, "salt": 2, "pepper": 3})
    assert (view.step, view.salt, view.pepper) == (1.5, 2, 3)
    assert "Source: `Recipe`, `OtherRecipe` in the contract." in recipe.__doc__


def test_views_have_the_documentation_of_the_contract(kitchen: Path) -> None:
    """The class and its attributes have the documentation of the contract, in terms of Python."""
    text = (kitchen / "kitchen_client" / "views" / "objects.py").read_text()
    assert 'class Dish(View):\n    r"""A dish of a menu.\n\n    Hot or cold, with a \\ in its text.\n' in text
    assert 'added = Field(field_readers.moment)\n    """When it was added, in UTC."""\n' in text
    assert '"""Id of the dish; `None` until it is cooked."""\n' in text
