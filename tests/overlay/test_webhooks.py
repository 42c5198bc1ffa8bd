"""Webhooks: only what the service sent, now, is an event; whatever else comes is one error."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finetuning_client import ConfigurationError, InvalidWebhook
from finetuning_client.webhooks import WebhookEvent, WebhookEventType, verify

NOW = 1_700_000_000.0
SECRET = "whsec_" + base64.b64encode(b"a secret of 24 bytes ...").decode()
OTHER = "whsec_" + base64.b64encode(b"another secret ........").decode()
EVENT = {
    "id": "evt_1",
    "object": "event",
    "created_at": 1_700_000_000,
    "type": "fine_tuning.job.succeeded",
    "data": {"id": "ftjob-1"},
}


def signed(body: bytes, *, secret: str = SECRET, at: float = NOW, id: str = "wh_1") -> dict[str, str]:
    """The headers of a request with this body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{id}.{at:.0f}.".encode() + body
    mark = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return {"webhook-id": id, "webhook-timestamp": f"{at:.0f}", "webhook-signature": f"v1,{mark}"}


def event(value: Any = EVENT, **options: Any) -> WebhookEvent:
    """The event of a well-signed request."""
    body = json.dumps(value).encode()
    return verify(signed(body), body, SECRET, now=NOW, **options)


def test_the_published_example_is_verified() -> None:
    """The test vector of the Standard Webhooks documents."""
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    with pytest.raises(InvalidWebhook, match="no event"):
        verify(headers, b'{"test": 2432232314}', secret, now=1614265330)


@pytest.mark.parametrize("end", ["succeeded", "failed", "cancelled"])
def test_the_ends_of_jobs_are_typed(end: str) -> None:
    """Each with its job, its time and the status it has reached."""
    found = event({**EVENT, "type": f"fine_tuning.job.{end}", "more": [1]})
    assert found.type is WebhookEventType(f"fine_tuning.job.{end}")
    assert found.type.job_status == end
    assert (found.id, found.job_id) == ("evt_1", "ftjob-1")
    assert found.created_at == datetime.fromtimestamp(NOW, UTC)
    assert found.to_dict()["more"] == [1]


def test_another_event_is_kept_as_it_is() -> None:
    """An endpoint may be sent more than jobs."""
    found = event({**EVENT, "type": "batch.completed"})
    assert not found.type.is_known
    assert (found.type, found.job_id, found.type.job_status) == ("batch.completed", None, None)


def test_a_body_may_be_text_and_headers_of_any_case() -> None:
    """As web frameworks give them."""
    body = json.dumps({**EVENT, "data": {"id": "ftjob-ü"}}, ensure_ascii=False)
    headers = {name.title(): value for name, value in signed(body.encode()).items()}
    assert verify(headers, body, SECRET, now=NOW).job_id == "ftjob-ü"


def test_while_secrets_change_either_will_do() -> None:
    """Several signatures, several secrets, and versions that are not known."""
    body = json.dumps(EVENT).encode()
    headers = signed(body)
    headers["webhook-signature"] = f"v1a,xyz v1,AAAA {headers['webhook-signature']}"
    assert verify(headers, body, [OTHER, SECRET], now=NOW).id == "evt_1"
    with pytest.raises(InvalidWebhook, match="signature"):
        verify(headers, body, OTHER, now=NOW)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_each_header_is_needed_and_signed(name: str) -> None:
    """Missing, empty or changed, the request is not the service's."""
    body = json.dumps(EVENT).encode()
    for value in (None, "", "1700000001", "v1,", "v1,é", "v1,AAAA", "v2,AAAA"):
        headers = signed(body)
        del headers[name]
        if value is not None:
            headers[name] = value
        with pytest.raises(InvalidWebhook):
            verify(headers, body, SECRET, now=NOW)


@pytest.mark.parametrize("off", [-301, 301, 86_400, -86_400])
def test_an_old_request_may_be_a_replay(off: float) -> None:
    """Five minutes are allowed, or what the caller allows."""
    body = json.dumps(EVENT).encode()
    headers = signed(body, at=NOW - off)
    with pytest.raises(InvalidWebhook, match="old" if off > 0 else "ahead"):
        verify(headers, body, SECRET, now=NOW)
    assert verify(headers, body, SECRET, now=NOW, tolerance=abs(off)).id == "evt_1"


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_*", 5, None, [], [""], b"whsec_AAAA"], ids=repr)
def test_a_secret_that_cannot_be_one_is_a_configuration_error(secret: Any) -> None:
    """It is the receiver's own mistake."""
    body = json.dumps(EVENT).encode()
    with pytest.raises(ConfigurationError):
        verify(signed(body), body, secret, now=NOW)


@pytest.mark.parametrize("value", [None, [], "x", {}, {"type": 5}, {"type": None}], ids=repr)
def test_a_signed_body_may_still_be_no_event(value: Any) -> None:
    """Which is said."""
    with pytest.raises(InvalidWebhook, match="no event"):
        event(value)


@pytest.mark.parametrize(
    "changes", [{"data": None}, {"data": []}, {"data": {}}, {"created_at": "x"}, {"id": 5}]
)
def test_an_event_with_parts_missing_is_read_as_far_as_it_goes(changes: dict[str, Any]) -> None:
    """Tolerantly, like everything else."""
    found = event({**EVENT, **changes})
    assert found.type is WebhookEventType.SUCCEEDED


@given(body=st.binary(), place=st.integers(0, 200), bit=st.integers(0, 7))
def test_no_changed_body_is_verified(body: bytes, place: int, bit: int) -> None:
    """Not by a single bit."""
    body = json.dumps(EVENT).encode() + body
    changed = bytearray(body)
    changed[place % len(body)] ^= 1 << bit
    with pytest.raises(InvalidWebhook, match="signature"):
        verify(signed(body), bytes(changed), SECRET, now=NOW)


@given(body=st.binary() | st.text(), headers=st.dictionaries(st.text(), st.text()))
def test_any_request_is_an_event_or_an_error_of_ours(body: bytes | str, headers: dict[str, str]) -> None:
    """Whoever may send whatever to an open endpoint."""
    named = ("webhook-id", "webhook-timestamp", "webhook-signature")
    headers = {**dict.fromkeys(named, "1700000000"), **headers}
    with pytest.raises(InvalidWebhook):
        verify(headers, body, SECRET, now=NOW)
