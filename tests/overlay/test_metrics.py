"""Metrics: result files in every known encoding, metric events, and the best checkpoint."""

from __future__ import annotations

import base64
import csv
import io
import json
import math
from collections.abc import Callable
from typing import Any

import attrs
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finetuning_client import InvalidResponse, MetricRow
from finetuning_client.results.metrics import UnreadableMetrics, read_metrics

from .conftest import FakeServer, error_response, event_json, job_json, list_json

HOSTED = """step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy
1,2.5,0.5,,
2,1.5,0.75,1.25,0.625
"""
ROWS = [
    MetricRow(step=1, train_loss=2.5, train_accuracy=0.5),
    MetricRow(step=2, train_loss=1.5, train_accuracy=0.75, valid_loss=1.25, valid_mean_token_accuracy=0.625),
]


def base64_lines(content: bytes) -> bytes:
    """Encode as base64 in lines of 76 characters, as in email."""
    return base64.encodebytes(content)


ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "plain with a byte order mark": lambda content: b"\xef\xbb\xbf" + content,
    "plain after blank lines": lambda content: b"\n\r\n" + content,
    "plain with Windows line ends": lambda content: content.replace(b"\n", b"\r\n"),
    "plain with old Mac line ends": lambda content: content.replace(b"\n", b"\r"),
    "base64": base64.b64encode,
    "base64 in lines": base64_lines,
    "base64 of a byte order mark": lambda content: base64.b64encode(b"\xef\xbb\xbf" + content),
    "JSON string": lambda content: json.dumps(content.decode()).encode(),
    "JSON string of base64": lambda content: json.dumps(base64.b64encode(content).decode()).encode(),
}

each_encoding = pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)


@each_encoding
def test_result_file_is_read_in_every_encoding(encode: Callable[[bytes], bytes]) -> None:
    """The service has sent all of these encodings."""
    assert read_metrics(encode(HOSTED.encode())) == ROWS


numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
other = st.dictionaries(
    st.from_regex(r"\A[a-z_]{1,8}\Z").map("x_{}".format),
    st.floats(allow_nan=False, allow_infinity=False)
    | st.text(min_size=1).filter(lambda text: text.strip() and not _is_numeric(text)),
    max_size=2,
)
rows = st.builds(
    MetricRow,
    step=st.integers(0, 10**9),
    train_loss=numbers,
    train_accuracy=numbers,
    valid_loss=numbers,
    valid_mean_token_accuracy=numbers,
    full_valid_loss=numbers,
    full_valid_mean_token_accuracy=numbers,
    other=other,
)


def _is_numeric(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def as_csv(table: list[MetricRow]) -> bytes:
    """Write rows as a result file."""
    columns = ["step", "train_loss", "train_accuracy", "valid_loss", "valid_mean_token_accuracy"]
    columns += ["full_valid_loss", "full_valid_mean_token_accuracy"]
    columns += sorted({name for row in table for name in row.other})
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in table:
        cells = [getattr(row, name, row.other.get(name)) for name in columns]
        writer.writerow(["" if cell is None else cell for cell in cells])
    return text.getvalue().encode()


@pytest.mark.parametrize("encode", [name for name in ENCODINGS if "line ends" not in name])
@settings(max_examples=15)
@given(table=st.lists(rows, max_size=5))
def test_any_rows_are_preserved_by_a_result_file(table: list[MetricRow], encode: str) -> None:
    """Numbers are exact, empty cells are `None`, and other columns are kept by name."""
    assert read_metrics(ENCODINGS[encode](as_csv(table))) == table


_FIELDS = [field.name for field in attrs.fields(MetricRow) if field.name != "other"]


@given(
    content=st.binary()
    | st.binary().map(base64.b64encode)
    | st.text(alphabet='step,\n\r"0123456789.-enaif \t').map(lambda t: t.encode())
    | st.text(alphabet='\n\r",0123456789.-enaif ').map(lambda t: b"step,train_loss\n" + t.encode())
    | st.text().map(lambda t: json.dumps(t).encode())
)
def test_any_bytes_give_rows_or_unreadable_metrics(content: bytes) -> None:
    """No other exception is raised, and all numbers are finite."""
    try:
        found = read_metrics(content)
    except UnreadableMetrics:
        return
    for row in found:
        assert isinstance(row.step, int)
        values = [value for name in _FIELDS if (value := getattr(row, name)) is not None]
        assert all(math.isfinite(value) for value in values)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"<html>",
        b"null",
        b"[]",
        b"{}",
        b'""',
        b"5",
        b"loss\n1\n",
        b"\x00" * 9,
        b"c3RlcA",
        HOSTED[4:].encode(),
    ],
    ids=repr,
)
def test_content_without_a_table_is_unreadable(content: bytes) -> None:
    """The error says what was expected."""
    with pytest.raises(UnreadableMetrics, match="no CSV table with a 'step' column"):
        read_metrics(content)


