"""All models, each loaded when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .add_upload_part_request import AddUploadPartRequest
    from .checkpoint_permission_order import CheckpointPermissionOrder
    from .complete_upload_request import CompleteUploadRequest
    from .create_file_request import CreateFileRequest
    from .create_fine_tuning_checkpoint_permission_request import CreateFineTuningCheckpointPermissionRequest
    from .create_fine_tuning_job_hyperparameters import CreateFineTuningJobHyperparameters
    from .create_fine_tuning_job_request import CreateFineTuningJobRequest
    from .create_upload_request import CreateUploadRequest
    from .delete_file_response import DeleteFileResponse
    from .delete_fine_tuning_checkpoint_permission_response import DeleteFineTuningCheckpointPermissionResponse
    from .delete_model_response import DeleteModelResponse
    from .error import Error
    from .error_response import ErrorResponse
    from .eval_item import EvalItem
    from .eval_item_content_output_text import EvalItemContentOutputText
    from .eval_item_input_image import EvalItemInputImage
    from .eval_item_role import EvalItemRole
    from .file_expiration_after import FileExpirationAfter
    from .file_order import FileOrder
    from .file_purpose import FilePurpose
    from .file_status import FileStatus
    from .fine_tune_dpo_hyperparameters import FineTuneDPOHyperparameters
    from .fine_tune_dpo_method import FineTuneDPOMethod
    from .fine_tune_method import FineTuneMethod
    from .fine_tune_method_type import FineTuneMethodType
    from .fine_tune_reasoning_effort import FineTuneReasoningEffort
    from .fine_tune_reinforcement_hyperparameters import FineTuneReinforcementHyperparameters
    from .fine_tune_reinforcement_method import FineTuneReinforcementMethod
    from .fine_tune_supervised_hyperparameters import FineTuneSupervisedHyperparameters
    from .fine_tune_supervised_method import FineTuneSupervisedMethod
    from .fine_tuning_checkpoint_permission import FineTuningCheckpointPermission
    from .fine_tuning_integration import FineTuningIntegration
    from .fine_tuning_integration_wandb import FineTuningIntegrationWandb
    from .fine_tuning_job import FineTuningJob
    from .fine_tuning_job_checkpoint import FineTuningJobCheckpoint
    from .fine_tuning_job_checkpoint_metrics import FineTuningJobCheckpointMetrics
    from .fine_tuning_job_error import FineTuningJobError
    from .fine_tuning_job_event import FineTuningJobEvent
    from .fine_tuning_job_event_data import FineTuningJobEventData
    from .fine_tuning_job_event_level import FineTuningJobEventLevel
    from .fine_tuning_job_event_type import FineTuningJobEventType
    from .fine_tuning_job_hyperparameters import FineTuningJobHyperparameters
    from .fine_tuning_job_status import FineTuningJobStatus
    from .grader_label_model import GraderLabelModel
    from .grader_multi import GraderMulti
    from .grader_python import GraderPython
    from .grader_score_model import GraderScoreModel
    from .grader_score_model_sampling_params import GraderScoreModelSamplingParams
    from .grader_string_check import GraderStringCheck
    from .grader_text_similarity import GraderTextSimilarity
    from .input_audio import InputAudio
    from .input_audio_data import InputAudioData
    from .input_audio_format import InputAudioFormat
    from .input_text_content import InputTextContent
    from .list_files_response import ListFilesResponse
    from .list_fine_tuning_checkpoint_permission_response import ListFineTuningCheckpointPermissionResponse
    from .list_fine_tuning_job_checkpoints_response import ListFineTuningJobCheckpointsResponse
    from .list_fine_tuning_job_events_response import ListFineTuningJobEventsResponse
    from .list_models_response import ListModelsResponse
    from .list_paginated_fine_tuning_jobs_response import ListPaginatedFineTuningJobsResponse
    from .model import Model
    from .open_ai_file import OpenAIFile
    from .open_ai_file_purpose import OpenAIFilePurpose
    from .prompt_cache_breakpoint_config import PromptCacheBreakpointConfig
    from .reasoning_effort import ReasoningEffort
    from .run_grader_errors import RunGraderErrors
    from .run_grader_metadata import RunGraderMetadata
    from .run_grader_request import RunGraderRequest
    from .run_grader_response import RunGraderResponse
    from .string_check_operation import StringCheckOperation
    from .text_similarity_metric import TextSimilarityMetric
    from .upload import Upload
    from .upload_part import UploadPart
    from .upload_purpose import UploadPurpose
    from .upload_status import UploadStatus
    from .validate_grader_request import ValidateGraderRequest
    from .validate_grader_response import ValidateGraderResponse

_MODULES = {
    "AddUploadPartRequest": ".add_upload_part_request",
    "CheckpointPermissionOrder": ".checkpoint_permission_order",
    "CompleteUploadRequest": ".complete_upload_request",
    "CreateFileRequest": ".create_file_request",
    "CreateFineTuningCheckpointPermissionRequest": ".create_fine_tuning_checkpoint_permission_request",
    "CreateFineTuningJobHyperparameters": ".create_fine_tuning_job_hyperparameters",
    "CreateFineTuningJobRequest": ".create_fine_tuning_job_request",
    "CreateUploadRequest": ".create_upload_request",
    "DeleteFileResponse": ".delete_file_response",
    "DeleteFineTuningCheckpointPermissionResponse": ".delete_fine_tuning_checkpoint_permission_response",
    "DeleteModelResponse": ".delete_model_response",
    "Error": ".error",
    "ErrorResponse": ".error_response",
    "EvalItem": ".eval_item",
    "EvalItemContentOutputText": ".eval_item_content_output_text",
    "EvalItemInputImage": ".eval_item_input_image",
    "EvalItemRole": ".eval_item_role",
    "FileExpirationAfter": ".file_expiration_after",
    "FileOrder": ".file_order",
    "FilePurpose": ".file_purpose",
    "FileStatus": ".file_status",
    "FineTuneDPOHyperparameters": ".fine_tune_dpo_hyperparameters",
    "FineTuneDPOMethod": ".fine_tune_dpo_method",
    "FineTuneMethod": ".fine_tune_method",
    "FineTuneMethodType": ".fine_tune_method_type",
    "FineTuneReasoningEffort": ".fine_tune_reasoning_effort",
    "FineTuneReinforcementHyperparameters": ".fine_tune_reinforcement_hyperparameters",
    "FineTuneReinforcementMethod": ".fine_tune_reinforcement_method",
    "FineTuneSupervisedHyperparameters": ".fine_tune_supervised_hyperparameters",
    "FineTuneSupervisedMethod": ".fine_tune_supervised_method",
    "FineTuningCheckpointPermission": ".fine_tuning_checkpoint_permission",
    "FineTuningIntegration": ".fine_tuning_integration",
    "FineTuningIntegrationWandb": ".fine_tuning_integration_wandb",
    "FineTuningJob": ".fine_tuning_job",
    "FineTuningJobCheckpoint": ".fine_tuning_job_checkpoint",
    "FineTuningJobCheckpointMetrics": ".fine_tuning_job_checkpoint_metrics",
    "FineTuningJobError": ".fine_tuning_job_error",
    "FineTuningJobEvent": ".fine_tuning_job_event",
    "FineTuningJobEventData": ".fine_tuning_job_event_data",
    "FineTuningJobEventLevel": ".fine_tuning_job_event_level",
    "FineTuningJobEventType": ".fine_tuning_job_event_type",
    "FineTuningJobHyperparameters": ".fine_tuning_job_hyperparameters",
    "FineTuningJobStatus": ".fine_tuning_job_status",
    "GraderLabelModel": ".grader_label_model",
    "GraderMulti": ".grader_multi",
    "GraderPython": ".grader_python",
    "GraderScoreModel": ".grader_score_model",
    "GraderScoreModelSamplingParams": ".grader_score_model_sampling_params",
    "GraderStringCheck": ".grader_string_check",
    "GraderTextSimilarity": ".grader_text_similarity",
    "InputAudio": ".input_audio",
    "InputAudioData": ".input_audio_data",
    "InputAudioFormat": ".input_audio_format",
    "InputTextContent": ".input_text_content",
    "ListFilesResponse": ".list_files_response",
    "ListFineTuningCheckpointPermissionResponse": ".list_fine_tuning_checkpoint_permission_response",
    "ListFineTuningJobCheckpointsResponse": ".list_fine_tuning_job_checkpoints_response",
    "ListFineTuningJobEventsResponse": ".list_fine_tuning_job_events_response",
    "ListModelsResponse": ".list_models_response",
    "ListPaginatedFineTuningJobsResponse": ".list_paginated_fine_tuning_jobs_response",
    "Model": ".model",
    "OpenAIFile": ".open_ai_file",
    "OpenAIFilePurpose": ".open_ai_file_purpose",
    "PromptCacheBreakpointConfig": ".prompt_cache_breakpoint_config",
    "ReasoningEffort": ".reasoning_effort",
    "RunGraderErrors": ".run_grader_errors",
    "RunGraderMetadata": ".run_grader_metadata",
    "RunGraderRequest": ".run_grader_request",
    "RunGraderResponse": ".run_grader_response",
    "StringCheckOperation": ".string_check_operation",
    "TextSimilarityMetric": ".text_similarity_metric",
    "Upload": ".upload",
    "UploadPart": ".upload_part",
    "UploadPurpose": ".upload_purpose",
    "UploadStatus": ".upload_status",
    "ValidateGraderRequest": ".validate_grader_request",
    "ValidateGraderResponse": ".validate_grader_response",
}

__all__ = (
    "AddUploadPartRequest",
    "CheckpointPermissionOrder",
    "CompleteUploadRequest",
    "CreateFileRequest",
    "CreateFineTuningCheckpointPermissionRequest",
    "CreateFineTuningJobHyperparameters",
    "CreateFineTuningJobRequest",
    "CreateUploadRequest",
    "DeleteFileResponse",
    "DeleteFineTuningCheckpointPermissionResponse",
    "DeleteModelResponse",
    "Error",
    "ErrorResponse",
    "EvalItem",
    "EvalItemContentOutputText",
    "EvalItemInputImage",
    "EvalItemRole",
    "FileExpirationAfter",
    "FileOrder",
    "FilePurpose",
    "FileStatus",
    "FineTuneDPOHyperparameters",
    "FineTuneDPOMethod",
    "FineTuneMethod",
    "FineTuneMethodType",
    "FineTuneReasoningEffort",
    "FineTuneReinforcementHyperparameters",
    "FineTuneReinforcementMethod",
    "FineTuneSupervisedHyperparameters",
    "FineTuneSupervisedMethod",
    "FineTuningCheckpointPermission",
    "FineTuningIntegration",
    "FineTuningIntegrationWandb",
    "FineTuningJob",
    "FineTuningJobCheckpoint",
    "FineTuningJobCheckpointMetrics",
    "FineTuningJobError",
    "FineTuningJobEvent",
    "FineTuningJobEventData",
    "FineTuningJobEventLevel",
    "FineTuningJobEventType",
    "FineTuningJobHyperparameters",
    "FineTuningJobStatus",
    "GraderLabelModel",
    "GraderMulti",
    "GraderPython",
    "GraderScoreModel",
    "GraderScoreModelSamplingParams",
    "GraderStringCheck",
    "GraderTextSimilarity",
    "InputAudio",
    "InputAudioData",
    "InputAudioFormat",
    "InputTextContent",
    "ListFilesResponse",
    "ListFineTuningCheckpointPermissionResponse",
    "ListFineTuningJobCheckpointsResponse",
    "ListFineTuningJobEventsResponse",
    "ListModelsResponse",
    "ListPaginatedFineTuningJobsResponse",
    "Model",
    "OpenAIFile",
    "OpenAIFilePurpose",
    "PromptCacheBreakpointConfig",
    "ReasoningEffort",
    "RunGraderErrors",
    "RunGraderMetadata",
    "RunGraderRequest",
    "RunGraderResponse",
    "StringCheckOperation",
    "TextSimilarityMetric",
    "Upload",
    "UploadPart",
    "UploadPurpose",
    "UploadStatus",
    "ValidateGraderRequest",
    "ValidateGraderResponse",
)


# Lazy (PEP 562): a program that uses one model does not pay for all the others.
def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_MODULES[name], __name__), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
