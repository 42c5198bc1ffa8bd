"""The generated module `plans/operations`: for each operation a function that makes its plan."""

from __future__ import annotations

from collections.abc import Iterator

from .arguments import Argument
from .client import Client
from .operations import Operation
from .source import docstring, exported, header, imports, indented, signature

__all__ = ["checks_page", "plans_module"]

_SENT = '''
def _sent(value: Any) -> Any:
    """Return an argument as a request builder takes it: UNSET if it is left out."""
    return UNSET if value is None else value
'''
_AS_LIST = '''
def _as_list(value: Any) -> Any:
    """Return a value as it is sent: sequences as lists, models as objects."""
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_as_list(item) for item in value]
    to_dict = getattr(value, "to_dict", None)
    return to_dict() if callable(to_dict) else value
'''


def plans_module(client: Client) -> str:
    """Write the module."""
    operations = list(client.operations)
    functions = "\n".join(map(_function, operations))
    types = imports(operation.item.imported(()) for operation in operations if operation.item)
    return "\n".join(
        [
            header("Plans of the plain operations, one function for each"),
            "from __future__ import annotations",
            "from collections.abc import Mapping, Sequence",
            "from functools import partial",
            "from typing import TYPE_CHECKING, Any, TypeVar",
            "from finetuning_api.types import UNSET",
            "from ..operation_settings import Settings",
            "from ..limits_setting import Limits",
            "from ..validation import as_json, require, require_argument",
            "from .list_pages import Listing",
            "from .effects import Plan, Request",
            "from .attempts import fetch",
            "from .exactly_once import act, remove",
            "from .responses import JsonObject",
            "if TYPE_CHECKING:",
            "    from collections.abc import Callable",
            "    from finetuning_api.types import ApiObject",
            *(f"    {line}" for line in types),
            exported(operation.function for operation in operations),
            'T = TypeVar("T")',
            functions,
            _SENT if "_sent(" in functions else "",
            _AS_LIST if "_as_list(" in functions else "",
        ]
    )


def _function(operation: Operation) -> str:
    is_page = operation.client.plan == "page"
    item = operation.item.local_name(()) if operation.item else ""
    result = "JsonObject" if operation.response else "None"
    parts = [f"read: Callable[[{item}], T]"] if is_page else []
    parts += [argument.declaration for argument in operation.path_arguments]
    parts += [] if is_page else ["settings: Settings"]
    keywords = [*(_paging(operation) if is_page else ()), *operation.other_arguments]
    keywords += ['limits: Limits = "contract"'] if checks_page(operation) else []
    if keywords:
        parts += ["*", *(_declared(keyword) for keyword in sorted(keywords, key=_is_optional))]
    summary = operation.summary.rstrip(".")
    lines = [
        signature(operation.function, parts, "Listing[T]" if is_page else f"Plan[{result}]"),
        docstring(f"{summary} (`{operation.id}` in the contract).", margin=4),
        f"    from {operation.module} import {operation.function} as operation",
    ]
    models = [operation.response if is_page else None, operation.body.model if operation.body else None]
    lines += indented("\n".join(imports(model.imported(()) for model in models if model)), 4).splitlines()
    lines += [f"    {line}" for line in _checks(operation)]
    lines += [f"    {line}" for line in (_listing if is_page else _plan)(operation)]
    return "\n".join(lines)


def checks_page(operation: Operation) -> bool:
    """Return whether the arguments of a list are checked; if so, its function takes `limits`."""
    most = (operation.paging or {}).get("limit")
    is_capped = most is not None and most.maximum is not None
    return operation.client.plan == "page" and (is_capped or any(_checks(operation)))


def _paging(operation: Operation) -> list[str]:
    """Declare the arguments of a list: only the number of items if the contract has no cursor."""
    paging = operation.paging or {}
    has_size = "after" in paging and "limit" in paging
    return [
        "limit: int | None = None",
        *(["page_size: int | None = None"] if has_size else []),
        *(["after: str | None = None"] if "after" in paging else []),
    ]


def _declared(keyword: Argument | str) -> str:
    return keyword if isinstance(keyword, str) else keyword.declaration


def _is_optional(keyword: Argument | str) -> bool:
    return isinstance(keyword, str) or not keyword.is_required


