"""Permissions, graders and models: requests and results; permissions are created only once."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from finetuning_client import (
    ConfigurationError,
    FineTuningError,
    InvalidRequestError,
    InvalidResponse,
    NotFound,
    RetryPolicy,
    ServerError,
)

from ..training_files import GRADER
from .conftest import FakeServer, error_response, list_json

CKPT = "ft:gpt-4o-mini:org::1:ckpt-step-100"
PERMISSIONS = "/fine_tuning/checkpoints/ft:gpt-4o-mini:org::1:ckpt-step-100/permissions"


@pytest.fixture
def admin(make_client: Callable[..., Any]) -> Any:
    """A client with an admin key."""
    return make_client(admin_key="sk-admin", retry=RetryPolicy(max_attempts=3))


def permission(number: int, project: str) -> dict[str, Any]:
    """Return a permission as the service sends it."""
    return {
        "id": f"cp_{number}",
        "object": "checkpoint.permission",
        "created_at": 1_700_000_000,
        "project_id": project,
    }


# --- permissions -----------------------------------------------------------------------------


def test_permissions_are_created_with_the_admin_key(admin: Any, server: FakeServer) -> None:
    """A project that is named twice is sent once."""
    server.enqueue(list_json(permission(1, "proj_a"), permission(2, "proj_b")))
    made = admin.checkpoints.permissions.create(CKPT, ["proj_a", "proj_b", "proj_a"])
    assert [p.id for p in made] == ["cp_1", "cp_2"]
    assert server.calls == [f"POST {PERMISSIONS}"]
    assert server.body(0) == {"project_ids": ["proj_a", "proj_b"]}
    assert server.requests[0].headers["authorization"] == "Bearer sk-admin"


def test_permissions_are_listed_with_filters(admin: Any, server: FakeServer) -> None:
    """The filters are sent with every page."""
    first = list_json(permission(1, "proj_a"), has_more=True)
    server.enqueue(first, list_json(permission(2, "proj_b")))
    found = admin.checkpoints.permissions.list(CKPT, project_id="proj_a", order="ascending")
    assert [p.id for p in found] == ["cp_1", "cp_2"]
    assert dict(server.requests[1].url.params) == {
        "project_id": "proj_a",
        "order": "ascending",
        "after": "cp_1",
        "limit": "100",
    }


def test_permission_is_deleted(admin: Any, server: FakeServer) -> None:
    """A 404 after a lost response counts as deleted."""
    gone = {"id": "cp_1", "object": "checkpoint.permission", "deleted": True}
    server.enqueue(gone, httpx.ReadError("reset"), error_response(404), error_response(404))
    permissions = admin.checkpoints.permissions
    assert permissions.delete(CKPT, "cp_1").deleted
    assert permissions.delete(CKPT, "cp_1").deleted
    with pytest.raises(NotFound):
        permissions.delete(CKPT, "cp_1")
    assert server.calls[0] == f"DELETE {PERMISSIONS}/cp_1"


def test_permissions_need_an_admin_key(client: Any, server: FakeServer) -> None:
    """The error is raised before anything is sent."""
    for call in (
        lambda: client.checkpoints.permissions.create(CKPT, ["proj_a"]),
        lambda: list(client.checkpoints.permissions.list(CKPT)),
        lambda: client.checkpoints.permissions.delete(CKPT, "cp_1"),
    ):
        with pytest.raises(ConfigurationError, match="admin_key"):
            call()
    assert server.requests == []


@pytest.mark.parametrize("projects", [None, 5, [5], [None], [["proj_a"]], {"a": 1}], ids=repr)
def test_invalid_project_ids_are_refused(admin: Any, server: FakeServer, projects: Any) -> None:
    """The error names the argument, and nothing is sent."""
    with pytest.raises(InvalidRequestError) as e:
        admin.checkpoints.permissions.create(CKPT, projects)
    assert str(e.value.field).startswith("project_ids")
    assert server.requests == []


def test_any_sequence_of_faults_creates_each_permission_once(make_client: Any, server: FakeServer) -> None:
    """Responses are lost before, during or after the work."""
    client = make_client(admin_key="sk-admin", retry=RetryPolicy(max_attempts=3))
    faults = ("refuse", "lose before", "lose during", "lose after", "500 after", "garbled after", "ok")
    for plan in itertools.product(faults, repeat=3):
        server.handler = handler = _FaultyPermissions(plan)
        try:
            made = client.checkpoints.permissions.create(CKPT, ["proj_a", "proj_b"])
        except FineTuningError:
            assert len(handler.made) == len(set(handler.made)), plan
        else:
            assert sorted(handler.made) == ["proj_a", "proj_b"], plan
            assert sorted(p.project_id for p in made) == ["proj_a", "proj_b"], plan


class _FaultyPermissions:
    """Creates and lists permissions; each create request takes the next fault, later ones have none."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = list(faults)
        self.made: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Return a response, or fail."""
        if request.method == "GET":
            return self._list(self.made)
        fault = self.faults.pop(0) if self.faults else "ok"
        if fault == "refuse":
            raise httpx.ConnectError("refused")
        wanted = json.loads(request.content)["project_ids"]
        done = {"lose before": 0, "lose during": 1}.get(fault, len(wanted))
        self.made += wanted[:done]
        if fault.startswith("lose"):
            raise httpx.ReadError("reset")
        if fault == "garbled after":
            return httpx.Response(200, text="<html>")
        return error_response(500) if fault == "500 after" else self._list(wanted)

    def _list(self, projects: list[str]) -> httpx.Response:
        items = [permission(self.made.index(project), project) for project in projects]
        return httpx.Response(200, json=list_json(*items))


def test_failed_search_for_permissions_raises(admin: Any, server: FakeServer) -> None:
    """The permissions may exist, so nothing is sent again."""
    server.enqueue(httpx.ReadError("reset"), error_response(403))
    with pytest.raises(FineTuningError, match="the search for it failed"):
        admin.checkpoints.permissions.create(CKPT, ["proj_a"])


def test_lost_response_raises_without_exactly_once(make_client: Any, server: FakeServer) -> None:
    """No search is made."""
    client = make_client(admin_key="sk-admin", exactly_once=False)
    server.enqueue(error_response(500))
    with pytest.raises(ServerError, match="may exist"):
        client.checkpoints.permissions.create(CKPT, ["proj_a"])
    assert len(server.requests) == 1


# --- graders ---------------------------------------------------------------------------------


def test_grader_is_run(client: Any, server: FakeServer) -> None:
    """The request has the grader, the output and the item."""
    server.enqueue(
        {"reward": 1.0, "metadata": {}, "sub_rewards": {}, "model_grader_token_usage_per_model": {}}
    )
    result = client.graders.run(grader=GRADER, model_sample="4", item={"answer": "4"})
    assert result.reward == 1.0
    assert server.calls == ["POST /fine_tuning/alpha/graders/run"]
    assert server.body(0) == {"grader": GRADER, "model_sample": "4", "item": {"answer": "4"}}


def test_grader_is_validated(client: Any, server: FakeServer) -> None:
    """The result has the grader as the service reads it."""
    server.enqueue({"grader": GRADER})
    assert client.graders.validate(grader=GRADER).grader.to_dict() == GRADER
    assert server.body(0) == {"grader": GRADER}


def test_grader_may_be_a_generated_model(client: Any, server: FakeServer) -> None:
    """Models of the generated library are accepted like dicts."""
    from finetuning_api.models.grader_string_check import GraderStringCheck

    server.enqueue({"grader": GRADER})
    client.graders.validate(grader=GraderStringCheck.from_dict(GRADER))
    assert server.body(0) == {"grader": GRADER}


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"grader": {**GRADER, "operation": "same"}}, "grader.operation"),
        ({"grader": {"type": "none"}}, "grader.type"),
        ({"grader": "string_check"}, "grader"),
        ({"grader": GRADER, "model_sample": 5}, "model_sample"),
        ({"grader": GRADER, "item": 5}, "item"),
    ],
)
def test_invalid_grader_is_refused(
    client: Any, server: FakeServer, arguments: dict[str, Any], field: str
) -> None:
    """The error names the field, and nothing is sent."""
    with pytest.raises(InvalidRequestError) as e:
        client.graders.run(**{"model_sample": "x", **arguments})
    assert e.value.field == field
    assert server.requests == []


@pytest.mark.parametrize("body", [{}, {"reward": "1"}, {"reward": None}, {"reward": True}])
def test_response_without_a_reward_raises_invalid_response(
    make_client: Any, server: FakeServer, body: dict[str, Any]
) -> None:
    """Such a response is never read as a reward."""
    client = make_client(retry=RetryPolicy(max_attempts=1))
    server.enqueue(body)
    with pytest.raises(InvalidResponse):
        client.graders.run(grader=GRADER, model_sample="x")


# --- models ----------------------------------------------------------------------------------


def model(name: str) -> dict[str, Any]:
    """Return a model as the service sends it."""
    return {"id": name, "object": "model", "created": 1, "owned_by": "org"}


def test_models_are_listed_retrieved_and_deleted(client: Any, server: FakeServer) -> None:
    """The list has a single page, without parameters."""
    gone = {"id": "ft:a", "object": "model", "deleted": True}
    server.enqueue({"object": "list", "data": [model("a"), model("b")]}, model("ft:a"), gone)
    assert [m.id for m in client.models.list(limit=1)] == ["a"]
    assert client.models.retrieve("ft:a").owned_by == "org"
    assert client.models.delete("ft:a").deleted
    assert server.calls == ["GET /models", "GET /models/ft:a", "DELETE /models/ft:a"]
    assert server.requests[0].url.query == b""


def test_404_after_a_lost_response_counts_as_deleted(client: Any, server: FakeServer) -> None:
    """The lost attempt deleted the model."""
    server.enqueue(error_response(500), error_response(404))
    assert client.models.delete("ft:a").deleted


def test_model_name_with_a_slash_is_one_path_segment(client: Any, server: FakeServer) -> None:
    """Compatible servers have such model names."""
    server.enqueue(model("meta/llama"))
    client.models.retrieve("meta/llama")
    assert server.requests[0].url.raw_path == b"/v1/models/meta%2Fllama"


CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "models.retrieve": lambda c, i: c.models.retrieve(i),
    "models.delete": lambda c, i: c.models.delete(i),
    "uploads.add_part": lambda c, i: c.uploads.add_part(i, b"x"),
    "uploads.complete": lambda c, i: c.uploads.complete(i, ["part_1"]),
    "uploads.cancel": lambda c, i: c.uploads.cancel(i),
    "permissions.create": lambda c, i: c.checkpoints.permissions.create(i, ["proj_a"]),
    "permissions.list": lambda c, i: list(c.checkpoints.permissions.list(i)),
    "permissions.delete": lambda c, i: c.checkpoints.permissions.delete(CKPT, i),
}


@pytest.mark.parametrize("bad", ["", ".", "..", "a\nb", None, 5], ids=repr)
@pytest.mark.parametrize("call", CALLS)
def test_id_that_would_change_the_endpoint_is_refused(
    admin: Any, server: FakeServer, call: str, bad: Any
) -> None:
    """Values that are not strings are refused too."""
    with pytest.raises(InvalidRequestError):
        CALLS[call](admin, bad)
    assert server.requests == []


@pytest.mark.parametrize("odd", ["../files", "a/b", "a?b=c", "a#b", "a%2Fb", "é", "a b"])
@pytest.mark.parametrize("call", CALLS)
def test_any_id_is_one_path_segment(admin: Any, server: FakeServer, call: str, odd: str) -> None:
    """Special characters are escaped."""
    server.enqueue(error_response(400))
    with pytest.raises(FineTuningError):
        CALLS[call](admin, odd)
    path = server.requests[0].url.raw_path.split(b"?")[0]
    depth = {"models": 3, "uploads": 3, "permissions": 5}[call.partition(".")[0]]
    depth += call in ("uploads.add_part", "uploads.complete", "uploads.cancel")
    depth += call == "permissions.delete"
    assert path.count(b"/") == depth
