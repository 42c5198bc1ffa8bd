"""`graders.run_rows` shows the rewards of a sample of rows before a job is paid for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from finetuning_client import BadRequest, DatasetError, FineTuning, InvalidRequestError
from finetuning_client.data import RewardTable

from ..training_files import GRADER


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A file of 30 questions, each with its answer."""
    path = tmp_path / "questions.jsonl"
    questions = ({"messages": [{"role": "user", "content": f"{i}?"}], "answer": str(i)} for i in range(30))
    path.write_text("".join(json.dumps(row) + "\n" for row in questions))
    return path


def graded(request: httpx.Request) -> httpx.Response:
    """Respond like a string check, with the rewards of the parts of a multi grader."""
    body = json.loads(request.content)
    reward = float(body["model_sample"] == body["item"]["answer"])
    errors = {"other_error": body["model_sample"] == "13", "sample_parse_error": False}
    metadata = {"name": "right", "type": "string_check", "errors": errors}
    return httpx.Response(
        200, json={"reward": reward, "metadata": metadata, "sub_rewards": {"half": reward / 2}}
    )


def test_rewards_are_a_table_in_the_order_of_the_file(client: Any, server: Any, rows: Path) -> None:
    """Each row has its line, the graded output, the rewards of the parts and the errors."""
    server.handler = graded
    table: RewardTable = client.graders.run_rows(rows, grader=GRADER, model_sample="{{item.answer}}", n=30)
    assert [reward.line for reward in table] == list(range(1, 31))
    assert (len(table), table.mean, table.failed) == (30, 1.0, 1)
    assert table.rewards[13].errors == ("other_error",)
    text = table.table().splitlines()
    assert text[0].split() == ["line", "reward", "half", "output", "errors"]
    assert text[14].split() == ["14", "1.000", "0.500", "13", "other_error"]
    assert text[-1] == "mean reward 1.000 of 30 rows, 1 with errors"


def test_a_sample_is_the_same_for_a_seed(client: Any, server: Any, rows: Path) -> None:
    """One request per row is sent; a function can make the output."""
    server.handler = graded
    drawn = [
        [r.line for r in client.graders.run_rows(rows, grader=GRADER, model_sample=ask, n=5, seed=seed)]
        for seed in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    assert server.calls == ["POST /fine_tuning/alpha/graders/run"] * 15
    assert server.body(0)["model_sample"] == "7"


def ask(row: Any) -> str:
    """Return the same answer to each question."""
    assert row["messages"]
    return "7"


def test_mistakes_are_reported_before_anything_is_sent(client: Any, server: Any, rows: Path) -> None:
    """A field that the rows lack, a bad line, a bad number of rows and an invalid grader are errors."""
    run: Callable[..., Any] = client.graders.run_rows
    with pytest.raises(DatasetError, match=r"line 1: has no 'awnser', .*did you mean 'answer'"):
        run(rows, grader=GRADER, model_sample="{{item.awnser}}", n=30)
    with pytest.raises(InvalidRequestError, match="n: must be"):
        run(rows, grader=GRADER, model_sample="x", n=0)
    with pytest.raises(InvalidRequestError, match="model_sample: must be a function that returns a string"):
        run(rows, grader=GRADER, model_sample=lambda _: 5)
    with pytest.raises(InvalidRequestError, match="model_sample: must be a string, or a function"):
        run(rows, grader=GRADER, model_sample=None)
    with pytest.raises(InvalidRequestError, match="grader"):
        run(rows, grader={"type": "magic"}, model_sample="x")
    rows.write_text("x\n")
    with pytest.raises(DatasetError, match="line 1: is not JSON"):
        run(rows, grader=GRADER, model_sample="x")
    assert server.calls == []


def test_a_refused_grader_ends_the_run(client: Any, server: Any, rows: Path) -> None:
    """The error is that of the service."""
    server.handler = lambda _: httpx.Response(
        400, json={"error": {"message": "no", "code": "invalid_grader"}}
    )
    with pytest.raises(BadRequest, match="no"):
        client.graders.run_rows(rows, grader=GRADER, model_sample="x")


def test_the_emulator_grades_the_rows(fine_tuning: FineTuning, rows: Path) -> None:
    """Right answers get the full reward, and wrong ones none."""
    right = fine_tuning.graders.run_rows(rows, grader=GRADER, model_sample="{{ item.answer }}", n=9)
    wrong = fine_tuning.graders.run_rows(rows, grader=GRADER, model_sample="{{ item.messages }}", n=9)
    assert (len(right), right.mean, wrong.mean) == (9, 1.0, 0.0)
