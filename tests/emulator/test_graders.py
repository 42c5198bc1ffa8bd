"""Graders compute rewards from texts, formulas and programs; a documented rule replaces models."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from finetuning_emulator import Emulator
from finetuning_emulator.grading import Grader, Result
from finetuning_emulator.http.json_body import decode_grader

from .conftest import Caller

RUN = "/fine_tuning/alpha/graders/run"
VALIDATE = "/fine_tuning/alpha/graders/validate"


def check(operation: str, reference: str = "{{item.answer}}", **fields: Any) -> dict[str, Any]:
    """Return a string check of the output."""
    grader = {"type": "string_check", "name": "check", "input": "{{sample.output_text}}"}
    return {**grader, "reference": reference, "operation": operation, **fields}


def program(body: str) -> dict[str, Any]:
    """Return a Python grader."""
    source = "def grade(sample, item):\n" + "".join(f"    {line}\n" for line in body.splitlines())
    return {"type": "python", "name": "program", "source": source}


def multi(formula: str, **graders: dict[str, Any]) -> dict[str, Any]:
    """Return a multi grader."""
    return {"type": "multi", "name": "all", "graders": graders, "calculate_output": formula}


def model(kind: str, text: str = "Grade {{sample.output_text}}", **fields: Any) -> dict[str, Any]:
    """Return a grader that would call a model."""
    message = {"role": "user", "content": [{"type": "input_text", "text": text}, "please"]}
    return {"type": kind, "name": "judge", "model": "gpt-4o", "input": [message], **fields}


def run(caller: Caller, grader: dict[str, Any], sample: str = "Paris", **item: Any) -> dict[str, Any]:
    """Return the result of a grader."""
    body = {"grader": grader, "model_sample": sample, "item": item}
    return caller.ask("POST", RUN, json=body)


def flags(result: dict[str, Any]) -> set[str]:
    """Return the names of the flags that are set."""
    return {name for name, value in result["metadata"]["errors"].items() if value is True}


@pytest.fixture
def programs() -> Iterator[Caller]:
    """A caller of an emulator that may run programs."""
    emulator = Emulator(speed=0, python_graders=True)
    with Caller(emulator) as caller:
        yield caller
    emulator.close()


@pytest.mark.parametrize(
    ("operation", "answer", "reward"),
    [
        ("eq", "Paris", 1),
        ("eq", "paris", 0),
        ("ne", "Paris", 0),
        ("ne", "Rome", 1),
        ("like", "ari", 1),
        ("like", "ARI", 0),
        ("ilike", "ARI", 1),
        ("ilike", "Paris!", 0),
    ],
)
def test_string_checks_compare_texts(caller: Caller, operation: str, answer: str, reward: float) -> None:
    """The operations test for equal, unequal, contained, and contained in any case."""
    result = run(caller, check(operation), answer=answer)
    assert result["reward"] == reward
    assert result["metadata"]["type"] == "string_check"
    assert flags(result) == set()


def test_similarity_is_measured(caller: Caller) -> None:
    """The similarity has the metric that the grader names."""
    grader = check("eq", type="text_similarity", evaluation_metric="fuzzy_match")
    assert run(caller, grader, "kitten", answer="sitting")["reward"] == pytest.approx(8 / 13, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{{ item.a.b[1] }}", "2"),
        ("{{item.a.b.0}}{{item.t}}", "1true"),
        ("{{item.a}}", '{"b":[1,2]}'),
        ("{{sample.output_json.x}}", "y"),
        ("{{item.größe-1}}", "ü"),
        ("{ {item.a} }", "{ {item.a} }"),
    ],
)
def test_placeholders_are_filled(caller: Caller, text: str, filled: str) -> None:
    """Texts are inserted unchanged, other values as JSON."""
    item = {"a": {"b": [1, 2]}, "t": True, "größe-1": "ü"}
    result = run(caller, check("eq", filled, input=text), '{"x": "y"}', **item)
    assert (result["reward"], flags(result)) == (1, set())


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("{{item.none}}", "invalid_variable_error"),
        ("{{item.list[5]}}", "invalid_variable_error"),
        ("{{item.text.more}}", "invalid_variable_error"),
        ("{{sample.output_json}}", "sample_parse_error"),
    ],
)
def test_a_placeholder_without_a_value_is_flagged(caller: Caller, text: str, flag: str) -> None:
    """The reward is 0, even if the texts are equal."""
    result = run(caller, check("ne", input=text), answer="x", list=[1], text="t")
    assert (result["reward"], flags(result)) == (0, {flag})


def test_long_texts_are_cut_and_flagged(caller: Caller) -> None:
    """A long value is cut even if a placeholder repeats it many times."""
    grader = check("like", "x", input="{{item.long}}" * 2000)
    result = run(caller, grader, long="x" * 40_000)
    assert (result["reward"], flags(result)) == (1, {"truncated_observation_error"})


def test_a_formula_combines_rewards(caller: Caller) -> None:
    """The response has the reward of each part."""
    grader = multi("0.75 * same + 0.25 * near", same=check("eq"), near=check("ilike"))
    result = run(caller, grader, answer="PARIS")
    assert result["reward"] == 0.25
    assert result["sub_rewards"] == {"same": 0, "near": 1}


def test_a_single_grader_has_its_own_name_in_the_formula(caller: Caller) -> None:
    """A multi grader can have one grader instead of a map of graders."""
    grader = {**multi("check + 1"), "graders": check("eq")}
    assert run(caller, grader, answer="Paris")["reward"] == 2


def test_a_formula_without_a_value_is_flagged(caller: Caller) -> None:
    """The flags of the parts are kept."""
    grader = multi("1 / same", same=check("eq", "{{item.none}}"))
    assert flags(run(caller, grader)) == {"other_error", "invalid_variable_error"}


def test_a_score_model_grader_scores_by_similarity(caller: Caller) -> None:
    """The row's own text has the highest score, and a text without a common word the lowest."""
    grader = model("score_model", range=[-1, 3])
    assert run(caller, grader, "to be or not", answer="to be or not", other="x")["reward"] == 3
    assert run(caller, grader, "nothing", answer="to be")["reward"] == -1
    half = run(caller, grader, "to be", answer=["to go", {"deep": "to see"}])
    assert half["reward"] == 1
    assert half["metadata"]["sampled_model_name"] == "gpt-4o"
    assert half["model_grader_token_usage_per_model"] == {"gpt-4o": half["metadata"]["token_usage"]}


