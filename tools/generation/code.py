"""Python source for shapes: the type of a value, and the expression that reads it from decoded JSON.

Reading never fails: each shape is read from one JSON type, and a value of any other type stays as it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from tools.generation.shapes import (
    Anything,
    Binary,
    Const,
    Kinds,
    ListOf,
    MapOf,
    Named,
    Plain,
    Shape,
    Text,
    Union,
    members,
)

__all__ = ["Reader", "json_types", "quoted", "type_of"]

_TEXTS = {"datetime": "datetime.datetime", "date": "datetime.date", "uuid": "UUID"}


def quoted(text: str) -> str:
    """Return a string literal in double quotes."""
    return json.dumps(text)


def type_of(shape: Shape) -> str:
    """Return the annotation for a value of this shape."""
    match shape:
        case Anything():
            return "Any"
        case Plain(type=name):
            return name
        case Text(kind=kind):
            return _TEXTS[kind]
        case Binary():
            return "File"
        case Const(value=value):
            return f"Literal[{_literal(value)}]"
        case Named(name=name):
            return f"models.{name}"
        case ListOf(item=item):
            return f"list[{type_of(item)}]"
        case MapOf(value=value):
            return f"dict[str, {type_of(value)}]"
        case Union(members=listed):
            return " | ".join(dict.fromkeys(type_of(member) for member in listed))


def json_types(shape: Shape) -> tuple[str, ...]:
    """Return the types that decoded JSON of this shape may have; empty when it may have any."""
    match shape:
        case Anything():
            return ()
        case Plain(type="float"):
            return ("float", "int")
        case Plain(type="None"):
            return ("NoneType",)
        case Plain(type=name):
            return (name,)
        case Const(value=value):
            return (type(value).__name__,)
        case Named(base=base):
            return ("dict",) if base == "ApiObject" else (base,)
        case ListOf():
            return ("list",)
        case MapOf():
            return ("dict",)
        case Union(members=listed):
            return tuple(dict.fromkeys(name for member in listed for name in json_types(member)))
        case _:
            return ("str",)


def _literal(value: str | int) -> str:
    return quoted(value) if isinstance(value, str) else repr(value)


@dataclass
class Reader:
    """Writer of the expressions that read values in one module, and of the tables that they need there.

    Attributes:
        tables: for each table its name and the expression that makes it.
        functions: the functions of `types` that the expressions call.
    """

    tables: dict[str, str] = field(default_factory=dict)
    functions: set[str] = field(default_factory=set)

    def read(self, shape: Shape, source: str, name: str, depth: int = 0) -> str:
        """Return the expression that reads `source`, which it evaluates once.

        Args:
            shape: what the value should be.
            source: an expression for decoded JSON.
            name: the name after which a table of the models of a union is named.
            depth: the number of lists and maps around the value.
        """
        value = source if source.isidentifier() else "v"
        choices = self._choices(shape, value, name, depth)
        if not choices:
            return source
        # Only the first test evaluates the source.
        tested = source if value == source else f"{value} := {source}"
        chain = ""
        for expression, test in choices:
            chain += f"{expression} if {test.format(tested)} else "
            tested = value
        return chain + value

    def _choices(self, shape: Shape, value: str, name: str, depth: int) -> list[tuple[str, str]]:
        """Return the ways to read a value: an expression, and the test whether it applies."""
        found = members(shape)
        kinds = shape.kinds if isinstance(shape, Union) else None
        choices: list[tuple[str, str]] = []
        if kinds:
            table = self._kinds(kinds, name)
            test = "type({}) is dict"
            if any(isinstance(member, MapOf) for member in found):
                test += f" and {table}.knows({value})"
            choices.append((f"{table}.read({value})", test))
        texts = [reader for member in found if (reader := self._text_reader(member))]
        if len(texts) > 1:
            # An enum takes any text, so it comes last.
            texts.sort(key=lambda reader: reader.startswith("_"))
            self.functions.add("read_text")
            choices.append((f"read_text({value}, {', '.join(texts)})", "type({}) is str"))
        for member in found:
            is_model = isinstance(member, Named) and member.base == "ApiObject"
            if (kinds and is_model) or (len(texts) > 1 and self._text_reader(member)):
                continue
            expression = self._expression(member, value, name, depth)
            if expression:
                choices.append((expression, f"type({{}}) is {json_types(member)[0]}"))
        return choices

    def _expression(self, shape: Shape, value: str, name: str, depth: int) -> str:
        """Return the expression for a value of the right JSON type; empty if the value stays as it is."""
        item = f"item{depth or ''}"
        match shape:
            case Named(name=model, base="ApiObject"):
                self.functions.add("READ")
                return f"READ[{quoted(model)}]({value})"
            case Named(name=enum):
                return f"{self._members(enum)}[{value}]"
            case Text(kind=kind):
                self.functions.add(f"read_{kind}")
                return f"read_{kind}({value})"
            case ListOf(item=Named(name=model, base="ApiObject")):
                self.functions.add("READ_ALL")
                # An empty list stays as it is, so that no model is loaded for it.
                return f"{value} and READ_ALL[{quoted(model)}]({value})"
            case ListOf(item=inner):
                read = self.read(inner, item, name, depth + 1)
                return f"[{read} for {item} in {value}]" if read != item else ""
            case MapOf(value=inner):
                read = self.read(inner, item, name, depth + 1)
                return f"{{key: {read} for key, {item} in {value}.items()}}" if read != item else ""
            case _:
                return ""

    def _text_reader(self, shape: Shape) -> str:
        """Return the function that reads a string of this shape; empty for other shapes."""
        match shape:
            case Text(kind=kind):
                self.functions.add(f"read_{kind}")
                return f"read_{kind}"
            case Named(name=enum, base="str"):
                return self._members(enum)
            case _:
                return ""

    def _members(self, enum: str) -> str:
        self.functions.add("Members")
        self.tables[f"_{enum}"] = f"Members({quoted(enum)})"
        return f"_{enum}"

    def _kinds(self, kinds: Kinds, name: str) -> str:
        """Return the name of the table that chooses among the models of a union."""
        if kinds.tag:
            pairs = [
                f"{_literal(value)}: {quoted(model)}"
                for model, values, _, _ in kinds.models
                for value in values
            ]
            function, made = "Tagged", f"Tagged({quoted(kinds.tag)}, {{{', '.join(pairs)}}})"
        else:
            entries = [
                f"({quoted(model)}, {_set(required)}, {_set(known)})"
                for model, _, required, known in kinds.models
            ]
            function, made = "Shaped", f"Shaped([{', '.join(entries)}])"
        self.functions.add(function)
        table = f"_{name.upper()}_KINDS"
        number = 2
        while self.tables.get(table, made) != made:
            table = f"_{name.upper()}_KINDS_{number}"
            number += 1
        self.tables[table] = made
        return table


def _set(names: tuple[str, ...]) -> str:
    return f"{{{', '.join(map(quoted, names))}}}" if names else "set()"
