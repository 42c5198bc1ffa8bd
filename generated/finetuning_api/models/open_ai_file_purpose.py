from ..types import OpenStrEnum


class OpenAIFilePurpose(OpenStrEnum):
    """Purpose of a stored file: the purposes of uploaded files, and those of files that the service makes, such as
    `fine-tune-results` for the metrics of jobs.
    """

    ASSISTANTS = "assistants"
    ASSISTANTS_OUTPUT = "assistants_output"
    BATCH = "batch"
    BATCH_OUTPUT = "batch_output"
    EVALS = "evals"
    FINE_TUNE = "fine-tune"
    FINE_TUNE_RESULTS = "fine-tune-results"
    USER_DATA = "user_data"
    VISION = "vision"