def test_a_row_without_texts_always_gets_the_same_score(caller: Caller) -> None:
    """The score is derived from the messages."""
    scores = [run(caller, model("score_model"), sample)["reward"] for sample in ("a", "b", "a")]
    assert scores[0] == scores[2] != scores[1]
    assert all(0 <= score <= 1 for score in scores)


@pytest.mark.parametrize(("sample", "reward"), [("to be", 1), ("to go", 1), ("gone", 0)])
def test_a_label_model_grader_labels_by_similarity(caller: Caller, sample: str, reward: float) -> None:
    """A similarity of at least one half passes."""
    labels = model("label_model", labels=["bad", "good"], passing_labels=["good"])
    assert run(caller, multi("judge", judge=labels), sample, answer="to be")["reward"] == reward


def test_programs_do_not_run_unless_allowed(caller: Caller) -> None:
    """The response says that programs are disabled."""
    result = run(caller, program("return 1"))
    assert (result["reward"], flags(result)) == (0, {"python_grader_server_error"})
    assert result["metadata"]["errors"]["python_grader_server_error_type"].startswith("disabled")


def test_programs_run_when_allowed(programs: Caller) -> None:
    """Programs receive the sample and the row, and can print."""
    body = "import re\nprint(sample)\nreturn len(re.findall('a', sample['output_text'])) / item['of']"
    result = run(programs, program(body), "banana", of=4)
    assert (result["reward"], flags(result)) == (0.75, set())


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ("return 1 / 0", "ZeroDivisionError"),
        ("return 'x'", "ValueError"),
        ("open('/etc/hostname')", "PermissionError"),
        ("import socket\nsocket.socket()", "PermissionError"),
        ("import os\nos.system('true')", "PermissionError"),
        ("import os\nos.fork()", "PermissionError"),
        ("import os\nos.kill(os.getppid(), 9)", "PermissionError"),
        ("import ctypes", "PermissionError"),
        ("return 'x' * (2 << 30)", "MemoryError"),
        ("raise SystemExit", "SystemExit"),
        ("import os\nos._exit(0)", "ended without a reward"),
        ("import os\nos.write(1, b'x' * 1000000)", "ended without a reward"),
    ],
)
def test_a_program_is_restricted(programs: Caller, body: str, details: str) -> None:
    """Opening files and sockets, starting child processes and using much memory are errors."""
    result = run(programs, program(body))
    assert (result["reward"], flags(result)) == (0, {"python_grader_runtime_error"})
    assert details in result["metadata"]["errors"]["python_grader_runtime_error_details"]


