"""Metrics: a result file reads the same in every wrapping, and nothing else is taken for one."""

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

from .conftest import Wire, error_response, event_json, job_json, list_json

HOSTED = """step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy
1,2.5,0.5,,
2,1.5,0.75,1.25,0.625
"""
ROWS = [
    MetricRow(step=1, train_loss=2.5, train_accuracy=0.5),
    MetricRow(step=2, train_loss=1.5, train_accuracy=0.75, valid_loss=1.25, valid_mean_token_accuracy=0.625),
]


def base64_lines(content: bytes) -> bytes:
    """Base64 in lines of 76 characters, as mail has it."""
    return base64.encodebytes(content)


WRAPPINGS: dict[str, Callable[[bytes], bytes]] = {
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

each_wrapping = pytest.mark.parametrize("wrap", WRAPPINGS.values(), ids=WRAPPINGS)


@each_wrapping
def test_a_result_file_reads_the_same_in_every_wrapping(wrap: Callable[[bytes], bytes]) -> None:
    """The service has served all of these."""
    assert read_metrics(wrap(HOSTED.encode())) == ROWS


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
    """Rows as a result file."""
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


@pytest.mark.parametrize("wrap", [name for name in WRAPPINGS if "line ends" not in name])
@settings(max_examples=15)
@given(table=st.lists(rows, max_size=5))
def test_any_rows_survive_a_result_file(table: list[MetricRow], wrap: str) -> None:
    """Every number comes back exactly, blank cells as `None`, further columns by their names."""
    assert read_metrics(WRAPPINGS[wrap](as_csv(table))) == table


_FIELDS = [field.name for field in attrs.fields(MetricRow) if field.name != "other"]


@given(
    content=st.binary()
    | st.binary().map(base64.b64encode)
    | st.text(alphabet='step,\n\r"0123456789.-enaif \t').map(lambda t: t.encode())
    | st.text(alphabet='\n\r",0123456789.-enaif ').map(lambda t: b"step,train_loss\n" + t.encode())
    | st.text().map(lambda t: json.dumps(t).encode())
)
def test_any_bytes_are_rows_or_unreadable(content: bytes) -> None:
    """Nothing else escapes, and what is read is finite."""
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
def test_what_is_no_result_file_says_so(content: bytes) -> None:
    """The error tells what was looked for."""
    with pytest.raises(UnreadableMetrics, match="no CSV table with a 'step' column"):
        read_metrics(content)


def test_a_row_without_a_step_is_unreadable() -> None:
    """A number without its place says nothing."""
    with pytest.raises(UnreadableMetrics, match=r"no step: .*'train_loss': '2.5'"):
        read_metrics(b"step,train_loss\n,2.5\n")


def test_blank_cells_and_rows_are_no_numbers() -> None:
    """Nor are the ways in which programs write that there is none."""
    found = read_metrics(b"step,train_loss,valid_loss\n1,,\n\n2,nan,NaN\n,,\n3,inf,-1\n4\n")
    assert [(row.step, row.train_loss, row.valid_loss) for row in found] == [
        (1, None, None),
        (2, None, None),
        (3, None, -1.0),
        (4, None, None),
    ]


def test_other_names_of_columns_are_known() -> None:
    """Some providers name columns as events do; case and spaces do not matter."""
    header = b"Step, Train_Loss ,train_mean_token_accuracy,valid_accuracy,full_valid_accuracy"
    [row] = read_metrics(header + b"\n1,2,0.5,0.25,0.125\n")
    assert (row.train_loss, row.train_accuracy, row.valid_mean_token_accuracy) == (2, 0.5, 0.25)
    assert row.full_valid_mean_token_accuracy == 0.125
    assert row.train_mean_token_accuracy == row.train_accuracy


def test_columns_of_other_methods_are_kept() -> None:
    """Preference and reinforcement training have metrics of their own."""
    [row] = read_metrics(b"step,train_loss,reward_mean,note\n1,2,0.5,warm up\n")
    assert row.other == {"reward_mean": 0.5, "note": "warm up"}


def test_a_header_alone_is_a_table_without_rows() -> None:
    """A job can end before its first step."""
    assert read_metrics(b"step,train_loss\n") == []


# --- through a job ---------------------------------------------------------------------------


def ended(client: Any, wire: Wire, **changes: Any) -> Any:
    """A handle on a job that has ended with a result file."""
    wire.then(job_json(**{"status": "succeeded", "result_files": ["file-result"], **changes}))
    return client.jobs.retrieve("ftjob-1")


@each_wrapping
def test_a_job_gives_the_rows_of_its_result_file(
    client: Any, wire: Wire, wrap: Callable[[bytes], bytes]
) -> None:
    """One request, whatever the wrapping."""
    job = ended(client, wire)
    wire.then(httpx.Response(200, content=wrap(HOSTED.encode())))
    assert job.metrics() == ROWS
    assert wire.asked[1:] == ["GET /files/file-result/content"]


def test_the_rows_of_several_files_come_by_step(client: Any, wire: Wire) -> None:
    """However they are spread."""
    job = ended(client, wire, result_files=["file-b", "file-a"])
    wire.then(httpx.Response(200, text="step,train_loss\n3,1\n4,1\n"))
    wire.then(httpx.Response(200, text="step,train_loss\n1,2\n2,2\n"))
    assert [row.step for row in job.metrics()] == [1, 2, 3, 4]


def test_an_unreadable_result_file_is_an_invalid_response(client: Any, wire: Wire) -> None:
    """The error names the file and keeps its content."""
    job = ended(client, wire)
    wire.then(httpx.Response(200, text="sign in"))
    with pytest.raises(InvalidResponse, match="file-result: the result file has no CSV table") as e:
        job.metrics()
    assert e.value.body == b"sign in"


def measured(step: Any, **data: Any) -> dict[str, Any]:
    """A metrics event."""
    return event_json(step if isinstance(step, int) else 0, type="metrics", data={"step": step, **data})


@pytest.mark.parametrize("result_files", [[], None, "file-result", [None, 5, ""]])
@pytest.mark.parametrize("last", ["running", "succeeded"])
def test_without_a_result_file_the_events_tell(client: Any, wire: Wire, result_files: Any, last: str) -> None:
    """While the job runs, and on servers that write no file."""
    job = ended(client, wire, status=last, result_files=result_files)
    wire.then(
        list_json(
            measured(2, train_loss=1.5, train_mean_token_accuracy=0.75, total_steps=9),
            event_json(5),
            measured(1, train_loss=2.5, valid_loss=3.5),
        )
    )
    assert job.metrics() == [
        MetricRow(step=1, train_loss=2.5, valid_loss=3.5),
        MetricRow(step=2, train_loss=1.5, train_accuracy=0.75),
    ]


def test_an_empty_result_file_falls_back_on_the_events(client: Any, wire: Wire) -> None:
    """A header alone measures nothing."""
    job = ended(client, wire)
    wire.then(httpx.Response(200, text="step,train_loss\n"), list_json(measured(1, train_loss=2.5)))
    assert job.metrics() == [MetricRow(step=1, train_loss=2.5)]


def test_odd_events_are_passed_over(client: Any, wire: Wire) -> None:
    """Data of any shape, steps that are none, losses that are none."""
    job = ended(client, wire, result_files=[])
    odd: list[Any] = [None, {}, [], "x", 5, {"step": None}]
    wire.then(
        list_json(
            *[event_json(n, data=data) for n, data in enumerate(odd, 1)],
            measured("one", train_loss=1.0),
            measured(True, train_loss=1.0),
            measured(7, total_steps=9),
            measured(8, train_loss="0.5"),
            measured(9, train_loss=[1]),
        )
    )
    assert [(row.step, row.train_loss) for row in job.metrics()] == [(8, 0.5), (9, None)]


def test_a_step_measured_twice_counts_as_last_measured(client: Any, wire: Wire) -> None:
    """A step repeated after an interruption has one row."""
    job = ended(client, wire, result_files=[])
    events = [measured(1, train_loss=2.5), measured(1, train_loss=2.0)]
    for at, event in enumerate(events):
        event.update(id=f"ftevent-{at}", created_at=1_700_000_000 + at)
    wire.then(list_json(*reversed(events)))
    assert job.metrics() == [MetricRow(step=1, train_loss=2.0)]


def test_a_result_file_that_is_gone_leaves_the_events_to_tell(client: Any, wire: Wire) -> None:
    """Files can be deleted; what the events say of the steps is still there."""
    job = ended(client, wire)
    wire.then(error_response(404), list_json(measured(1, train_loss=2.0)))
    assert job.metrics() == [MetricRow(step=1, train_loss=2.0)]


# --- the best checkpoint ---------------------------------------------------------------------


def checkpoint(step: Any, **metrics: Any) -> dict[str, Any]:
    """A checkpoint with its metrics."""
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
def test_the_best_checkpoint_has_the_lowest_loss(
    client: Any, wire: Wire, checkpoints: list[dict[str, Any]], best: int | None
) -> None:
    """Over the whole validation file where that was measured; of equals, the latest."""
    wire.then(job_json(), list_json(*checkpoints))
    found = client.jobs.retrieve("ftjob-1").best_checkpoint()
    assert (found and found.step_number) == best


def test_a_loss_that_is_no_number_is_not_the_best(client: Any, wire: Wire) -> None:
    """A training that has come apart writes NaN."""
    page = json.dumps(list_json(checkpoint(2, valid_loss=math.nan), checkpoint(1, valid_loss=3.0)))
    wire.then(job_json(), httpx.Response(200, text=page))
    found = client.jobs.retrieve("ftjob-1").best_checkpoint()
    assert found.step_number == 1
