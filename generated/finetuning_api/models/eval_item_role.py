from ..types import OpenStrEnum


class EvalItemRole(OpenStrEnum):
    """Whose message it is. `developer` and `system` go before `user`; `assistant` is what a model said earlier."""

    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"
    DEVELOPER = "developer"
