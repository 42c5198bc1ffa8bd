"""Permissions of checkpoints: for admin keys, in order, one for each project."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Caller, chat

ADMIN = {"Authorization": "Bearer sk-admin-1"}


@pytest.fixture
def path(caller: Caller) -> str:
    """The path of the permissions of a finished model."""
    model = caller.finished(caller.create(chat()))["fine_tuned_model"]
    return f"/fine_tuning/checkpoints/{model}/permissions"


def shared(caller: Caller, path: str, *projects: str) -> list[dict[str, Any]]:
    """Create permissions for these projects."""
    response = caller.ask("POST", path, json={"project_ids": projects}, headers=ADMIN)
    data: list[dict[str, Any]] = response["data"]
    return data


def listed(caller: Caller, path: str, **params: Any) -> list[str]:
    """Return the projects of one page."""
    page = caller.ask("GET", path, params=params, headers=ADMIN)
    return [permission["project_id"] for permission in page["data"]]


def test_permissions_are_newest_first_by_default(caller: Caller, path: str) -> None:
    """Lists have an order, a limit, a cursor and a filter."""
    first, *_ = shared(caller, path, "a", "b", "c")
    assert listed(caller, path) == ["c", "b", "a"]
    assert listed(caller, path, order="ascending", limit=2) == ["a", "b"]
    assert listed(caller, path, order="ascending", after=first["id"]) == ["b", "c"]
    assert listed(caller, path, after=first["id"]) == []
    assert listed(caller, path, project_id="b") == ["b"]
    assert len(listed(caller, path)) == 3
    shared(caller, path, *(str(number) for number in range(10)))
    page = caller.ask("GET", path, headers=ADMIN)
    assert (len(page["data"]), page["has_more"]) == (10, True)


def test_a_project_has_one_permission(caller: Caller, path: str) -> None:
    """Creating it again changes nothing."""
    (first,) = shared(caller, path, "a")
    assert shared(caller, path, "a", "a", "b")[0] == first
    assert listed(caller, path) == ["b", "a"]


def test_a_deleted_permission_does_not_exist(caller: Caller, path: str) -> None:
    """A permission can be deleted only once."""
    (permission,) = shared(caller, path, "a")
    one = f"{path}/{permission['id']}"
    assert caller.ask("DELETE", one, headers=ADMIN)["deleted"]
    assert listed(caller, path) == []
    assert caller.refused(404, "DELETE", one, headers=ADMIN)["param"] == "permission_id"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_ordinary_key_is_not_permitted(caller: Caller, path: str, method: str) -> None:
    """Only keys that begin with sk-admin are admin keys."""
    assert caller.refused(403, method, path)["code"] == "insufficient_permissions"
    caller.refused(403, "DELETE", f"{path}/cp_x")
    caller.refused(401, method, path, headers={"Authorization": ""})


def test_only_a_checkpoint_can_be_shared(caller: Caller) -> None:
    """Unknown names and base models have no permissions."""
    for name in ("ft:none", "gpt-4o-mini-2024-07-18"):
        path = f"/fine_tuning/checkpoints/{name}/permissions"
        error = caller.refused(404, "GET", path, headers=ADMIN)
        assert error["code"] == "model_not_found"


@pytest.mark.parametrize(
    ("params", "param"),
    [({"order": "desc"}, "order"), ({"after": "cp_x"}, "after"), ({"limit": "0"}, "limit")],
)
def test_a_bad_query_is_named(caller: Caller, path: str, params: dict[str, str], param: str) -> None:
    """The error names the wrong parameter."""
    assert caller.refused(400, "GET", path, params=params, headers=ADMIN)["param"] == param


@pytest.mark.parametrize(
    "body", [{}, {"project_ids": "a"}, {"project_ids": [1]}, {"project_ids": [], "x": 1}]
)
def test_a_bad_body_is_refused(caller: Caller, path: str, body: Any) -> None:
    """`project_ids` is a list of strings."""
    caller.refused(400, "POST", path, json=body, headers=ADMIN)