def test_a_program_without_a_number_gives_no_reward(programs: Caller) -> None:
    """NaN and infinity are flagged."""
    assert flags(run(programs, program("return float('nan')"))) == {"unresponsive_reward_error"}


@pytest.mark.parametrize(
    ("grader", "param"),
    [
        ({}, "grader.type"),
        ({"type": "magic"}, "grader.type"),
        (check("is"), "grader.operation"),
        (check("eq", "{{nothing}}"), "grader.reference"),
        (check("eq", "{{item.a b}}"), "grader.reference"),
        (check("eq", "{{sample.output}}"), "grader.reference"),
        (check("eq", "{{item.a"), "grader.reference"),
        (check("eq", "{{item.a}} and {{sample.output_text}"), "grader.reference"),
        (check("eq", type="text_similarity", evaluation_metric="x"), "grader.evaluation_metric"),
        (program("return ("), "grader.source"),
        ({**program(""), "source": "x = 1"}, "grader.source"),
        ({**program(""), "source": "#" * 300_000}, "grader.source"),
        (model("score_model", range=[1, 0]), "grader.range"),
        (model("score_model", range=[1]), "grader.range"),
        (model("score_model", "{{x}}"), "grader.input[0].content"),
        (model("label_model", labels=["a"], passing_labels=["a"]), "grader.type"),
        (multi("a +", a=check("eq")), "grader.calculate_output"),
        (multi("a + b", a=check("eq")), "grader.calculate_output"),
        (multi("a", a=check("eq", "{{x}}")), "grader.graders[a].reference"),
        (multi("a", a=multi("b")), "grader.graders[a].type"),
        (
            multi("a", a=model("label_model", labels=["x"], passing_labels=["y"])),
            "grader.graders[a].passing_labels",
        ),
        (multi("a", a=model("label_model", labels=[], passing_labels=[])), "grader.graders[a].labels"),
        (multi("a1", **{f"a{number}": check("eq") for number in range(65)}), "grader.graders"),
    ],
)
def test_a_grader_that_cannot_work_is_refused(caller: Caller, grader: dict[str, Any], param: str) -> None:
    """Validate and run both refuse it, and name the field."""
    for path, body in ((VALIDATE, {}), (RUN, {"model_sample": ""})):
        error = caller.refused(400, "POST", path, json={"grader": grader, **body})
        assert error["param"] == param


def test_a_valid_grader_is_echoed(caller: Caller) -> None:
    """The response is the grader that was sent."""
    grader = multi("a", a=check("eq"))
    assert caller.ask("POST", VALIDATE, json={"grader": grader}) == {"grader": grader}


@pytest.mark.parametrize("body", [{}, {"grader": check("eq")}, {"grader": check("eq"), "model_sample": 1}])
def test_a_bad_body_is_refused(caller: Caller, body: dict[str, Any]) -> None:
    """A grader and a text are required."""
    caller.refused(400, "POST", RUN, json=body)
    caller.refused(400, "POST", RUN, json={**body, "grader": check("eq"), "model_sample": "", "item": []})


def test_at_most_one_grader_per_core_runs_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other graders wait."""
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    running: list[int] = []
    most: list[int] = []
    decoded: list[int] = []
    release = threading.Event()

    def counted(*arguments: Any) -> Grader:
        decoded.append(1)
        if len(decoded) == 8:
            release_after(20)
        return decode_grader(*arguments)

    def release_after(turns: int) -> None:
        """Release the graders when two run and the event loop had time to start all that may run."""
        loop = asyncio.get_running_loop()
        if turns or len(running) < 2:
            loop.call_soon(release_after, max(turns - 1, 0))
        else:
            release.set()

    def held(*_: Any, **__: Any) -> Result:
        running.append(1)
        most.append(len(running))
        assert release.wait(30)
        running.pop()
        return Result()

    monkeypatch.setattr("finetuning_emulator.http.routes.graders.decode_grader", counted)
    monkeypatch.setattr("finetuning_emulator.operations.graders.run_grader", held)

    async def main() -> list[httpx.Response]:
        body = {"grader": check("eq"), "model_sample": "x"}
        headers = {"Authorization": "Bearer k"}
        url = emulator.base_url + RUN
        async with httpx.AsyncClient(headers=headers, trust_env=False) as client:
            return await asyncio.gather(*(client.post(url, json=body) for _ in range(8)))

    with Emulator(speed=0) as emulator:
        responses = asyncio.run(main())
    assert {response.status_code for response in responses} == {200}
    assert max(most) == 2