def test_row_without_a_step_is_unreadable() -> None:
    """The error shows the row."""
    with pytest.raises(UnreadableMetrics, match=r"no step: .*'train_loss': '2.5'"):
        read_metrics(b"step,train_loss\n,2.5\n")


def test_blank_and_non_finite_cells_are_none() -> None:
    """Programs write missing values in several ways."""
    found = read_metrics(b"step,train_loss,valid_loss\n1,,\n\n2,nan,NaN\n,,\n3,inf,-1\n4\n")
    assert [(row.step, row.train_loss, row.valid_loss) for row in found] == [
        (1, None, None),
        (2, None, None),
        (3, None, -1.0),
        (4, None, None),
    ]


def test_alternative_column_names_are_known() -> None:
    """Some providers name columns as events do; case and spaces do not matter."""
    header = b"Step, Train_Loss ,train_mean_token_accuracy,valid_accuracy,full_valid_accuracy"
    [row] = read_metrics(header + b"\n1,2,0.5,0.25,0.125\n")
    assert (row.train_loss, row.train_accuracy, row.valid_mean_token_accuracy) == (2, 0.5, 0.25)
    assert row.full_valid_mean_token_accuracy == 0.125
    assert row.train_mean_token_accuracy == row.train_accuracy


def test_other_columns_are_kept() -> None:
    """Preference and reinforcement training have their own metrics."""
    [row] = read_metrics(b"step,train_loss,reward_mean,note\n1,2,0.5,warm up\n")
    assert row.other == {"reward_mean": 0.5, "note": "warm up"}


def test_header_without_rows_gives_no_rows() -> None:
    """A job can end before its first step."""
    assert read_metrics(b"step,train_loss\n") == []


# --- metrics of a job ------------------------------------------------------------------------


def ended_job(client: Any, server: FakeServer, **changes: Any) -> Any:
    """Return a handle of a job that has ended with a result file."""
    server.enqueue(job_json(**{"status": "succeeded", "result_files": ["file-result"], **changes}))
    return client.jobs.retrieve("ftjob-1")


@each_encoding
def test_metrics_reads_the_result_file(
    client: Any, server: FakeServer, encode: Callable[[bytes], bytes]
) -> None:
    """It takes one request, whatever the encoding."""
    job = ended_job(client, server)
    server.enqueue(httpx.Response(200, content=encode(HOSTED.encode())))
    assert job.metrics() == ROWS
    assert server.calls[1:] == ["GET /files/file-result/content"]


def test_metrics_merges_several_result_files_by_step(client: Any, server: FakeServer) -> None:
    """The files can come in any order."""
    job = ended_job(client, server, result_files=["file-b", "file-a"])
    server.enqueue(httpx.Response(200, text="step,train_loss\n3,1\n4,1\n"))
    server.enqueue(httpx.Response(200, text="step,train_loss\n1,2\n2,2\n"))
    assert [row.step for row in job.metrics()] == [1, 2, 3, 4]


def test_unreadable_result_file_raises_invalid_response(client: Any, server: FakeServer) -> None:
    """The error names the file and has its content."""
    job = ended_job(client, server)
    server.enqueue(httpx.Response(200, text="sign in"))
    with pytest.raises(InvalidResponse, match="file-result: the result file has no CSV table") as e:
        job.metrics()
    assert e.value.body == b"sign in"


def metrics_event(step: Any, **data: Any) -> dict[str, Any]:
    """Return a metrics event."""
    return event_json(step if isinstance(step, int) else 0, type="metrics", data={"step": step, **data})


@pytest.mark.parametrize("result_files", [[], None, "file-result", [None, 5, ""]])
@pytest.mark.parametrize("last", ["running", "succeeded"])
def test_metrics_come_from_events_without_a_result_file(
    client: Any, server: FakeServer, result_files: Any, last: str
) -> None:
    """This is the case while the job runs, and on servers that write no file."""
    job = ended_job(client, server, status=last, result_files=result_files)
    server.enqueue(
        list_json(
            metrics_event(2, train_loss=1.5, train_mean_token_accuracy=0.75, total_steps=9),
            event_json(5),
            metrics_event(1, train_loss=2.5, valid_loss=3.5),
        )
    )
    assert job.metrics() == [
        MetricRow(step=1, train_loss=2.5, valid_loss=3.5),
        MetricRow(step=2, train_loss=1.5, train_accuracy=0.75),
    ]


