from ..types import OpenStrEnum


class FilePurpose(OpenStrEnum):
    """Purpose of an uploaded file. `fine-tune` is for the data of jobs, `vision` for images in such data, `evals` for
    evaluations, `batch` and `assistants` for the APIs of those names, `user_data` for anything.
    """

    ASSISTANTS = "assistants"
    BATCH = "batch"
    FINE_TUNE = "fine-tune"
    VISION = "vision"
    USER_DATA = "user_data"
    EVALS = "evals"
