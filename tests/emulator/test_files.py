"""Files: an upload is read back unchanged, and bad uploads are refused."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import Caller, chat


def form(*parts: bytes, boundary: bytes = b"xyz", end: bytes = b"--xyz--\r\n") -> dict[str, object]:
    """Return a multipart body and its headers, written by hand."""
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + end
    return {
        "content": body,
        "headers": {"Content-Type": f"multipart/form-data; boundary={boundary.decode()}"},
    }


PURPOSE = b'Content-Disposition: form-data; name="purpose"\r\n\r\nfine-tune'
FILE = b'Content-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n{}'


def test_an_uploaded_file_can_be_retrieved_and_read(caller: Caller) -> None:
    """The file has its name, size and purpose, is processed, and has the content that was sent."""
    content = chat()
    identifier = caller.upload(content, "train.jsonl")
    file = caller.get(f"/files/{identifier}")
    assert file["filename"] == "train.jsonl"
    assert file["bytes"] == len(content)
    assert file["purpose"] == "fine-tune"
    assert file["status"] == "processed"
    assert caller.call("GET", f"/files/{identifier}/content").content == content


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(min_size=1, max_size=5000), tail=st.sampled_from([b"", b"\r\n", b"\r\n--"]))
def test_any_content_is_stored_unchanged(caller: Caller, content: bytes, tail: bytes) -> None:
    """Content is never mistaken for a boundary of the form."""
    identifier = caller.upload(content + tail, "any.bin", purpose="user_data")
    assert caller.call("GET", f"/files/{identifier}/content").content == content + tail
    assert caller.get(f"/files/{identifier}")["bytes"] == len(content + tail)


@pytest.mark.parametrize("name", ["ü.jsonl", 'a"b.jsonl', "a b;c.jsonl", "../../etc/x.jsonl", "语.jsonl"])
def test_odd_file_names_are_kept_and_not_used_as_paths(caller: Caller, name: str) -> None:
    """A file name is never used as a path."""
    identifier = caller.upload(chat(), name)
    assert caller.get(f"/files/{identifier}")["filename"].endswith(".jsonl")
    assert caller.call("GET", f"/files/{identifier}/content").content == chat()


def test_a_deleted_file_is_gone(caller: Caller) -> None:
    """The response has the id, and the file is neither listed nor readable."""
    identifier = caller.upload(chat())
    response = caller.ask("DELETE", f"/files/{identifier}")
    assert response == {"id": identifier, "object": "file", "deleted": True}
    assert caller.get("/files")["data"] == []
    caller.refused(404, "GET", f"/files/{identifier}/content")
    caller.refused(404, "DELETE", f"/files/{identifier}")


def test_deleting_a_training_file_does_not_affect_its_job(caller: Caller) -> None:
    """A job reads its files when it is created."""
    identifier = caller.create(chat())
    caller.ask("DELETE", f"/files/{caller.job(identifier)['training_file']}")
    assert caller.finished(identifier)["status"] == "succeeded"


def test_a_file_expires_at_the_end_of_its_lifetime(caller: Caller) -> None:
    """Afterwards the file does not exist."""
    data = {
        "purpose": "fine-tune",
        "expires_after[anchor]": "created_at",
        "expires_after[seconds]": "3600",
    }
    file = caller.ask("POST", "/files", files={"file": ("a.jsonl", chat())}, data=data)
    assert file["expires_at"] == file["created_at"] + 3600
    caller.emulator.advance(minutes=59)
    caller.get(f"/files/{file['id']}")
    caller.emulator.advance(minutes=1)
    caller.refused(404, "GET", f"/files/{file['id']}")


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({}, "purpose"),
        ({"purpose": "mischief"}, "purpose"),
        ({"purpose": "fine-tune", "expires_after[seconds]": "3600"}, "expires_after.anchor"),
        ({"purpose": "fine-tune", "expires_after[anchor]": "created_at"}, "expires_after.seconds"),
    ]
    + [
        (
            {
                "purpose": "fine-tune",
                "expires_after[anchor]": anchor,
                "expires_after[seconds]": seconds,
            },
            param,
        )
        for anchor, seconds, param in (
            ("now", "3600", "expires_after.anchor"),
            ("created_at", "3599", "expires_after.seconds"),
            ("created_at", "2592001", "expires_after.seconds"),
            ("created_at", "000003600999", "expires_after.seconds"),
            ("created_at", "soon", "expires_after.seconds"),
        )
    ],
)
def test_a_bad_field_of_the_form_is_named(caller: Caller, fields: dict[str, str], param: str) -> None:
    """An upload without a purpose or with a bad lifetime is refused, and the field is named."""
    files = {"file": ("a.jsonl", chat())}
    assert caller.refused(400, "POST", "/files", files=files, data=fields)["param"] == param


def test_an_empty_file_is_refused(caller: Caller) -> None:
    """An empty file cannot be used for anything."""
    request = {"files": {"file": ("a.jsonl", b"")}, "data": {"purpose": "fine-tune"}}
    assert caller.refused(400, "POST", "/files", **request)["param"] == "file"


def test_training_data_must_be_json_lines_by_name(caller: Caller) -> None:
    """For fine-tuning, the file name ends in .jsonl."""
    request = {"files": {"file": ("a.csv", b"a,b")}, "data": {"purpose": "fine-tune"}}
    assert caller.refused(400, "POST", "/files", **request)["code"] == "invalid_file_format"


@pytest.mark.parametrize(
    "request_",
    [
        {"json": {"purpose": "fine-tune"}},
        {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}},
        {"content": b"x", "headers": {"Content-Type": "multipart/form-data; boundary="}},
        {"content": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=" + "b" * 300}},
        {"content": b""},
        form(),
        form(PURPOSE),
        form(PURPOSE, FILE, end=b""),
        form(PURPOSE, FILE, end=b"--xy"),
        form(PURPOSE, FILE, FILE),
        form(PURPOSE, FILE, boundary=b"abc"),
        form(PURPOSE, b'Content-Disposition: form-data; name="file"\r\n\r\n{}'),
        form(PURPOSE, b"Content-Disposition: form-data\r\n\r\n{}"),
        form(PURPOSE, b"no colon\r\n\r\n{}"),
        form(*[PURPOSE] * 100, FILE),
        form(PURPOSE, b'Content-Disposition: form-data; name="x"\r\n\r\n' + b"x" * 100_000),
        form(b"X" * 100_000 + b": y\r\n\r\n{}"),
    ],
)
def test_a_broken_form_is_refused_and_leaves_nothing(caller: Caller, request_: dict[str, object]) -> None:
    """A form that is cut short, malformed or too large is a 400, and creates no file."""
    assert caller.call("POST", "/files", **request_).status_code == 400
    assert caller.get("/files")["data"] == []


@pytest.mark.parametrize(
    ("range_header", "status", "start", "end"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=100-", 206, 100, None),
        ("bytes=9-2", 200, 0, None),
        ("bytes=x", 200, 0, None),
        ("lines=1-2", 200, 0, None),
    ],
)
def test_part_of_a_file_can_be_read(
    caller: Caller, range_header: str, status: int, start: int, end: int | None
) -> None:
    """An interrupted download can be resumed; a malformed range is ignored."""
    path = f"/files/{caller.upload(chat())}/content"
    client = caller.call("GET", path, headers={"Range": range_header}) if status == 200 else None
    response = client or caller.unchecked("GET", path, headers={"Range": range_header})
    assert response.status_code == status
    assert response.content == chat()[start:end]


def test_a_range_beyond_the_end_is_refused(caller: Caller) -> None:
    """A range must start before the end of the file."""
    path = f"/files/{caller.upload(chat())}/content"
    caller.refused(416, "GET", path, headers={"Range": "bytes=999999999-"})
