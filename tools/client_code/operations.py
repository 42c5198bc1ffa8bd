"""Operations of the contract, as generated methods need them: arguments, response, place on the client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tools.generation.named_values import broken_rule
from tools.generation.parameters import schema_place
from tools.generation.schemas import Schemas
from tools.openapi import Document, Place

from .arguments import Argument, Body, component, read_arguments
from .extension import Extension, Refusal, near, read_extension
from .names import Model, module_name

__all__ = ["Operation", "read_operation", "related"]

_HTTP_METHODS = {
    "fetch": ("get", "post"),
    "page": ("get", "post"),
    "action": ("post", "put", "patch"),
    "delete": ("delete",),
}


@dataclass(frozen=True)
class Operation:
    """An operation of the contract.

    Attributes:
        id: its operationId.
        place: where it is in the contract.
        client: where the client has it.
        http_method: `get`, `post`, ...
        path: its path.
        tag: its tag.
        summary, description: its texts.
        is_for_admin: whether the admin key signs it.
        arguments: all arguments but those of paging.
        paging: the arguments `after` and `limit` of a list, if it has them.
        body: its request body.
        response: the object of its success; None if the success has no content.
        item: the items of a list.
        object_id: the argument whose value must be the id of the object in the response.
        look: the operation that reads the object of an action.
    """

    id: str
    place: Place
    client: Extension
    http_method: str
    path: str
    tag: str
    summary: str
    description: str
    is_for_admin: bool
    arguments: Sequence[Argument] = ()
    paging: Mapping[str, Argument] | None = None
    body: Body | None = None
    response: Model | None = None
    item: Model | None = None
    object_id: Argument | None = None
    look: Operation | None = None

    @property
    def function(self) -> str:
        """Name of its function in `plans/operations`, and of its module in the generated library."""
        return module_name(self.id)

    @property
    def module(self) -> str:
        """Full name of the package of its module."""
        return f"finetuning_api.api.{module_name(self.tag)}"

    @property
    def path_arguments(self) -> list[Argument]:
        """The arguments of its path, in their order."""
        return [argument for argument in self.arguments if argument.source == "path"]

    @property
    def other_arguments(self) -> list[Argument]:
        """The arguments that are passed by keyword."""
        return [argument for argument in self.arguments if argument.source != "path"]


def read_operation(contract: Document, place: Place, data: dict[str, Any]) -> Operation:
    """Read an operation. Raises `Refusal`."""
    client = read_extension(place, data)
    if not data.get("operationId"):
        raise Refusal(place, "no `operationId`, by which the client's method finds its function: add it")
    schemes = [name for requirement in data.get("security") or () for name in requirement]
    _check_schemes(contract, schemes)
    operation = Operation(
        id=data["operationId"],
        place=place,
        client=client,
        http_method=str(place[2]),
        path=str(place[1]),
        tag=(data.get("tags") or ["default"])[0],
        summary=data.get("summary") or f"Call `{data['operationId']}`",
        description=data.get("description") or "",
        is_for_admin=any(name.startswith("Admin") for name in schemes),
    )
    if client.plan == "custom":
        return operation
    arguments, body = read_arguments(contract, place, data, client)
    response, schema = _response(contract, place, data, client)
    paging = None
    if client.plan == "page":
        paging = {argument.name: argument for argument in arguments if argument.is_paging}
        arguments = [argument for argument in arguments if not argument.is_paging]
    operation = replace(
        operation,
        arguments=arguments,
        paging=paging,
        body=body,
        response=response,
        item=_item(contract, operation, schema) if client.plan == "page" else None,
    )
    _check_plan(contract, operation, schema)
    return operation


def _check_schemes(contract: Document, schemes: Sequence[str]) -> None:
    """Raise for a key that is not sent in the one way that the client supports."""
    for name in schemes:
        place = ("components", "securitySchemes", name)
        _, scheme = contract.resolve(place)
        if scheme["type"] == "apiKey" or scheme.get("scheme", "bearer").lower() != "bearer":
            raise Refusal(
                place,
                "the client sends its keys as bearer tokens: write `type: http` and `scheme: bearer`, or "
                "change finetuning_client/transport/credentials.py and this check",
            )


def related(contract: Document, operation: Operation, operations: Sequence[Operation]) -> Operation:
    """Complete an operation with facts about its object from the others. Raises `Refusal`."""
    ids = operation.path_arguments
    plan, path = operation.client.plan, operation.path
    if plan == "delete" and path.endswith("}"):
        return replace(operation, object_id=ids[-1])
    is_identified = operation.response is not None and _has_id(contract, operation.response)
    if plan == "fetch" and is_identified and path.endswith("_id}"):
        return replace(operation, object_id=ids[-1])
    if plan == "action":
        object_path = path if path.endswith("}") else path.rpartition("/")[0]
        look = _reader(operation, object_path, operations)
        if operation.client.reaches and look is None:
            problem = (
                f"`reaches` needs an operation with `plan: fetch` at {object_path}, to look at the object"
            )
            raise Refusal((*operation.client.place, "reaches"), problem)
        is_known = look is not None or _is_created(contract, operation, object_path)
        if is_identified and is_known and object_path.endswith("_id}"):
            operation = replace(operation, object_id=ids[-1])
        return replace(operation, look=look if operation.client.reaches else None)
    return operation


def _reader(action: Operation, path: str, operations: Sequence[Operation]) -> Operation | None:
    for other in operations:
        if (other.path, other.client.plan, other.response) == (path, "fetch", action.response):
            # The plan calls its function with the ids only.
            return None if any(argument.is_required for argument in other.other_arguments) else other
    return None


def _is_created(contract: Document, action: Operation, path: str) -> bool:
    """Return whether objects of an action's kind are created in the collection that the path belongs to."""
    for place, data in contract.operations():
        if place[1:] == (path.rpartition("/")[0], "post"):
            return action.response in [model for _, _, model in _successes(contract, place, data)]
    return False