def test_metrics_come_from_events_if_the_result_file_is_empty(client: Any, server: FakeServer) -> None:
    """A header without rows has no metrics."""
    job = ended_job(client, server)
    server.enqueue(httpx.Response(200, text="step,train_loss\n"), list_json(metrics_event(1, train_loss=2.5)))
    assert job.metrics() == [MetricRow(step=1, train_loss=2.5)]


def test_malformed_metric_events_are_skipped(client: Any, server: FakeServer) -> None:
    """Their data, steps or losses have other types."""
    job = ended_job(client, server, result_files=[])
    malformed: list[Any] = [None, {}, [], "x", 5, {"step": None}]
    server.enqueue(
        list_json(
            *[event_json(n, data=data) for n, data in enumerate(malformed, 1)],
            metrics_event("one", train_loss=1.0),
            metrics_event(True, train_loss=1.0),
            metrics_event(7, total_steps=9),
            metrics_event(8, train_loss="0.5"),
            metrics_event(9, train_loss=[1]),
        )
    )
    assert [(row.step, row.train_loss) for row in job.metrics()] == [(8, 0.5), (9, None)]


def test_last_event_of_a_step_counts(client: Any, server: FakeServer) -> None:
    """A step that is repeated after an interruption has one row."""
    job = ended_job(client, server, result_files=[])
    events = [metrics_event(1, train_loss=2.5), metrics_event(1, train_loss=2.0)]
    for at, event in enumerate(events):
        event.update(id=f"ftevent-{at}", created_at=1_700_000_000 + at)
    server.enqueue(list_json(*reversed(events)))
    assert job.metrics() == [MetricRow(step=1, train_loss=2.0)]


def test_metrics_come_from_events_if_the_result_file_was_deleted(client: Any, server: FakeServer) -> None:
    """The events still have the metrics."""
    job = ended_job(client, server)
    server.enqueue(error_response(404), list_json(metrics_event(1, train_loss=2.0)))
    assert job.metrics() == [MetricRow(step=1, train_loss=2.0)]


# --- the best checkpoint ---------------------------------------------------------------------


def checkpoint(step: Any, **metrics: Any) -> dict[str, Any]:
    """Return a checkpoint with these metrics."""
    return {
        "id": f"ftckpt_{step}",
        "object": "fine_tuning.job.checkpoint",
        "created_at": 1_700_000_000,
        "fine_tuned_model_checkpoint": f"ft:m:o:s:1:ckpt-step-{step}",
        "fine_tuning_job_id": "ftjob-1",
        "step_number": step,
        "metrics": metrics,
    }


@pytest.mark.parametrize(
    ("checkpoints", "best"),
    [
        ([], None),
        ([checkpoint(1)], None),
        ([checkpoint(1, train_loss=2), checkpoint(2, train_loss=1)], 2),
        ([checkpoint(1, train_loss=1, valid_loss=2), checkpoint(2, train_loss=2, valid_loss=1)], 2),
        ([checkpoint(1, valid_loss=1, full_valid_loss=2), checkpoint(2, valid_loss=9, full_valid_loss=1)], 2),
        ([checkpoint(1, valid_loss=1), checkpoint(2, full_valid_loss=5)], 2),
        ([checkpoint(1, valid_loss=1), checkpoint(2, valid_loss=1)], 2),
        ([checkpoint(2, valid_loss=1), checkpoint(1, valid_loss=1)], 2),
        ([checkpoint(1, valid_loss=None), checkpoint(2, valid_loss="low"), checkpoint(3, valid_loss=7)], 3),
        ([checkpoint(None, valid_loss=1), checkpoint(2, valid_loss=2)], None),
    ],
)
def test_best_checkpoint_has_the_lowest_loss(
    client: Any, server: FakeServer, checkpoints: list[dict[str, Any]], best: int | None
) -> None:
    """The loss over the complete validation file is preferred; of equal losses, the latest step is best."""
    server.enqueue(job_json(), list_json(*checkpoints))
    found = client.jobs.retrieve("ftjob-1").best_checkpoint()
    assert (found and found.step_number) == best


def test_nan_loss_is_not_the_best(client: Any, server: FakeServer) -> None:
    """A training run that diverged has NaN as its loss."""
    page = json.dumps(list_json(checkpoint(2, valid_loss=math.nan), checkpoint(1, valid_loss=3.0)))
    server.enqueue(job_json(), httpx.Response(200, text=page))
    found = client.jobs.retrieve("ftjob-1").best_checkpoint()
    assert found.step_number == 1
