"""Permissions, graders and models: what is sent, what comes back, and that a permission is made only once."""

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

from .conftest import Wire, error_response, list_json

CKPT = "ft:gpt-4o-mini:org::1:ckpt-step-100"
PERMISSIONS = "/fine_tuning/checkpoints/ft:gpt-4o-mini:org::1:ckpt-step-100/permissions"
GRADER = {
    "type": "string_check",
    "name": "same",
    "operation": "eq",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
}


@pytest.fixture
def admin(make_client: Callable[..., Any]) -> Any:
    """A client with an administrator's key."""
    return make_client(admin_key="sk-admin", retry=RetryPolicy(max_attempts=3))


def permission(number: int, project: str) -> dict[str, Any]:
    """A permission as the service sends it."""
    return {
        "id": f"cp_{number}",
        "object": "checkpoint.permission",
        "created_at": 1_700_000_000,
        "project_id": project,
    }


# --- permissions -----------------------------------------------------------------------------


def test_a_checkpoint_is_shared_with_projects(admin: Any, wire: Wire) -> None:
    """By the administrator's key, each project once."""
    wire.then(list_json(permission(1, "proj_a"), permission(2, "proj_b")))
    made = admin.checkpoints.permissions.create(CKPT, ["proj_a", "proj_b", "proj_a"])
    assert [p.id for p in made] == ["cp_1", "cp_2"]
    assert wire.asked == [f"POST {PERMISSIONS}"]
    assert wire.body(0) == {"project_ids": ["proj_a", "proj_b"]}
    assert wire.requests[0].headers["authorization"] == "Bearer sk-admin"


def test_permissions_are_listed_and_filtered(admin: Any, wire: Wire) -> None:
    """Page by page."""
    first = list_json(permission(1, "proj_a"), has_more=True)
    wire.then(first, list_json(permission(2, "proj_b")))
    found = admin.checkpoints.permissions.list(CKPT, project_id="proj_a", order="ascending")
    assert [p.id for p in found] == ["cp_1", "cp_2"]
    assert dict(wire.requests[1].url.params) == {
        "project_id": "proj_a",
        "order": "ascending",
        "after": "cp_1",
        "limit": "100",
    }


def test_a_permission_is_withdrawn(admin: Any, wire: Wire) -> None:
    """Once: that it is gone after a lost answer is what was wanted."""
    gone = {"id": "cp_1", "object": "checkpoint.permission", "deleted": True}
    wire.then(gone, httpx.ReadError("reset"), error_response(404), error_response(404))
    permissions = admin.checkpoints.permissions
    assert permissions.delete(CKPT, "cp_1").deleted
    assert permissions.delete(CKPT, "cp_1").deleted
    with pytest.raises(NotFound):
        permissions.delete(CKPT, "cp_1")
    assert wire.asked[0] == f"DELETE {PERMISSIONS}/cp_1"


def test_permissions_need_an_admin_key(client: Any, wire: Wire) -> None:
    """Which is said before anything is sent."""
    for call in (
        lambda: client.checkpoints.permissions.create(CKPT, ["proj_a"]),
        lambda: list(client.checkpoints.permissions.list(CKPT)),
        lambda: client.checkpoints.permissions.delete(CKPT, "cp_1"),
    ):
        with pytest.raises(ConfigurationError, match="admin_key"):
            call()
    assert wire.requests == []


@pytest.mark.parametrize("projects", [None, 5, [5], [None], [["proj_a"]], {"a": 1}], ids=repr)
def test_what_are_no_projects_is_refused(admin: Any, wire: Wire, projects: Any) -> None:
    """Named, before anything is sent."""
    with pytest.raises(InvalidRequestError) as e:
        admin.checkpoints.permissions.create(CKPT, projects)
    assert str(e.value.field).startswith("project_ids")
    assert wire.requests == []


def test_every_order_of_faults_shares_once(make_client: Any, wire: Wire) -> None:
    """A server that loses answers before, amid or after its work: no project gets two permissions."""
    client = make_client(admin_key="sk-admin", retry=RetryPolicy(max_attempts=3))
    faults = ("refuse", "lose before", "lose amid", "lose after", "500 after", "garbled after", "ok")
    for plan in itertools.product(faults, repeat=3):
        wire.server = server = _Sharing(plan)
        try:
            made = client.checkpoints.permissions.create(CKPT, ["proj_a", "proj_b"])
        except FineTuningError:
            assert len(server.made) == len(set(server.made)), plan
        else:
            assert sorted(server.made) == ["proj_a", "proj_b"], plan
            assert sorted(p.project_id for p in made) == ["proj_a", "proj_b"], plan


class _Sharing:
    """Keeps permissions, and misbehaves on create as told, once each; then well."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = list(faults)
        self.made: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer, or not."""
        if request.method == "GET":
            return self._list(self.made)
        fault = self.faults.pop(0) if self.faults else "ok"
        if fault == "refuse":
            raise httpx.ConnectError("refused")
        wanted = json.loads(request.content)["project_ids"]
        done = {"lose before": 0, "lose amid": 1}.get(fault, len(wanted))
        self.made += wanted[:done]
        if fault.startswith("lose"):
            raise httpx.ReadError("reset")
        if fault == "garbled after":
            return httpx.Response(200, text="<html>")
        return error_response(500) if fault == "500 after" else self._list(wanted)

    def _list(self, projects: list[str]) -> httpx.Response:
        items = [permission(self.made.index(project), project) for project in projects]
        return httpx.Response(200, json=list_json(*items))


