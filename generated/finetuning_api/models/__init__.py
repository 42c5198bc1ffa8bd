"""All models, each loaded when it is first used.

Models refer to each other through this package, so that two of them may refer to each other.
"""

# Under a name that no model module can have.
from importlib import import_module as _import_module

# Type checkers know this name; importing it from typing would take time.
TYPE_CHECKING = False

_MODULES = {
    "AddUploadPartRequest": ".add_upload_part_request",
    "CheckpointPermissionOrder": ".checkpoint_permission_order",
    "CompleteUploadRequest": ".complete_upload_request",
    "CreateFileRequest": ".create_file_request",
    "CreateFineTuningCheckpointPermissionRequest": ".create_fine_tuning_checkpoint_permission_request",
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

if TYPE_CHECKING:
    from .add_upload_part_request import AddUploadPartRequest as AddUploadPartRequest
    from .checkpoint_permission_order import CheckpointPermissionOrder as CheckpointPermissionOrder
    from .complete_upload_request import CompleteUploadRequest as CompleteUploadRequest
    from .create_file_request import CreateFileRequest as CreateFileRequest
    from .create_fine_tuning_checkpoint_permission_request import (
        CreateFineTuningCheckpointPermissionRequest as CreateFineTuningCheckpointPermissionRequest,
    )
    from .create_fine_tuning_job_request import CreateFineTuningJobRequest as CreateFineTuningJobRequest
    from .create_upload_request import CreateUploadRequest as CreateUploadRequest
    from .delete_file_response import DeleteFileResponse as DeleteFileResponse
    from .delete_fine_tuning_checkpoint_permission_response import (
        DeleteFineTuningCheckpointPermissionResponse as DeleteFineTuningCheckpointPermissionResponse,
    )
    from .delete_model_response import DeleteModelResponse as DeleteModelResponse
    from .error import Error as Error
    from .error_response import ErrorResponse as ErrorResponse
    from .eval_item import EvalItem as EvalItem
    from .eval_item_content_output_text import EvalItemContentOutputText as EvalItemContentOutputText
    from .eval_item_input_image import EvalItemInputImage as EvalItemInputImage
    from .eval_item_role import EvalItemRole as EvalItemRole
    from .file_expiration_after import FileExpirationAfter as FileExpirationAfter
    from .file_order import FileOrder as FileOrder
    from .file_purpose import FilePurpose as FilePurpose
    from .file_status import FileStatus as FileStatus
    from .fine_tune_dpo_hyperparameters import FineTuneDPOHyperparameters as FineTuneDPOHyperparameters
    from .fine_tune_dpo_method import FineTuneDPOMethod as FineTuneDPOMethod
    from .fine_tune_method import FineTuneMethod as FineTuneMethod
    from .fine_tune_method_type import FineTuneMethodType as FineTuneMethodType
    from .fine_tune_reasoning_effort import FineTuneReasoningEffort as FineTuneReasoningEffort
    from .fine_tune_reinforcement_hyperparameters import (
        FineTuneReinforcementHyperparameters as FineTuneReinforcementHyperparameters,
    )
    from .fine_tune_reinforcement_method import FineTuneReinforcementMethod as FineTuneReinforcementMethod
    from .fine_tune_supervised_hyperparameters import (
        FineTuneSupervisedHyperparameters as FineTuneSupervisedHyperparameters,
    )
    from .fine_tune_supervised_method import FineTuneSupervisedMethod as FineTuneSupervisedMethod
    from .fine_tuning_checkpoint_permission import FineTuningCheckpointPermission as FineTuningCheckpointPermission
    from .fine_tuning_integration import FineTuningIntegration as FineTuningIntegration
    from .fine_tuning_integration_wandb import FineTuningIntegrationWandb as FineTuningIntegrationWandb
    from .fine_tuning_job import FineTuningJob as FineTuningJob
    from .fine_tuning_job_checkpoint import FineTuningJobCheckpoint as FineTuningJobCheckpoint
    from .fine_tuning_job_checkpoint_metrics import FineTuningJobCheckpointMetrics as FineTuningJobCheckpointMetrics
    from .fine_tuning_job_error import FineTuningJobError as FineTuningJobError
    from .fine_tuning_job_event import FineTuningJobEvent as FineTuningJobEvent
    from .fine_tuning_job_event_data import FineTuningJobEventData as FineTuningJobEventData
    from .fine_tuning_job_event_level import FineTuningJobEventLevel as FineTuningJobEventLevel
    from .fine_tuning_job_event_type import FineTuningJobEventType as FineTuningJobEventType
    from .fine_tuning_job_hyperparameters import FineTuningJobHyperparameters as FineTuningJobHyperparameters
    from .fine_tuning_job_status import FineTuningJobStatus as FineTuningJobStatus
    from .grader_label_model import GraderLabelModel as GraderLabelModel
    from .grader_multi import GraderMulti as GraderMulti
    from .grader_python import GraderPython as GraderPython
    from .grader_score_model import GraderScoreModel as GraderScoreModel
    from .grader_score_model_sampling_params import GraderScoreModelSamplingParams as GraderScoreModelSamplingParams
    from .grader_string_check import GraderStringCheck as GraderStringCheck
    from .grader_text_similarity import GraderTextSimilarity as GraderTextSimilarity
    from .input_audio import InputAudio as InputAudio
    from .input_audio_data import InputAudioData as InputAudioData
    from .input_audio_format import InputAudioFormat as InputAudioFormat
    from .input_text_content import InputTextContent as InputTextContent
    from .list_files_response import ListFilesResponse as ListFilesResponse
    from .list_fine_tuning_checkpoint_permission_response import (
        ListFineTuningCheckpointPermissionResponse as ListFineTuningCheckpointPermissionResponse,
    )
    from .list_fine_tuning_job_checkpoints_response import (
        ListFineTuningJobCheckpointsResponse as ListFineTuningJobCheckpointsResponse,
    )
    from .list_fine_tuning_job_events_response import ListFineTuningJobEventsResponse as ListFineTuningJobEventsResponse
    from .list_models_response import ListModelsResponse as ListModelsResponse
    from .list_paginated_fine_tuning_jobs_response import (
        ListPaginatedFineTuningJobsResponse as ListPaginatedFineTuningJobsResponse,
    )
    from .model import Model as Model
    from .open_ai_file import OpenAIFile as OpenAIFile
    from .open_ai_file_purpose import OpenAIFilePurpose as OpenAIFilePurpose
    from .prompt_cache_breakpoint_config import PromptCacheBreakpointConfig as PromptCacheBreakpointConfig
    from .reasoning_effort import ReasoningEffort as ReasoningEffort
    from .run_grader_errors import RunGraderErrors as RunGraderErrors
    from .run_grader_metadata import RunGraderMetadata as RunGraderMetadata
    from .run_grader_request import RunGraderRequest as RunGraderRequest
    from .run_grader_response import RunGraderResponse as RunGraderResponse
    from .string_check_operation import StringCheckOperation as StringCheckOperation
    from .text_similarity_metric import TextSimilarityMetric as TextSimilarityMetric
    from .upload import Upload as Upload
    from .upload_part import UploadPart as UploadPart
    from .upload_purpose import UploadPurpose as UploadPurpose
    from .upload_status import UploadStatus as UploadStatus
    from .validate_grader_request import ValidateGraderRequest as ValidateGraderRequest
    from .validate_grader_response import ValidateGraderResponse as ValidateGraderResponse
else:
    __all__ = tuple(_MODULES)

    # Lazy (PEP 562): a program that uses one model does not load all the others. Hidden from type checkers, which
    # would accept any name.
    def __getattr__(name):
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(_import_module(_MODULES[name], __name__), name)
        return value


def __dir__() -> list[str]:
    return list(_MODULES)
