from __future__ import annotations

from typing import Any

from attrs import define

from ..types import UNSET, ApiObject, Unset


@define(repr=False, eq=False, kw_only=True, getstate_setstate=False)
class RunGraderErrors(ApiObject):
    """Errors of a grader run, one flag for each kind.

    Attributes:
        formula_parse_error: The formula of a multi grader could not be parsed.
        sample_parse_error: The model output could not be parsed.
        truncated_observation_error: The input of the grader was truncated.
        unresponsive_reward_error: The grader gave no reward.
        invalid_variable_error: A placeholder names something that does not exist.
        other_error: An error of another kind.
        python_grader_server_error: The server that runs Python graders failed.
        python_grader_server_error_type: Kind of that server failure.
        python_grader_runtime_error: The Python program raised an exception.
        python_grader_runtime_error_details: Text of that exception.
        model_grader_server_error: The server of the grading model failed.
        model_grader_refusal_error: The grading model refused to answer.
        model_grader_parse_error: The answer of the grading model could not be parsed.
        model_grader_server_error_details: Error message from the grading model's server.
    """

    formula_parse_error: bool | Unset = UNSET
    sample_parse_error: bool | Unset = UNSET
    truncated_observation_error: bool | Unset = UNSET
    unresponsive_reward_error: bool | Unset = UNSET
    invalid_variable_error: bool | Unset = UNSET
    other_error: bool | Unset = UNSET
    python_grader_server_error: bool | Unset = UNSET
    python_grader_server_error_type: str | None | Unset = UNSET
    python_grader_runtime_error: bool | Unset = UNSET
    python_grader_runtime_error_details: str | None | Unset = UNSET
    model_grader_server_error: bool | Unset = UNSET
    model_grader_refusal_error: bool | Unset = UNSET
    model_grader_parse_error: bool | Unset = UNSET
    model_grader_server_error_details: str | None | Unset = UNSET

    def _fill(self, src: dict[str, Any]) -> None:
        self.formula_parse_error = src["formula_parse_error"]
        self.sample_parse_error = src["sample_parse_error"]
        self.truncated_observation_error = src["truncated_observation_error"]
        self.unresponsive_reward_error = src["unresponsive_reward_error"]
        self.invalid_variable_error = src["invalid_variable_error"]
        self.other_error = src["other_error"]
        self.python_grader_server_error = src["python_grader_server_error"]
        self.python_grader_server_error_type = src["python_grader_server_error_type"]
        self.python_grader_runtime_error = src["python_grader_runtime_error"]
        self.python_grader_runtime_error_details = src["python_grader_runtime_error_details"]
        self.model_grader_server_error = src["model_grader_server_error"]
        self.model_grader_refusal_error = src["model_grader_refusal_error"]
        self.model_grader_parse_error = src["model_grader_parse_error"]
        self.model_grader_server_error_details = src["model_grader_server_error_details"]