def test_permissions_that_cannot_be_looked_up_are_not_asked_for_again(admin: Any, wire: Wire) -> None:
    """The error says so."""
    wire.then(httpx.ReadError("reset"), error_response(403))
    with pytest.raises(FineTuningError, match="the search for it failed"):
        admin.checkpoints.permissions.create(CKPT, ["proj_a"])


def test_without_exactly_once_a_lost_permission_raises_at_once(make_client: Any, wire: Wire) -> None:
    """Nothing is looked up."""
    client = make_client(admin_key="sk-admin", exactly_once=False)
    wire.then(error_response(500))
    with pytest.raises(ServerError, match="may exist"):
        client.checkpoints.permissions.create(CKPT, ["proj_a"])
    assert len(wire.requests) == 1


# --- graders ---------------------------------------------------------------------------------


def test_a_grader_is_run(client: Any, wire: Wire) -> None:
    """On a sample, with the item it answers."""
    wire.then({"reward": 1.0, "metadata": {}, "sub_rewards": {}, "model_grader_token_usage_per_model": {}})
    result = client.graders.run(grader=GRADER, model_sample="4", item={"answer": "4"})
    assert result.reward == 1.0
    assert wire.asked == ["POST /fine_tuning/alpha/graders/run"]
    assert wire.body(0) == {"grader": GRADER, "model_sample": "4", "item": {"answer": "4"}}


def test_a_grader_is_validated(client: Any, wire: Wire) -> None:
    """The answer has it as the service reads it."""
    wire.then({"grader": GRADER})
    assert client.graders.validate(grader=GRADER).grader.to_dict() == GRADER
    assert wire.body(0) == {"grader": GRADER}


def test_a_grader_may_be_a_model(client: Any, wire: Wire) -> None:
    """Of the generated library."""
    from finetuning_api.models.grader_string_check import GraderStringCheck

    wire.then({"grader": GRADER})
    client.graders.validate(grader=GraderStringCheck.from_dict(GRADER))
    assert wire.body(0) == {"grader": GRADER}


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
def test_a_grader_that_breaks_the_contract_is_refused(
    client: Any, wire: Wire, arguments: dict[str, Any], field: str
) -> None:
    """Named, before anything is sent."""
    with pytest.raises(InvalidRequestError) as e:
        client.graders.run(**{"model_sample": "x", **arguments})
    assert e.value.field == field
    assert wire.requests == []


@pytest.mark.parametrize("body", [{}, {"reward": "1"}, {"reward": None}, {"reward": True}])
def test_an_answer_without_a_reward_is_none(client: Any, wire: Wire, body: dict[str, Any]) -> None:
    """It is never taken for a grade."""
    wire.then(body)
    with pytest.raises(InvalidResponse):
        client.graders.run(grader=GRADER, model_sample="x")


# --- models ----------------------------------------------------------------------------------


def model(name: str) -> dict[str, Any]:
    """A model as the service sends it."""
    return {"id": name, "object": "model", "created": 1, "owned_by": "org"}


def test_models_are_listed_retrieved_and_deleted(client: Any, wire: Wire) -> None:
    """In one page, since the service knows no other."""
    gone = {"id": "ft:a", "object": "model", "deleted": True}
    wire.then({"object": "list", "data": [model("a"), model("b")]}, model("ft:a"), gone)
    assert [m.id for m in client.models.list(limit=1)] == ["a"]
    assert client.models.retrieve("ft:a").owned_by == "org"
    assert client.models.delete("ft:a").deleted
    assert wire.asked == ["GET /models", "GET /models/ft:a", "DELETE /models/ft:a"]
    assert wire.requests[0].url.query == b""


def test_a_model_that_is_gone_after_a_lost_answer_was_deleted(client: Any, wire: Wire) -> None:
    """One call, one deletion."""
    wire.then(error_response(500), error_response(404))
    assert client.models.delete("ft:a").deleted


def test_a_name_with_a_slash_stays_one_name(client: Any, wire: Wire) -> None:
    """Compatible servers have such."""
    wire.then(model("meta/llama"))
    client.models.retrieve("meta/llama")
    assert wire.requests[0].url.raw_path == b"/v1/models/meta%2Fllama"


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
def test_an_id_that_leads_elsewhere_is_refused(admin: Any, wire: Wire, call: str, bad: Any) -> None:
    """Or is no text."""
    with pytest.raises(InvalidRequestError):
        CALLS[call](admin, bad)
    assert wire.requests == []


@pytest.mark.parametrize("odd", ["../files", "a/b", "a?b=c", "a#b", "a%2Fb", "é", "a b"])
@pytest.mark.parametrize("call", CALLS)
def test_an_id_stays_within_its_place(admin: Any, wire: Wire, call: str, odd: str) -> None:
    """Whatever it holds, it is one segment of the path."""
    wire.then(error_response(400))
    with pytest.raises(FineTuningError):
        CALLS[call](admin, odd)
    path = wire.requests[0].url.raw_path.split(b"?")[0]
    depth = {"models": 3, "uploads": 3, "permissions": 5}[call.partition(".")[0]]
    depth += call in ("uploads.add_part", "uploads.complete", "uploads.cancel")
    depth += call == "permissions.delete"
    assert path.count(b"/") == depth
