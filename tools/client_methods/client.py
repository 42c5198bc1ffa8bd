"""The client that a contract describes: its resources, their methods, and what of them is written by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.contract import Contract, ContractError

from .extension import Refusal, near
from .names import class_of
from .operations import Operation, read_operation, related
from .written import Class, Written

__all__ = ["Client", "Resource", "read_client"]

# Names that generated modules under `_async/methods` use for themselves.
_MODULES = frozenset({"resources"})


@dataclass(frozen=True)
class Resource:
    """One resource: `client.jobs`, or a group of resources such as `client.checkpoints`.

    Attributes:
        path: path of the attribute on the client.
        operations: those with a generated method.
        inner: the resources of a group; a group has no operations.
        written: its hand-written class, where there is one.
        description: the contract's description of the tag of its operations.
    """

    path: str
    operations: Sequence[Operation]
    inner: Sequence[Resource]
    written: Class | None
    description: str

    @property
    def name(self) -> str:
        """Name of its attribute, and of its module under `_async/methods`."""
        return self.path.rpartition(".")[2]

    @property
    def class_name(self) -> str:
        """Name of its class."""
        return class_of(self.name)

    @property
    def generated_class(self) -> str:
        """Name of its generated class: the base of the hand-written class, where there is one."""
        return f"{self.class_name}Methods" if self.written else self.class_name

    def all(self) -> Iterator[Resource]:
        """Return this resource and those within it."""
        yield self
        for resource in self.inner:
            yield from resource.all()


@dataclass(frozen=True)
class Client:
    """What is generated.

    Attributes:
        resources: the attributes of the client.
        handles: the operations with a method on a handle, by the handle's name.
        written: the hand-written classes.
    """

    resources: Sequence[Resource]
    handles: Mapping[str, Sequence[Operation]]
    written: Written

    @property
    def operations(self) -> Iterator[Operation]:
        """Every operation with a generated method."""
        for resource in self.resources:
            for inner in resource.all():
                yield from inner.operations

    def module_of(self, handle: str) -> str:
        """Return the hand-written module of a handle."""
        return self.written.classes[f"Async{handle}"].module


def read_client(contract: Contract, root: Path) -> Client:
    """Read and check the extensions of operations. Raises `ContractError` with a line for each problem."""
    written = Written(root)
    operations: list[Operation] = []
    refusals: list[Refusal] = []
    for place, data in contract.operations():
        try:
            operations.append(read_operation(contract, place, data))
        except Refusal as refusal:
            refusals.append(refusal)
    if not refusals:
        refusals += _problems(operations, written)
    if not refusals:
        try:
            operations = [related(contract, operation, operations) for operation in operations]
        except Refusal as refusal:
            refusals.append(refusal)
    if refusals:
        raise ContractError("\n".join(contract.say(refusal.place, refusal.problem) for refusal in refusals))
    tags = {tag["name"]: tag.get("description", "") for tag in contract.data.get("tags") or ()}
    handles: dict[str, list[Operation]] = {}
    for operation in operations:
        if operation.client.handle:
            (handle,) = _handles(operation.client.resource, operations, written)
            handles.setdefault(handle, []).append(operation)
    return Client(list(_resources("", operations, tags, written)), handles, written)


def _resources(
    prefix: str, operations: Sequence[Operation], tags: Mapping[str, str], written: Written
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
            description=tags.get(own[0].tag, "") if own else "",
        )


def _handles(resource: str, operations: Sequence[Operation], written: Written) -> set[str]:
    """Return the handles that the operations of a resource give."""
    own = (operation for operation in operations if operation.client.resource == resource)
    return {
        returns for operation in own if (returns := operation.client.returns) in written.handles and returns
    }


def _problems(operations: Sequence[Operation], written: Written) -> Iterator[Refusal]:
    methods: dict[tuple[str, str], str] = {}
    functions: dict[str, str] = {}
    for operation in operations:
        client = operation.client
        first = methods.setdefault((client.resource, client.method), operation.id)
        if first != operation.id:
            yield Refusal((*client.place, "method"), f"{client.method!r} is already the method of {first}")
        if functions.setdefault(operation.function, operation.id) != operation.id:
            yield Refusal(
                (*operation.place, "operationId"), f"{operation.function!r} is already the name of another"
            )
        yield from _return_problems(operation, written)
        yield from _written_problems(operation, operations, written)
        if client.handle:
            yield from _handle_problems(operation, operations, written)
    yield from _resource_problems(operations, written)


def _return_problems(operation: Operation, written: Written) -> Iterator[Refusal]:
    returns = operation.client.returns
    if returns is None or returns in written.handles or returns in written.views:
        return
    place = (*operation.client.place, "returns")
    if f"Async{returns}" in written.classes:
        found = written.classes[f"Async{returns}"]
        yield Refusal(
            place, f"{found.name} ({found.place}) must inherit from {found.name}Methods to be a handle"
        )
    else:
        known = written.handles | written.views
        yield Refusal(place, f"there is no handle or view {returns!r}: {near(returns, known)}")


def _written_problems(
    operation: Operation, operations: Sequence[Operation], written: Written
) -> Iterator[Refusal]:
    """Compare an operation with the hand-written class of its resource."""
    client = operation.client
    name = class_of(client.resource.rpartition(".")[2])
    found = written.classes.get(name)
    is_written = found is not None and client.method in found.members
    place = (*client.place, "plan")
    if client.plan == "custom":
        if not is_written:
            where = (
                f"{name} ({found.place})" if found else f"no class {name} in overlay/finetuning_client/_async"
            )
            missing = f"has no method {client.method!r}" if found else f"with a method {client.method!r}"
            yield Refusal(place, f"the plan custom needs a hand-written method, but {where} {missing}")
    elif is_written and found is not None:
        problem = (
            f"{client.method!r} is also written by hand ({found.place}): use the plan custom, or delete that"
        )
        yield Refusal(place, problem)
    elif found is not None and f"{name}Methods" not in found.bases:
        first = next(
            o for o in operations if (o.client.resource, o.client.plan != "custom") == (client.resource, True)
        )
        if operation is first:
            yield Refusal(
                (*client.place, "resource"), f"{name} ({found.place}) must inherit from {name}Methods"
            )


def _handle_problems(
    operation: Operation, operations: Sequence[Operation], written: Written
) -> Iterator[Refusal]:
    client = operation.client
    place = (*client.place, "handle")
    handles = sorted(_handles(client.resource, operations, written))
    if len(handles) != 1:
        found = (
            f"several handles: {', '.join(handles)}" if handles else "no handle: no method of it returns one"
        )
        yield Refusal(place, f"handle, but {client.resource} has {found}")
        return
    name = f"Async{handles[0]}"
    if client.handle in written.members(name):
        yield Refusal(place, f"{client.handle!r} is also written by hand in {name} or its view")
    same = [o for o in operations if (o.client.resource, o.client.handle) == (client.resource, client.handle)]
    if same[0] is not operation:
        yield Refusal(place, f"{client.handle!r} is already the method of {same[0].id} on the handle")


def _resource_problems(operations: Sequence[Operation], written: Written) -> Iterator[Refusal]:
    first = {operation.client.resource: operation for operation in reversed(operations)}
    taken = written.members("AsyncFineTuning")
    names: dict[str, str] = {}
    for path, operation in sorted(first.items(), key=lambda item: operations.index(item[1])):
        place = (*operation.client.place, "resource")
        parts = path.split(".")
        outer = [".".join(parts[:end]) for end in range(1, len(parts))]
        if parts[0] in taken:
            yield Refusal(place, f"{parts[0]!r} is an attribute of the client itself: choose another name")
        for group in outer:
            if group in first:
                yield Refusal(
                    place, f"{path!r} is in {group!r}, which has methods of its own: a group has none"
                )
        for name, whole in [*zip(parts[:-1], outer, strict=True), (parts[-1], path)]:
            if names.setdefault(name, whole) != whole:
                yield Refusal(
                    place, f"{whole!r} and {names[name]!r} would both be the class {class_of(name)}"
                )
        if class_of(parts[-1]).removeprefix("Async") in written.handles | written.views:
            yield Refusal(
                place, f"{parts[-1]!r} would hide the handle or view of its name: choose the plural"
            )
        if parts[-1] in _MODULES or parts[-1].endswith("_handle"):
            yield Refusal(
                place, f"{parts[-1]!r} is the name of another generated module: choose another name"
            )
