# Generated from the table in __init__.py by `make generate`; do not edit.

from ._async.client import AsyncFineTuning as AsyncFineTuning
from ._async.job_handle import AsyncJob as AsyncJob
from ._async.pager import AsyncPager as AsyncPager
from ._sync.client import FineTuning as FineTuning
from ._sync.job_handle import Job as Job
from ._sync.pager import Pager as Pager
from .data.checks import check_dataset as check_dataset
from .data.report import DatasetReport as DatasetReport
from .errors import ApiError as ApiError
from .errors import ArchiveError as ArchiveError
from .errors import AuthenticationFailed as AuthenticationFailed
from .errors import BadRequest as BadRequest
from .errors import ConfigurationError as ConfigurationError
from .errors import Conflict as Conflict
from .errors import ConnectionFailed as ConnectionFailed
from .errors import DatasetError as DatasetError
from .errors import FineTuningError as FineTuningError
from .errors import InvalidRequestError as InvalidRequestError
from .errors import InvalidResponse as InvalidResponse
from .errors import InvalidWebhook as InvalidWebhook
from .errors import JobCancelled as JobCancelled
from .errors import JobFailed as JobFailed
from .errors import NotFound as NotFound
from .errors import PermissionDenied as PermissionDenied
from .errors import Problem as Problem
from .errors import RateLimited as RateLimited
from .errors import RequestTimedOut as RequestTimedOut
from .errors import ServerError as ServerError
from .errors import TrainingUnavailable as TrainingUnavailable
from .errors import UnprocessableEntity as UnprocessableEntity
from .errors import WaitTimeout as WaitTimeout
from .event_cursor import EventCursor as EventCursor
from .identifiers import CheckpointId as CheckpointId
from .identifiers import FileId as FileId
from .identifiers import JobId as JobId
from .identifiers import ModelId as ModelId
from .identifiers import OrganizationId as OrganizationId
from .methods import DPO as DPO
from .methods import Reinforcement as Reinforcement
from .methods import Supervised as Supervised
from .methods import UnknownMethod as UnknownMethod
from .plans.list_pages import Page as Page
from .results.charts import loss_curve as loss_curve
from .results.metrics import MetricRow as MetricRow
from .retry import RetryPolicy as RetryPolicy
from .statuses import EventLevel as EventLevel
from .statuses import FileStatus as FileStatus
from .statuses import JobStatus as JobStatus
from .statuses import UploadStatus as UploadStatus
from .version import __version__ as __version__
from .views import Checkpoint as Checkpoint
from .views import Deleted as Deleted
from .views import Event as Event
from .views import File as File
from .views import Hyperparameters as Hyperparameters
from .views import Integration as Integration
from .views import JobError as JobError
from .views import Model as Model
from .views import Permission as Permission
from .views import StepMetrics as StepMetrics
from .views import Upload as Upload
from .views import UploadPart as UploadPart

__all__ = [
    "DPO",
    "ApiError",
    "ArchiveError",
    "AsyncFineTuning",
    "AsyncJob",
    "AsyncPager",
    "AuthenticationFailed",
    "BadRequest",
    "Checkpoint",
    "CheckpointId",
    "ConfigurationError",
    "Conflict",
    "ConnectionFailed",
    "DatasetError",
    "DatasetReport",
    "Deleted",
    "Event",
    "EventCursor",
    "EventLevel",
    "File",
    "FileId",
    "FileStatus",
    "FineTuning",
    "FineTuningError",
    "Hyperparameters",
    "Integration",
    "InvalidRequestError",
    "InvalidResponse",
    "InvalidWebhook",
    "Job",
    "JobCancelled",
    "JobError",
    "JobFailed",
    "JobId",
    "JobStatus",
    "MetricRow",
    "Model",
    "ModelId",
    "NotFound",
    "OrganizationId",
    "Page",
    "Pager",
    "Permission",
    "PermissionDenied",
    "Problem",
    "RateLimited",
    "Reinforcement",
    "RequestTimedOut",
    "RetryPolicy",
    "ServerError",
    "StepMetrics",
    "Supervised",
    "TrainingUnavailable",
    "UnknownMethod",
    "UnprocessableEntity",
    "Upload",
    "UploadPart",
    "UploadStatus",
    "WaitTimeout",
    "__version__",
    "check_dataset",
    "loss_curve",
]
