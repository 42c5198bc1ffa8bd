"""A client for the fine-tuning API: typed, synchronous and asynchronous, creating each job exactly once.

    from finetuning_client import FineTuning

    client = FineTuning()
    job = client.jobs.create(model="gpt-4o-mini-2024-07-18", training_file=Path("train.jsonl"))
    for event in job.follow():
        print(event.message)

Each name is loaded when it is first used.
"""

from .lazy_package import lazy_names

__all__, __getattr__, __dir__ = lazy_names(
    __name__,
    {
        "_async.client": "AsyncFineTuning",
        "_async.job_handle": "AsyncJob",
        "_async.pager": "AsyncPager",
        "_sync.client": "FineTuning",
        "_sync.job_handle": "Job",
        "_sync.pager": "Pager",
        "data.checks": "check_dataset",
        "data.report": "DatasetReport",
        "errors": """
            ApiError ArchiveError AuthenticationFailed BadRequest ConfigurationError Conflict ConnectionFailed
            DatasetError FineTuningError InvalidRequestError InvalidResponse InvalidWebhook JobCancelled
            JobFailed NotFound PermissionDenied Problem RateLimited RequestTimedOut ServerError
            TrainingUnavailable UnprocessableEntity WaitTimeout
        """,
        "event_cursor": "EventCursor",
        "identifiers": "CheckpointId FileId JobId ModelId OrganizationId",
        "methods": "DPO Reinforcement Supervised UnknownMethod",
        "plans.list_pages": "Page",
        "results.charts": "loss_curve",
        "results.metrics": "MetricRow",
        "retry": "RetryPolicy",
        "statuses": "EventLevel FileStatus JobStatus UploadStatus",
        "version": "__version__",
        "views": """
            Checkpoint Deleted Event File Hyperparameters Integration JobError Model Permission StepMetrics
            Upload UploadPart
        """,
    },
)
