"""The client that a contract describes: its resources, their methods, and its hand-written parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.openapi import Document, Place

from .extension import Refusal, near, refused
from .hand_written import Class, HandWritten
from .locations import PACKAGE
from .names import TAKEN, class_of
from .operations import Operation, read_operation, related
from .views import View

__all__ = ["Client", "Resource", "read_client"]

# Names of functions that `plans/operations` imports.
_FUNCTION_NAMES = frozenset("act as_json fetch partial remove require require_argument".split())


@dataclass(frozen=True)
class Resource:
    """One resource: `client.jobs`, or a group of resources such as `client.checkpoints`.

    Attributes:
        path: path of the attribute on the client.
        operations: those with a generated method.
        inner: the resources of a group; a group has no operations.
        written: its hand-written class, if it has one.
        description: the contract's description of the tag of its operations.
    """

    path: str
    operations: Sequence[Operation]
    inner: Sequence[Resource]
    written: Class | None
    description: str

    @property
    def name(self) -> str:
        """Name of its attribute, as in the name of its generated module."""
        return self.path.rpartition(".")[2]

    @property
    def class_name(self) -> str:
        """Name of its class."""
        return class_of(self.name)

    @property
    def generated_class(self) -> str:
        """Name of its generated class: the base of the hand-written class, if there is one."""
        return f"{self.class_name}Methods" if self.written else self.class_name

    def all(self) -> Iterator[Resource]:
        """Yield this resource and those within it."""
        yield self
        for resource in self.inner:
            yield from resource.all()


@dataclass(frozen=True)
class Client:
    """Resources and handles of a client whose methods are generated.

    Attributes:
        resources: the attributes of the client.
        handles: the operations with a method on a handle, by the handle's name.
        written: the hand-written classes.
    """

    resources: Sequence[Resource]
    handles: Mapping[str, Sequence[Operation]]
    written: HandWritten

    @property
    def names(self) -> frozenset[str]:
        """Names of its blocking classes, which generated models may have too."""
        every = (resource.class_name for top in self.resources for resource in top.all())
        return self.written.handles | self.written.views | {name.removeprefix("Async") for name in every}

    @property
    def operations(self) -> Iterator[Operation]:
        """Every operation with a generated method."""
        for resource in self.resources:
            for inner in resource.all():
                yield from inner.operations

    def module_of(self, handle: str) -> str:
        """Return the hand-written module of a handle."""
        return self.written.classes[f"Async{handle}"].module


def read_client(contract: Document, root: Path, views: Sequence[View]) -> Client:
    """Read and check the extensions of operations. Raises `DocumentError` with a line for each problem."""
    written = HandWritten(root, {view.name: [field.name for field in view.fields] for view in views})
    operations: list[Operation] = []
    refusals = list(_view_problems(views, written))
    for place, data in contract.operations():
        try:
            operations.append(read_operation(contract, place, data))
        except Refusal as refusal:
            refusals.append(refusal)
    if not refusals:
        refusals = _problems(operations, written) or list(_mismatched_views(operations, views))
    if not refusals:
        try:
            operations = [related(contract, operation, operations) for operation in operations]
        except Refusal as refusal:
            refusals.append(refusal)
    if refusals:
        raise refused(contract, refusals)
    tags = {tag["name"]: tag.get("description", "") for tag in contract.data.get("tags") or ()}
    handles: dict[str, list[Operation]] = {}
    for operation in operations:
        if operation.client.handle:
            (handle,) = _handles(operation.client.resource, operations, written)
            handles.setdefault(handle, []).append(operation)
    return Client(list(_resources("", operations, tags, written)), handles, written)


def _resources(
    prefix: str, operations: Sequence[Operation], tags: Mapping[str, str], written: HandWritten
) -> Iterator[Resource]:
    """Build the resources whose paths begin with `prefix`, in the order of the contract."""
    inside = [operation for operation in operations if operation.client.resource.startswith(prefix)]
    names = dict.fromkeys(operation.client.resource[len(prefix) :].partition(".")[0] for operation in inside)
    for name in names:
        path = prefix + name
        own = [operation for operation in inside if operation.client.resource == path]
        yield Resource(
            path=path,
            operations=[operation for operation in own if operation.client.plan != "custom"],
            inner=[] if own else list(_resources(f"{path}.", inside, tags, written)),
            written=written.classes.get(class_of(name)) if own else None,
            description=(own and tags.get(own[0].tag)) or f"Resources that belong to {name}.",
        )


def _handles(resource: str, operations: Sequence[Operation], written: HandWritten) -> set[str]:
    """Return the handles that the operations of a resource return."""
    own = (operation for operation in operations if operation.client.resource == resource)
    return {
        returns for operation in own if (returns := operation.client.returns) in written.handles and returns
    }


def _problems(operations: Sequence[Operation], written: HandWritten) -> list[Refusal]:
    """Return conflicts among operations and with hand-written code; later checks rely on earlier ones."""
    for check in (
        _name_problems,
        _return_problems,
        _written_problems,
        _handle_problems,
        _resource_problems,
    ):
        if found := list(check(operations, written)):
            return found
    return []


def _view_problems(views: Sequence[View], written: HandWritten) -> Iterator[Refusal]:
    """Yield the conflicts of views with the hand-written classes, some of which inherit from them."""
    for view in views:
        same = written.others.get(view.name) or written.classes.get(f"Async{view.name}")
        if same:
            problem = f"{view.name!r} is already the name of something else: {same.name} ({same.place})"
            yield Refusal(view.place, problem)
        heirs = written.heirs(view.name)
        for field in view.fields:
            found = next((heir for heir in heirs if field.name in heir.members), None)
            if field.is_custom and found is None:
                missing = f"no class that inherits from {view.name} has {field.name!r}"
                problem = f"`type: custom` needs a hand-written attribute, but {missing}"
                yield Refusal((*field.place, "x-client", "type"), problem)
            if found and not field.is_custom:
                problem = f"{field.name!r} is also written by hand in {found.name} ({found.place}): "
                yield Refusal(field.place, f"{problem}use `type: custom`, or delete it there")


def _name_problems(operations: Sequence[Operation], written: HandWritten) -> Iterator[Refusal]:  # noqa: ARG001
    methods: dict[tuple[str, str], str] = {}
    functions: dict[str, str] = {}
    for operation in operations:
        client = operation.client
        first = methods.setdefault((client.resource, client.method), operation.id)
        if first != operation.id:
            yield Refusal((*client.place, "method"), f"{client.method!r} is already the method of {first}")
        first = functions.setdefault(operation.function, operation.id)
        if first != operation.id or operation.function in _FUNCTION_NAMES:
            problem = f"{operation.id}: {operation.function!r} is already the name of another function"
            yield Refusal((*operation.place, "operationId"), problem)


def _return_problems(operations: Sequence[Operation], written: HandWritten) -> Iterator[Refusal]:
    known = written.handles | written.views
    for operation in operations:
        returns = operation.client.returns
        if returns is None or returns in known:
            continue
        found = written.classes.get(f"Async{returns}")
        problem = f"there is no handle or view {returns!r}: {near(returns, known)}"
        if found:
            problem = f"{found.name} ({found.place}) must inherit from {found.name}Methods to be a handle"
        yield Refusal((*operation.client.place, "returns"), problem)


def _mismatched_views(operations: Sequence[Operation], views: Sequence[View]) -> Iterator[Refusal]:
    """Yield the operations that return a view of a different object from the one in their response."""
    components = {view.name: view.components for view in views}
    for operation in operations:
        returns, given = operation.client.returns, operation.item or operation.response
        known = components.get(returns or "")
        if known and given and given.component not in known:
            problem = (
                f"{returns} is the view of {', '.join(known)}, but the operation returns {given.component}"
            )
            yield Refusal((*operation.client.place, "returns"), problem)


def _written_problems(operations: Sequence[Operation], written: HandWritten) -> Iterator[Refusal]:
    """Yield the conflicts of operations with the hand-written classes of their resources."""
    for operation in operations:
        client = operation.client
        name = class_of(client.resource.rpartition(".")[2])
        found = written.classes.get(name)
        place = (*client.place, "plan")
        if found is None:
            if client.plan == "custom":
                missing = f"{PACKAGE.as_posix()}/_async has no class {name} with a method {client.method!r}"
                yield Refusal(place, f"`plan: custom` needs a hand-written method, but {missing}")
        elif client.plan == "custom":
            if client.method not in found.members:
                missing = f"{name} ({found.place}) has no method {client.method!r}"
                yield Refusal(place, f"`plan: custom` needs a hand-written method, but {missing}")
        elif client.method in found.members:
            again = f"{client.method!r} is also written by hand ({found.place})"
            yield Refusal(place, f"{again}: use `plan: custom`, or delete it there")
        elif f"{name}Methods" not in found.bases:
            problem = f"{name} ({found.place}) must inherit from {name}Methods"
            yield Refusal((*client.place, "resource"), problem)


def _handle_problems(operations: Sequence[Operation], written: HandWritten) -> Iterator[Refusal]:
    methods: dict[tuple[str, str], str] = {}
    for operation in operations:
        client = operation.client
        if client.handle is None:
            continue
        place = (*client.place, "handle")
        handles = sorted(_handles(client.resource, operations, written))
        if len(handles) != 1:
            found = f"several handles: {', '.join(handles)}" if handles else "none: no method returns one"
            yield Refusal(place, f"`handle` is given, but {client.resource} has {found}")
            continue
        if client.handle in written.members(f"Async{handles[0]}"):
            problem = f"{client.handle!r} is already an attribute of Async{handles[0]} or its view"
            yield Refusal(place, problem)
        first = methods.setdefault((handles[0], client.handle), operation.id)
        if first != operation.id:
            yield Refusal(place, f"{client.handle!r} is already the method of {first} on the handle")


def _resource_problems(operations: Sequence[Operation], written: HandWritten) -> Iterator[Refusal]:
    first = {operation.client.resource: operation for operation in reversed(operations)}
    taken = written.members("AsyncFineTuning")
    names: dict[str, str] = {}
    for path, operation in sorted(first.items(), key=lambda item: operations.index(item[1])):
        place = (*operation.client.place, "resource")
        parts = path.split(".")
        outer = [".".join(parts[:end]) for end in range(1, len(parts))]
        yield from _hiding_classes(place, parts, written)
        if parts[0] in taken:
            yield Refusal(place, f"{parts[0]!r} is an attribute of the client itself: choose another name")
        for group in outer:
            if group in first:
                yield Refusal(
                    place, f"{path!r} is in {group!r}, which has methods of its own: choose another group"
                )
        for name, whole in [*zip(parts[:-1], outer, strict=True), (parts[-1], path)]:
            if names.setdefault(name, whole) != whole:
                yield Refusal(
                    place, f"{whole!r} and {names[name]!r} would both be the class {class_of(name)}"
                )
        if parts[-1].endswith("_handle"):
            yield Refusal(
                place, f"{parts[-1]!r} is the name of another generated module: choose another name"
            )


def _hiding_classes(place: Place, parts: Sequence[str], written: HandWritten) -> Iterator[Refusal]:
    """Yield the parts of a path whose classes would hide others."""
    for name in parts:
        if class_of(name).removeprefix("Async") in TAKEN:
            yield Refusal(place, f"{name!r} would hide a class that the methods use: choose another name")
    if class_of(parts[-1]).removeprefix("Async") in written.handles | written.views:
        yield Refusal(place, f"{parts[-1]!r} would hide the handle or view of that name: choose the plural")