def _successes(
    contract: Document, place: Place, data: dict[str, Any]
) -> Iterator[tuple[Place, dict[str, Any], Model | None]]:
    """Yield every documented success with its place, its content and the class of its JSON, if it has one."""
    responses = contract.mapping(data, "responses")
    for status in responses:
        if str(status).startswith("2"):
            content = contract.mapping(responses, status, follow=True).get("content") or {}
            name = component(contract, (content.get("application/json") or {}).get("schema"))
            yield (*place, "responses", status), content, Model(name) if name else None


def _response(
    contract: Document, place: Place, data: dict[str, Any], client: Extension
) -> tuple[Model | None, dict[str, Any]]:
    """Return the one kind of object that an operation returns, and its schema; none if it has no content."""
    found = list(_successes(contract, place, data))
    if not found:
        raise Refusal(place, f"`plan: {client.plan}` needs a documented 2XX response")
    for at, content, model in found:
        if content and (model is None or list(content) != ["application/json"]):
            raise Refusal(
                at, f"`plan: {client.plan}` needs a response that is a JSON object, or has no content"
            )
    models = {model for _, _, model in found}
    if len(models) > 1:
        raise Refusal((*place, "responses"), "the responses are of several kinds: use `plan: custom`")
    (model,) = models
    if model is None:
        return None, {}
    schema = contract.keywords({"$ref": f"#/components/schemas/{model.component}"})
    if not (schema.get("properties") or schema.get("allOf")):
        raise Refusal(
            found[0][0], f"{model.component}: `plan: {client.plan}` needs a response that is an object"
        )
    return model, schema


def _item(contract: Document, operation: Operation, schema: dict[str, Any]) -> Model:
    data = contract.keywords(_property(contract, schema, "data"))
    name = component(contract, data.get("items"))
    if data.get("type") != "array" or name is None:
        problem = "`plan: page` needs a response with an array `data` whose items are a component"
        raise Refusal((*operation.client.place, "plan"), problem)
    return Model(name)


def _check_plan(contract: Document, operation: Operation, schema: dict[str, Any]) -> None:
    client, place = operation.client, operation.client.place
    if operation.response is None and client.returns is not None:
        raise Refusal((*place, "returns"), "`returns` is given, but the response has no content")
    if client.handle and not operation.path_arguments:
        raise Refusal((*place, "handle"), "`handle` is given, but the path has no id for it")
    if operation.http_method not in _HTTP_METHODS[client.plan]:
        methods = " or ".join(name.upper() for name in _HTTP_METHODS[client.plan])
        raise Refusal((*place, "plan"), f"`plan: {client.plan}` is only for {methods}")
    if client.plan == "action" and not operation.path_arguments:
        raise Refusal(
            (*place, "plan"), "`plan: action` needs an id in the path: use `plan: custom` for a creation"
        )
    _check_page_size(contract, operation)
    _check_reaches(contract, operation, schema)


def _check_page_size(contract: Document, operation: Operation) -> None:
    page_size, paging = operation.client.page_size, operation.paging or {}
    place = (*operation.client.place, "page_size")
    if page_size is None:
        return
    if len(paging) < 2:
        raise Refusal(
            place, "`page_size` is given, but the operation does not take `after` and `limit`: leave it out"
        )
    most = paging["limit"].maximum
    if most is not None and page_size > most:
        raise Refusal(place, f"`page_size` is more than `limit` allows: write at most {most}")
    for at, parameter in contract.parameters(operation.place):
        where = schema_place(contract, at)
        if (parameter["in"], parameter["name"]) == ("query", "limit") and where is not None:
            rule = broken_rule(Schemas(contract), (where,), page_size)
            if rule:
                raise Refusal(
                    place, f"`limit` does not allow page_size {page_size}, which {rule}: change one"
                )


def _check_reaches(contract: Document, operation: Operation, schema: dict[str, Any]) -> None:
    status = contract.keywords(_property(contract, schema, "status"))
    known = status.get("enum") or ()
    for reached in operation.client.reaches:
        if reached not in known:
            problem = f"reaches: {reached!r} is not a status of the response: {near(reached, known)}"
            raise Refusal((*operation.client.place, "reaches"), problem)


def _property(contract: Document, schema: dict[str, Any], name: str) -> Any:
    """Find the schema of a property, those of the parts of `allOf` included."""
    for part in (schema, *map(contract.resolved, schema.get("allOf") or ())):
        if name in (part.get("properties") or {}):
            return part["properties"][name]
    return None


def _has_id(contract: Document, model: Model) -> bool:
    schema = contract.keywords({"$ref": f"#/components/schemas/{model.component}"})
    return _property(contract, schema, "id") is not None
