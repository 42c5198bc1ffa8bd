"""The generated modules under `_async`: methods of resources and handles, and resources of the client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .arguments import Argument
from .client import Client, Resource
from .locations import METHODS_OF
from .operations import Operation
from .plans import checks_page
from .source import docstring, exported, header, imports, indented, paragraphs, signature

__all__ = ["handle_module", "resource_module", "resources_module"]

# Where generated modules find what is written by hand, seen from `_async`.
_DRIVER = ("..transport.drivers", "AsyncDriver")
_SETTINGS = ("..operation_settings", "Settings")
_PAGER = (".pager", "AsyncPager")
_RESOURCE = (".resource_base", "AsyncResource")
_DATA = ("..plans.responses", "JsonObject")

# What a view needs to know of its client.
_STATUSES = "self._settings.statuses"

_ERRORS = "`ApiError`, `ConnectionFailed` or `InvalidResponse`"


def resource_module(client: Client, resource: Resource) -> str:
    """Write the module of a resource: its class, or the base of its hand-written class."""
    methods = [_Method(client, operation, is_on_handle=False) for operation in resource.operations]
    text = resource.description
    if resource.written:
        text = f"{text}\n\nMethods of `{resource.class_name}` that are generated from the contract."
    return "\n".join(
        [
            header(f"Plain methods of `client.{resource.path}`"),
            *_top(methods, [_RESOURCE]),
            exported([resource.generated_class]),
            f"class {resource.generated_class}(AsyncResource):",
            _described(text),
            *(indented(method.text(), 4) for method in methods),
        ]
    )


def handle_module(client: Client, handle: str, operations: Sequence[Operation]) -> str:
    """Write the module with the base of a handle."""
    methods = [_Method(client, operation, is_on_handle=True) for operation in operations]
    types = [_DRIVER, _SETTINGS, _DATA, ("typing", "Self")]
    text = (
        f"Methods of `Async{handle}` that are generated from the contract.\n\n"
        "In the handle's list of bases, this class comes after the view, which has the `id`."
    )
    return "\n".join(
        [
            header(f"Plain methods of the handle `{handle}`"),
            *_top(methods, [], types),
            exported([f"Async{handle}Methods"]),
            f"class Async{handle}Methods:",
            _described(text),
            "    __slots__ = ()",
            "    if TYPE_CHECKING:",
            "        _driver: AsyncDriver",
            "        _settings: Settings",
            "        @property",
            "        def id(self) -> str: ...",
            "        def _adopt(self, data: JsonObject) -> Self: ...",
            *(indented(method.text(), 4) for method in methods),
        ]
    )


def resources_module(client: Client) -> str:
    """Write the module with the attributes of the client, each made when it is first used."""
    groups = [group for resource in client.resources for group in resource.all() if group.inner]
    every = [resource for top in client.resources for resource in top.all()]
    types = {_class_place(resource) for resource in every if not resource.inner}
    lines = [
        header("Resources of a client"),
        "from __future__ import annotations",
        "from functools import cached_property",
        "from typing import TYPE_CHECKING",
        *imports([_RESOURCE] if groups else []),
        "if TYPE_CHECKING:",
        *(f"    {line}" for line in imports({*types, _DRIVER, _SETTINGS})),
        exported(["AsyncResources", *(group.class_name for group in groups)]),
        "class AsyncResources:",
        _described("Resources of a client: attributes that are created when they are first used."),
        "    _driver: AsyncDriver",
        "    _settings: Settings",
        *(_attribute(resource) for resource in client.resources),
    ]
    for group in groups:
        lines += [
            f"class {group.class_name}(AsyncResource):",
            _described(group.description),
            *(_attribute(resource) for resource in group.inner),
        ]
    return "\n".join(lines)


def _top(
    methods: Sequence[_Method], bases: Iterable[tuple[str, str]], types: Iterable[tuple[str, str]] = ()
) -> list[str]:
    """Write the imports of a module; what is only named in annotations is not loaded."""
    types = {*types, *(name for method in methods for name in method.types())}
    return [
        "from __future__ import annotations",
        "from collections.abc import Mapping, Sequence",
        "from functools import partial",
        "from typing import TYPE_CHECKING, Any",
        *imports([*bases, _PAGER, ("..plans", "operations")]),
        "if TYPE_CHECKING:",
        *(f"    {line}" for line in imports([*types, ("finetuning_api.types", "ApiObject")])),
    ]


def _described(text: str) -> str:
    first, *rest = paragraphs(text, 4).split("\n\n")
    return docstring(first, *rest, margin=4)


def _class_place(resource: Resource) -> tuple[str, str]:
    module = f".{resource.written.module if resource.written else METHODS_OF + resource.name}"
    return module, resource.class_name


def _attribute(resource: Resource) -> str:
    """Write the property that makes a resource."""
    load = [] if resource.inner else [f"    {line}" for line in imports([_class_place(resource)])]
    lines = [
        "@cached_property",
        signature(resource.name, ["self"], resource.class_name),
        docstring(resource.description, margin=4),
        *load,
        f"    return {resource.class_name}(self._driver, self._settings)",
    ]
    return indented("\n".join(lines), 4)


class _Method:
    """One generated method, on a resource or on a handle."""

    def __init__(self, client: Client, operation: Operation, *, is_on_handle: bool) -> None:
        self._operation = operation
        self._written = client.written
        self._taken = client.names
        self._is_on_handle = is_on_handle
        self._is_page = operation.client.plan == "page"
        self._is_handle = operation.client.returns in client.written.handles
        ids = operation.path_arguments
        self._ids = ids[1:] if is_on_handle else ids
        # Only what is certainly the same object may take the place of what the handle holds.
        self._adopts = self._is_handle and is_on_handle and operation.object_id is ids[0]

    def types(self) -> Iterator[tuple[str, str]]:
        """Return the modules and names that its annotations need."""
        yield from self._result_import()
        if self._adopts:
            yield "typing", "Self"

    def text(self) -> str:
        """Write the method."""
        client = self._operation.client
        name = client.handle if self._is_on_handle else client.method
        keywords = self._keywords()
        parts = ["self", *(argument.declaration for argument in self._ids)]
        parts += ["*", *(declared for declared, _, _ in keywords)] if keywords else []
        head = signature(str(name), parts, self._result(), is_async=not self._is_page)
        return "\n".join(
            [head, indented(self._docstring(keywords), 4), *(f"    {line}" for line in self._body(keywords))]
        )

    def _result_import(self) -> list[tuple[str, str]]:
        """Return the module and name of the class of its results; none where there is no result."""
        operation = self._operation
        returns = operation.client.returns
        if returns and self._is_handle:
            return [(f".{self._written.classes[f'Async{returns}'].module}", f"Async{returns}")]
        if returns:
            return [("..views", returns)]
        model = operation.item or operation.response
        return [model.imported(self._taken)] if model else []

    def _result(self) -> str:
        names = [name.split()[-1] for _, name in self._result_import()]
        if self._adopts:
            return "Self"
        return f"AsyncPager[{names[0]}]" if self._is_page else (names or ["None"])[0]

    def _keywords(self) -> list[tuple[str, str, str]]:
        """Return the keyword arguments: declaration, name and description; those that are required first."""
        operation = self._operation
        given = [(a.declaration, a.name, _described_argument(a)) for a in operation.other_arguments]
        required = sum(argument.is_required for argument in operation.other_arguments)
        return given[:required] + self._paging() + given[required:]

    def _paging(self) -> list[tuple[str, str, str]]:
        if not self._is_page:
            return []
        paging = self._operation.paging or {}
        text = "maximum number of items; `None` for all."
        found = [("limit: int | None = None", "limit", text)]
        if "after" in paging and "limit" in paging:
            most = paging["limit"].maximum
            text = f"items per request{'' if most is None else f', at most {most}'}; "
            default = self._operation.client.page_size
            text += f"`None` for {default or 'the default of the server'}."
            found.append(("page_size: int | None = None", "page_size", text))
        if "after" in paging:
            found.append(("after: str | None = None", "after", "id of the item to start after."))
        return found

    def _docstring(self, keywords: Sequence[tuple[str, str, str]]) -> str:
        operation = self._operation
        margin = 8
        listed = [(argument.name, _described_argument(argument)) for argument in self._ids]
        listed += [(name, text) for _, name, text in keywords]
        arguments = [
            indented(paragraphs(f"{name}: {text}".rstrip(": "), margin + 4, hanging=4), 4)
            for name, text in listed
        ]
        result = self._result()
        if self._adopts:
            end = "Updates this handle, and returns it."
        elif self._is_page:
            end = f"Returns `{result}`: the items of all pages, each page requested when it is needed."
        else:
            end = "" if result == "None" else f"Returns `{result}`."
        raised = f"Raises `InvalidRequestError` before anything is sent, {_ERRORS}."
        source = f"Source: `{operation.id}` in the contract."
        return docstring(
            operation.summary.rstrip(".") + ".",
            paragraphs(operation.description, margin),
            "Args:\n" + "\n".join(arguments) if arguments else "",
            paragraphs(f"{end} {source} {raised}", margin),
            margin=0,
        )

    def _body(self, keywords: Sequence[tuple[str, str, str]]) -> Iterator[str]:
        operation = self._operation
        if operation.response and not self._adopts and not (self._is_page and not operation.client.returns):
            yield from imports(self._result_import())
        handle_id = ["self.id"] if self._is_on_handle else []
        values = [*handle_id, *(argument.name for argument in self._ids)]
        given = [f"{name}={name}" for _, name, _ in keywords]
        if self._is_page:
            given += ["limits=self._settings.limits"] if checks_page(operation) else []
            values = [self._reader(), *values, *given]
            yield f"listing = operations.{operation.function}({', '.join(values)})"
            yield "return AsyncPager(self._driver, listing, self._settings)"
            return
        values = [*values, "self._settings", *given]
        yield f"plan = operations.{operation.function}({', '.join(values)})"
        result = "await self._driver.run(plan)"
        if self._adopts:
            yield f"return self._adopt({result})"
        elif operation.response is None:
            yield result
        elif self._is_handle:
            yield f"return Async{operation.client.returns}(self._driver, self._settings, {result})"
        else:
            returns = operation.client.returns
            model = operation.response.local_name(self._taken)
            made = f"{returns}({result}, {_STATUSES})" if returns else f"{model}.from_dict({result})"
            yield f"return {made}"

    def _reader(self) -> str:
        """Write the function that makes an item of what the server sent."""
        returns = self._operation.client.returns
        if self._is_handle:
            return f"partial(Async{returns}, self._driver, self._settings)"
        return f"partial({returns}, statuses={_STATUSES})" if returns else "lambda item: item"


def _described_argument(argument: Argument) -> str:
    values = ", ".join(f"`{value}`" for value in argument.shape.values)
    return f"{argument.description} {f'One of {values}.' if values else ''}".strip()
