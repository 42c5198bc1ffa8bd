"""Only a current request that the service signed is read as an event; any other raises one error."""

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


def signed_headers(body: bytes, *, secret: str = SECRET, at: float = NOW, id: str = "wh_1") -> dict[str, str]:
    """Return the headers of a signed request with this body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{id}.{at:.0f}.".encode() + body
    signature = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return {"webhook-id": id, "webhook-timestamp": f"{at:.0f}", "webhook-signature": f"v1,{signature}"}


def verified_event(value: Any = EVENT, **options: Any) -> WebhookEvent:
    """Return the event of a correctly signed request."""
    body = json.dumps(value).encode()
    return verify(signed_headers(body), body, SECRET, now=NOW, **options)


def test_published_example_has_a_valid_signature() -> None:
    """The test vector of Standard Webhooks is signed, but is not an event."""
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    with pytest.raises(InvalidWebhook, match="not an event"):
        verify(headers, b'{"test": 2432232314}', secret, now=1614265330)


@pytest.mark.parametrize("status", ["succeeded", "failed", "cancelled"])
def test_job_events_are_typed(status: str) -> None:
    """Each event has its job, its time and the new status of the job."""
    found = verified_event({**EVENT, "type": f"fine_tuning.job.{status}", "more": [1]})
    assert found.type is WebhookEventType(f"fine_tuning.job.{status}")
    assert found.type.job_status == status
    assert (found.id, found.job_id) == ("evt_1", "ftjob-1")
    assert found.created_at == datetime.fromtimestamp(NOW, UTC)
    assert found.to_dict()["more"] == [1]


def test_other_events_are_kept() -> None:
    """An endpoint may receive events about other objects."""
    found = verified_event({**EVENT, "type": "batch.completed"})
    assert not found.type.is_known
    assert (found.type, found.job_id, found.type.job_status) == ("batch.completed", None, None)


def test_body_may_be_text_and_header_names_have_any_case() -> None:
    """Web frameworks pass them in different forms."""
    body = json.dumps({**EVENT, "data": {"id": "ftjob-ü"}}, ensure_ascii=False)
    headers = {name.title(): value for name, value in signed_headers(body.encode()).items()}
    assert verify(headers, body, SECRET, now=NOW).job_id == "ftjob-ü"


def test_any_of_several_secrets_and_signatures_is_accepted() -> None:
    """Unknown versions of signatures are ignored."""
    body = json.dumps(EVENT).encode()
    headers = signed_headers(body)
    headers["webhook-signature"] = f"v1a,xyz v1,AAAA {headers['webhook-signature']}"
    assert verify(headers, body, [OTHER, SECRET], now=NOW).id == "evt_1"
    with pytest.raises(InvalidWebhook, match="signature"):
        verify(headers, body, OTHER, now=NOW)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_each_header_is_required_and_signed(name: str) -> None:
    """A missing, empty or changed header is refused."""
    body = json.dumps(EVENT).encode()
    for value in (None, "", "1700000001", "v1,", "v1,é", "v1,AAAA", "v2,AAAA"):
        headers = signed_headers(body)
        del headers[name]
        if value is not None:
            headers[name] = value
        with pytest.raises(InvalidWebhook):
            verify(headers, body, SECRET, now=NOW)


@pytest.mark.parametrize("off", [-301, 301, 86_400, -86_400])
def test_old_request_is_refused_as_a_possible_replay(off: float) -> None:
    """The default tolerance is five minutes, and the caller can change it."""
    body = json.dumps(EVENT).encode()
    headers = signed_headers(body, at=NOW - off)
    with pytest.raises(InvalidWebhook, match="old" if off > 0 else "ahead"):
        verify(headers, body, SECRET, now=NOW)
    assert verify(headers, body, SECRET, now=NOW, tolerance=abs(off)).id == "evt_1"


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_*", 5, None, [], [""], b"whsec_AAAA"], ids=repr)
def test_invalid_secret_raises_configuration_error(secret: Any) -> None:
    """It is a mistake of the receiver, not of the sender."""
    body = json.dumps(EVENT).encode()
    with pytest.raises(ConfigurationError):
        verify(signed_headers(body), body, secret, now=NOW)


@pytest.mark.parametrize("value", [None, [], "x", {}, {"type": 5}, {"type": None}], ids=repr)
def test_signed_body_that_is_not_an_event_is_refused(value: Any) -> None:
    """The error says what an event is."""
    with pytest.raises(InvalidWebhook, match="not an event"):
        verified_event(value)


@pytest.mark.parametrize(
    "changes", [{"data": None}, {"data": []}, {"data": {}}, {"created_at": "x"}, {"id": 5}]
)
def test_incomplete_event_is_read_tolerantly(changes: dict[str, Any]) -> None:
    """Malformed fields are read as missing."""
    found = verified_event({**EVENT, **changes})
    assert found.type is WebhookEventType.SUCCEEDED


@given(body=st.binary(), place=st.integers(0, 200), bit=st.integers(0, 7))
def test_changed_body_is_refused(body: bytes, place: int, bit: int) -> None:
    """A single changed bit is enough."""
    body = json.dumps(EVENT).encode() + body
    changed = bytearray(body)
    changed[place % len(body)] ^= 1 << bit
    with pytest.raises(InvalidWebhook, match="signature"):
        verify(signed_headers(body), bytes(changed), SECRET, now=NOW)


@given(body=st.binary() | st.text(), headers=st.dictionaries(st.text(), st.text()))
def test_any_unsigned_request_raises_invalid_webhook(body: bytes | str, headers: dict[str, str]) -> None:
    """An open endpoint can receive anything."""
    headers_needed = ("webhook-id", "webhook-timestamp", "webhook-signature")
    headers = {**dict.fromkeys(headers_needed, "1700000000"), **headers}
    with pytest.raises(InvalidWebhook):
        verify(headers, body, SECRET, now=NOW)
