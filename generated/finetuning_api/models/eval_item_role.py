from ..types import OpenStrEnum


class EvalItemRole(OpenStrEnum):
    """Author of the message. `developer` and `system` take precedence over `user`; `assistant` is what a model said
    earlier.
    """

    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"
    DEVELOPER = "developer"