def _checks(operation: Operation) -> Iterator[str]:
    """Write the checks of the arguments, which also convert them to the form that is sent."""
    limits = _limits(operation)
    for argument in operation.arguments:
        if argument.source == "body" or (argument.source == "path" and argument.is_text):
            # A body is checked all at once, and an id when it is inserted into the path.
            continue
        name = argument.name
        keyword = f', name="{name}"' if name != argument.contract_name else ""
        value = _converted(argument)
        lines = [f"{name} = {value}"] if value != name else []
        checked = f'"{operation.id}", "{argument.contract_name}", {name}{keyword}, limits={limits}'
        lines += [f"require_argument({checked})"]
        if argument.is_required and not argument.shape.is_nullable:
            yield from lines
        else:
            yield f"if {name} is not None:"
            yield from (f"    {line}" for line in lines)
    if operation.body:
        yield from _body(operation)


def _limits(operation: Operation) -> str:
    return "limits" if operation.client.plan == "page" else "settings.limits"


def _converted(argument: Argument) -> str:
    if argument.shape.form == "object":
        return f'as_json("{argument.name}", {argument.name})'
    return f"_as_list({argument.name})" if argument.shape.form == "mixed" else argument.name


def _body(operation: Operation) -> Iterator[str]:
    fields = [argument for argument in operation.arguments if argument.source == "body"]
    required = []
    for field in fields:
        if field.is_required:
            value = _converted(field)
            may_be_null = field.shape.is_nullable and value != field.name
            value = f"None if {field.name} is None else {value}" if may_be_null else value
            required.append(f'"{field.contract_name}": {value}')
    yield f"body: dict[str, Any] = {{{', '.join(required)}}}"
    for field in fields:
        if not field.is_required:
            yield f"if {field.name} is not None:"
            yield f'    body["{field.contract_name}"] = {_converted(field)}'
    assert operation.body is not None
    check = f'require("{operation.body.model.component}", body, limits={_limits(operation)})'
    if operation.body.is_required:
        yield check
    else:
        yield "if body:"
        yield f"    {check}"


def _request(operation: Operation) -> str:
    values = ["operation.build_request"]
    for argument in operation.path_arguments:
        value = argument.name if argument.shape.type == "str" else f"str({argument.name})"
        values.append(value if argument.is_text else f"_sent({value})")
    if operation.body:
        made = f"{operation.body.model.local_name(())}.from_dict(body)"
        values.append(f"body={made}" if operation.body.is_required else f"body={made} if body else UNSET")
    others = [argument for argument in operation.other_arguments if argument.source != "body"]
    values += [f"{argument.keyword}=_sent({argument.name})" for argument in others]
    paging = operation.paging or {}
    if "after" in paging:
        values.append("after=_sent(after)")
    if "limit" in paging:
        most = paging["limit"].maximum
        capped = f"UNSET if size is None else min(size, {most})"
        values.append("limit=_sent(size)" if most is None else f"limit={capped}")
    return f"Request.of({', '.join(values)}){'.for_admin' if operation.is_for_admin else ''}"


def _plan(operation: Operation) -> Iterator[str]:
    yield f"request = {_request(operation)}"
    schema = f'"{operation.response.component}"' if operation.response else "None"
    values = ["request", "settings", schema]
    if operation.object_id:
        name = operation.object_id.name
        values.append(f"object_id={name if operation.object_id.shape.type == 'str' else f'str({name})'}")
    if operation.look:
        ids = "".join(f"{argument.name}, " for argument in operation.path_arguments)
        values.append(f"look=partial({operation.look.function}, {ids}settings)")
        values.append(f"reaches={operation.client.reaches!r}")
    name = {"fetch": "fetch", "action": "act", "delete": "remove"}[operation.client.plan]
    yield f"return {name}({', '.join(values)})"


def _listing(operation: Operation) -> Iterator[str]:
    paging = operation.paging or {}
    after = "after" if "after" in paging else "_after"
    size = "size" if "limit" in paging else "_size"
    assert operation.response is not None
    yield f"def request({after}: str | None, {size}: int | None) -> Request:"
    yield f"    return {_request(operation)}"
    has_size = "after" in paging and "limit" in paging
    default = operation.client.page_size
    page_size = f"{default} if page_size is None else page_size" if default else "page_size"
    values = ["request", operation.response.local_name(()), "read", "limit"]
    if has_size:
        values.append(page_size)
    if "after" in paging:
        values.append("after" if has_size else "after=after")
    listing = f"Listing({', '.join(values)})"
    if not has_size or paging["limit"].maximum is None:
        yield f"return {listing}"
        return
    yield f"listing = {listing}"
    yield "if page_size is not None:"
    yield f'    require_argument("{operation.id}", "limit", page_size, name="page_size", limits=limits)'
    yield "return listing"
