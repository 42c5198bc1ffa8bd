"""Invalid extensions, and hand-written code that does not fit them, are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tools.openapi import DocumentError

from .stand_in import KITCHEN, WRITTEN, handle, produced, swap

REFUSED: dict[str, dict[str, str]] = yaml.safe_load(KITCHEN.with_name("refused_methods.yaml").read_text())


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_an_invalid_extension_is_refused(tmp_path: Path, case: dict[str, str]) -> None:
    """One line names the file, the line and the problem; nothing is generated."""
    text = swap(case["replace"], case["by"], KITCHEN.read_text())
    with pytest.raises(DocumentError) as caught:
        produced(tmp_path, text)
    (message,) = str(caught.value).splitlines()
    name, number, problem = message.split(":", 2)
    assert (name, problem.strip()) == ("openapi.yaml", case["problem"])
    assert case["line"] in text.splitlines()[int(number) - 1]


BY_HAND_WRONG: dict[str, tuple[dict[str, str], str]] = {
    "a missing base class": (
        {"_async/orders.py": "class AsyncOrders:\n    async def create(self): ...\n"},
        "AsyncOrders (overlay/finetuning_client/_async/orders.py:1) must inherit from AsyncOrdersMethods",
    ),
    "a method that is also generated": (
        {
            "_async/orders.py": "class AsyncOrders(AsyncOrdersMethods):\n"
            "    async def create(self): ...\n    def list(self): ...\n"
        },
        "(overlay/finetuning_client/_async/orders.py:1): use `plan: custom`, or delete it there",
    ),
    "a method of the handle that is also generated": (
        {"_async/order.py": WRITTEN["_async/order.py"] + "    async def stop(self): ...\n"},
        "'stop' is already an attribute of AsyncOrder or its view",
    ),
    "a field that is also written by hand": (
        {"_async/order.py": WRITTEN["_async/order.py"] + "    status = 1\n"},
        "use `type: custom`, or delete it there",
    ),
    "a missing hand-written field": (
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
    "a syntax error": (
        {"plan.py": "x = 1\nclass (:\n"},
        "overlay/finetuning_client/plan.py:2: not Python: invalid syntax",
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


def test_only_the_first_of_several_problems_is_reported(tmp_path: Path) -> None:
    """One line is enough, since correcting the first problem may correct others."""
    text = swap("method: retrieve, plan: fetch}", "method: retrieve, plan: fast}", KITCHEN.read_text())
    text = swap("plan: delete, ", "plann: delete, ", text)
    with pytest.raises(DocumentError) as caught:
        produced(tmp_path, text)
    (message,) = str(caught.value).splitlines()
    assert "x-client has no key 'plann'" in message
