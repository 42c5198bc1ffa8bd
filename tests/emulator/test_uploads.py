"""Uploads in parts are joined in the given order, checked, and expired after an hour."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from finetuning_emulator import Emulator

from .conftest import BASE, Caller, chat

CONTENT = chat(40)


def create_upload(caller: Caller, size: int = len(CONTENT), **fields: Any) -> str:
    """Create an upload; return its id."""
    body = {"filename": "a.jsonl", "purpose": "fine-tune", "bytes": size, "mime_type": "text/jsonl"}
    upload = caller.ask("POST", "/uploads", json={**body, **fields})
    assert upload["status"] == "pending"
    assert upload["expires_at"] == upload["created_at"] + 3600
    return str(upload["id"])


def send_part(caller: Caller, upload: str, content: bytes) -> str:
    """Send a part of an upload; return its id."""
    part = caller.ask("POST", f"/uploads/{upload}/parts", files={"data": ("part", content)})
    assert part["upload_id"] == upload
    return str(part["id"])


def complete(*parts: str, **fields: Any) -> dict[str, Any]:
    """Return the body that completes an upload with these parts."""
    return {"json": {"part_ids": list(parts), **fields}}


def test_parts_are_joined_in_the_order_given(caller: Caller) -> None:
    """The order in which they were sent does not matter; the file can be used for training."""
    upload = create_upload(caller)
    last, first = send_part(caller, upload, CONTENT[1000:]), send_part(caller, upload, CONTENT[:1000])
    digest = hashlib.md5(CONTENT).hexdigest().upper()
    done = caller.ask("POST", f"/uploads/{upload}/complete", **complete(first, last, md5=digest))
    file = done["file"]
    assert done["status"] == "completed"
    assert (file["filename"], file["bytes"], file["purpose"]) == ("a.jsonl", len(CONTENT), "fine-tune")
    assert caller.call("GET", f"/files/{file['id']}/content").content == CONTENT
    body = {"model": "gpt-4o-mini", "training_file": file["id"]}
    job = caller.ask("POST", "/fine_tuning/jobs", json=body)
    assert caller.finished(job["id"])["status"] == "succeeded"


def test_an_expiry_applies_to_the_completed_file(caller: Caller) -> None:
    """The lifetime starts when the file is created by the completion."""
    upload = create_upload(caller, 3, expires_after={"anchor": "created_at", "seconds": 7200})
    caller.emulator.advance(minutes=30)
    part = send_part(caller, upload, b"abc")
    file = caller.ask("POST", f"/uploads/{upload}/complete", **complete(part))["file"]
    assert file["expires_at"] == file["created_at"] + 7200


def test_a_part_that_was_sent_twice_can_be_left_out(caller: Caller) -> None:
    """A client that lost a response sends the part again, and names one of the two."""
    upload = create_upload(caller, 6)
    send_part(caller, upload, b"abcdef")
    again = send_part(caller, upload, b"abcdef")
    assert caller.ask("POST", f"/uploads/{upload}/complete", **complete(again))["file"]["bytes"] == 6


@pytest.mark.parametrize(
    ("parts", "fields", "param"),
    [
        ([], {}, "part_ids"),
        ([0], {}, "part_ids"),
        ([0, 0], {}, "part_ids"),
        ([0, 1, 2], {}, "part_ids"),
        ([0, 1], {"md5": "0" * 32}, "md5"),
        ([0, 1], {"md5": ""}, "md5"),
    ],
)
def test_a_refused_completion_can_be_corrected(
    caller: Caller, parts: list[int], fields: dict[str, Any], param: str
) -> None:
    """Missing, repeated and extra parts and a wrong MD5 are refused; the upload stays pending."""
    upload = create_upload(caller, 6)
    sizes = [send_part(caller, upload, piece) for piece in (b"abc", b"def", b"ghi")]
    chosen = [sizes[number] for number in parts]
    path = f"/uploads/{upload}/complete"
    assert caller.refused(400, "POST", path, **complete(*chosen, **fields))["param"] == param
    assert caller.get("/files")["data"] == []
    assert caller.ask("POST", path, **complete(*sizes[:2]))["status"] == "completed"


def test_a_part_of_another_upload_is_refused(caller: Caller) -> None:
    """A part belongs to its upload."""
    one, other = create_upload(caller, 3), create_upload(caller, 3)
    part = send_part(caller, one, b"abc")
    error = caller.refused(400, "POST", f"/uploads/{other}/complete", **complete(part))
    assert error["param"] == "part_ids[0]"


@pytest.mark.parametrize("ending", ["completed", "cancelled", "expired"])
def test_an_upload_that_has_ended_cannot_change(caller: Caller, ending: str) -> None:
    """This holds for a completed, a cancelled and an expired upload."""
    upload = create_upload(caller, 3)
    path = f"/uploads/{upload}"
    part = send_part(caller, upload, b"abc")
    if ending == "completed":
        caller.ask("POST", f"{path}/complete", **complete(part))
    elif ending == "cancelled":
        assert caller.ask("POST", f"{path}/cancel")["status"] == "cancelled"
    else:
        caller.emulator.advance(minutes=59, seconds=59)
        send_part(caller, upload, b"d")
        caller.emulator.advance(seconds=1)
    for what, request in (
        ("parts", {"files": {"data": ("part", b"x")}}),
        ("complete", complete(part)),
        ("cancel", {}),
    ):
        assert f"is {ending}" in caller.refused(400, "POST", f"{path}/{what}", **request)["message"]


@pytest.mark.parametrize("what", ["parts", "complete", "cancel"])
def test_an_unknown_upload_is_404(caller: Caller, what: str) -> None:
    """Every operation on it is refused."""
    assert caller.refused(404, "POST", f"/uploads/upload_none/{what}")["param"] == "upload_id"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"bytes": 0}, "bytes"),
        ({"bytes": 8 * 1024**3 + 1}, "bytes"),
        ({"bytes": "3"}, "bytes"),
        ({"purpose": "user_data"}, "purpose"),
        ({"filename": "a.txt"}, "filename"),
        ({"mime_type": None}, "mime_type"),
        ({"expires_after": {"anchor": "created_at", "seconds": 5}}, "expires_after.seconds"),
        ({"expires_after": {"anchor": "now", "seconds": 7200}}, "expires_after.anchor"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_bad_field_is_named(caller: Caller, fields: dict[str, Any], param: str) -> None:
    """It is refused before a byte is sent."""
    body = {"filename": "a.jsonl", "purpose": "fine-tune", "bytes": 3, "mime_type": "text/jsonl"}
    assert caller.refused(400, "POST", "/uploads", json={**body, **fields})["param"] == param


def test_a_part_is_a_file_of_a_bounded_size(caller: Caller) -> None:
    """A part that is not a file, is empty, is over 64 MB or has other fields is refused."""
    upload = create_upload(caller, 6)
    path = f"/uploads/{upload}/parts"
    assert caller.refused(400, "POST", path, data={"data": "abc"})["code"] == "unsupported_content_type"
    assert caller.refused(400, "POST", path, files={"data": (None, b"abc")})["param"] == "data"
    assert caller.refused(400, "POST", path, files={"data": ("p", b"")})["param"] == "data"
    assert caller.refused(400, "POST", path, files={"other": ("p", b"")})["param"] == "other"
    extra = {"files": {"data": ("p", b"abc")}, "data": {"more": "1"}}
    assert caller.refused(400, "POST", path, **extra)["param"] == "more"
    huge = b"x" * (64 * 1024**2 + 1)
    assert caller.refused(413, "POST", path, files={"data": ("p", huge)})["code"] == "file_too_large"


def test_too_many_parts_are_refused(caller: Caller) -> None:
    """The stored bytes are limited by the announced size."""
    upload = create_upload(caller, 1)
    piece = b"x" * (32 * 1024**2)
    send_part(caller, upload, piece)
    send_part(caller, upload, piece)
    error = caller.refused(400, "POST", f"/uploads/{upload}/parts", files={"data": ("p", piece)})
    assert error["code"] == "upload_too_large"


def test_two_completions_at_once_make_one_file(caller: Caller) -> None:
    """The second one is refused while the first one runs."""
    upload = create_upload(caller, 3)
    part = send_part(caller, upload, b"abc")

    async def both() -> list[int]:
        transport = httpx.ASGITransport(app=caller.emulator.app)
        headers = {"Authorization": "Bearer sk-test"}
        async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers) as client:
            path, body = f"/uploads/{upload}/complete", complete(part)
            responses = await asyncio.gather(*(client.post(path, **body) for _ in range(5)))
        return sorted(response.status_code for response in responses)

    assert asyncio.run(both()) == [200, 400, 400, 400, 400]
    assert len(caller.get("/files")["data"]) == 1


def test_pending_parts_survive_a_restart(tmp_path: Path) -> None:
    """A pending upload continues; the parts of an ended one are deleted."""
    state = tmp_path / "state"
    with closing(Emulator(0, state)) as emulator, Caller(emulator) as caller:
        going_on, forgotten = create_upload(caller, 3), create_upload(caller, 3)
        part = send_part(caller, going_on, b"abc")
        caller.ask("POST", f"/uploads/{forgotten}/cancel")
    with closing(Emulator(0, state)) as emulator, Caller(emulator) as caller:
        done = caller.ask("POST", f"/uploads/{going_on}/complete", **complete(part))
        names = [path.name for path in tmp_path.glob("state.files/*")]
        assert names == [done["file"]["id"]]
        late = create_upload(caller, 3)
        send_part(caller, late, b"abc")
        emulator.advance(hours=2)
    with closing(Emulator(0, state)):
        assert [path.name for path in tmp_path.glob("state.files/*")] == names
