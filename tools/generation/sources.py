"""The source that templates write: the lines of a model, and those of an endpoint."""

from __future__ import annotations

from tools.generation.bodies import Body, Content, Response
from tools.generation.classes import Field, ModelClass
from tools.generation.code import Reader, json_types, quoted, type_of
from tools.generation.operations import Operation
from tools.generation.parameters import Parameter
from tools.generation.reading import Shapes, with_deprecation
from tools.generation.shapes import Anything, Const, Named, Plain, Shape, members

__all__ = ["ModelSource", "OperationSource"]


class ModelSource:
    """Source of a model, for its template."""

    def __init__(self, model: ModelClass) -> None:
        self.model = model
        self.reader = Reader()
        self.fills = [
            (field.python, self.reader.read(field.shape, f"src[{quoted(field.name)}]", field.python))
            for field in model.fields
        ]
        extra = self.reader.read(model.additional, "item", "additional")
        self.extra = "" if extra == "item" else extra

    @property
    def fields(self) -> list[Field]:
        """The fields, required ones first."""
        return sorted(self.model.fields, key=lambda field: (not field.required, self._is_constant(field)))

    def declaration(self, field: Field) -> str:
        """Return the line that declares a field. A required constant has a default."""
        if field.required and isinstance(field.shape, Const):
            value = field.shape.value
            written = quoted(value) if isinstance(value, str) else value
            return f"{field.python}: {type_of(field.shape)} = {written}"
        if field.required:
            return f"{field.python}: {type_of(field.shape)}"
        return f"{field.python}: {_optional(field.shape, 'Unset')} = UNSET"

    def renamed(self) -> str:
        """Return the fields whose names differ on the wire, as the items of a dict."""
        pairs = [(field.python, field.name) for field in self.model.fields if field.python != field.name]
        return ", ".join(f"{quoted(python)}: {quoted(name)}" for python, name in pairs)

    def description(self) -> str:
        """Return the description of the model, which says if it is deprecated."""
        return with_deprecation(self.model.description or self.model.name, self.model.deprecated)

    def deprecated(self) -> str:
        """Return the deprecated fields, as arguments."""
        return ", ".join(quoted(field.python) for field in self.model.fields if field.deprecated)

    @staticmethod
    def _is_constant(field: Field) -> bool:
        return field.required and isinstance(field.shape, Const)


class OperationSource:
    """Source of an endpoint, for its template."""

    def __init__(self, operation: Operation, shapes: Shapes) -> None:
        self.operation = operation
        self._shapes = shapes
        self.reader = Reader()
        self.path_parameters = [it for it in operation.parameters if it.where == "path"]
        # Required ones first, as they are in the body of most calls.
        self.other_parameters = [it for it in operation.parameters if it.where != "path"]
        self.parsing = self._parsing()

    # Written without a trailing comma, so that the formatter keeps short ones on one line.
    def signature(self, *, with_client: bool) -> str:
        """Return the parameters of a function."""
        operation = self.operation
        listed = [f"{it.python}: {type_of(it.shape)}" for it in self.path_parameters]
        named = [f"client: {'AuthenticatedClient' if operation.secure else 'Client'}"] if with_client else []
        if operation.body:
            named.append(self._body_parameter())
            if len(operation.body.contents) > 1:
                types = ", ".join(quoted(content.media_type) for content in operation.body.contents)
                named.append(f"content_type: Literal[{types}] | Unset = UNSET")
        for it in self.other_parameters:
            required = it.required
            declared = type_of(it.shape) if required else f"{_optional(it.shape, 'Unset')} = UNSET"
            named.append(f"{it.python}: {declared}")
        return ", ".join([*listed, *(["*"] if named else []), *named])

    def arguments(self) -> str:
        """Return the arguments that pass the parameters on to `build_request`."""
        names = [it.python for it in self.path_parameters]
        if self.operation.body:
            names.append("body=body")
            if len(self.operation.body.contents) > 1:
                names.append("content_type=content_type")
        return ", ".join([*names, *(f"{it.python}={it.python}" for it in self.other_parameters)])

    def summary(self) -> str:
        """Return the summary of the operation, which says if it is deprecated."""
        return with_deprecation(self.operation.summary or self.operation.module, self.operation.deprecated)

    def documented(self) -> list[tuple[str, str]]:
        """Return the arguments with their descriptions in the contract."""
        listed = [(it.python, it.description) for it in [*self.path_parameters, *self.other_parameters]]
        body = self.operation.body
        if body:
            listed.append(("body", body.description or self._class_description(body)))
            if len(body.contents) > 1:
                listed.append(
                    ("content_type", "The media type to send; found from the type of the body when left out.")
                )
        return [(name, description) for name, description in listed if description]

    def request(self) -> list[str]:
        """Return the items of the dict that describes the request, without a body of several media types."""
        operation = self.operation
        path = quoted(operation.path)
        if self.path_parameters:
            path = f"encode_path({path}, {self._mapping('path')})"
        items = [f'"method": "{operation.method.upper()}"', f'"url": {path}']
        for where, key, encoder in (
            ("query", "params", "encode_query"),
            ("cookie", "cookies", "encode_cookies"),
        ):
            if any(it.where == where for it in operation.parameters):
                items.append(f'"{key}": {encoder}({self._mapping(where)})')
        header = f"encode_headers({self._mapping('header')})" if self._has_headers() else ""
        if operation.body and len(operation.body.contents) == 1:
            content = operation.body.contents[0]
            media_type = _content_type(content)
            body = [_body_item(content)]
            if media_type:
                body.append(
                    f'"headers": {{{f"**{header}, " if header else ""}"Content-Type": {quoted(media_type)}}}'
                )
                header = "" if operation.body.required else header
            if header:
                items.append(f'"headers": {header}')
            items += (
                body
                if operation.body.required
                else [f"**({{{', '.join(body)}}} if body is not UNSET else {{}})"]
            )
        elif header:
            items.append(f'"headers": {header}')
        return items

    def bodies(self) -> list[tuple[str, str]]:
        """Return, for each of several media types, the items of the request that write the body."""
        body = self.operation.body
        if not body or len(body.contents) < 2:
            return []
        found = []
        for content in body.contents:
            items = [_body_item(content)]
            media_type = _content_type(content)
            if media_type:
                items.append(
                    f'"headers": {{**request.get("headers", {{}}), "Content-Type": {quoted(media_type)}}}'
                )
            found.append((quoted(content.media_type), ", ".join(items)))
        return found

    def body_types(self) -> str:
        """Return, for each of several media types, the class of its body, as the items of a dict."""
        body = self.operation.body
        pairs = []
        for content in body.contents if body else ():
            runtime = {"binary": "File", "text": "str"}.get(content.kind, "object")
            if isinstance(content.shape, Named):
                runtime = type_of(content.shape)
            pairs.append(f"{quoted(content.media_type)}: {runtime}")
        return ", ".join(pairs)

    def response_type(self) -> str:
        """Return the annotation for what a call returns."""
        types: list[str] = []
        for response in self.operation.responses:
            shapes = [content.shape for content in response.contents] or [Plain("None")]
            types += [name for shape in shapes for name in type_of(shape).split(" | ")]
        return "Any" if "Any" in types else " | ".join(dict.fromkeys(types))

    def warnings(self) -> list[tuple[str, str]]:
        """Return the conditions under which a call is deprecated, each with its warning."""
        name = self.operation.module
        found = [("", f"{name} is deprecated")] if self.operation.deprecated else []
        return found + [
            (f"{it.python} is not UNSET", f"the parameter {it.python} of {name} is deprecated")
            for it in self.operation.parameters
            if it.deprecated
        ]

    def _class_description(self, body: Body) -> str:
        shape = body.contents[0].shape
        return self._shapes.classes[shape.name].description if isinstance(shape, Named) else ""

    def _has_headers(self) -> bool:
        return any(it.where == "header" for it in self.operation.parameters)

    def _body_parameter(self) -> str:
        body = self.operation.body
        assert body
        types: list[str] = []
        for content in body.contents:
            types += type_of(content.shape).split(" | ")
            if content.kind == "binary":
                types.append("bytes")
        if any(name.startswith("models.") for name in types):
            types.append("Mapping[str, Any]")
        declared = "Any" if "Any" in types else " | ".join(dict.fromkeys(types))
        if body.required:
            return f"body: {declared}"
        return f"body: {'Any' if declared == 'Any' else f'{declared} | Unset'} = UNSET"

    def _mapping(self, where: str) -> str:
        """Return the arguments of an encoder: the values by name, then the styles other than the default."""
        usual = {"path": "simple", "query": "form*", "header": "simple", "cookie": "form*"}[where]
        found = [it for it in self.operation.parameters if it.where == where]
        values = ", ".join(f"{quoted(it.name)}: {_argument(it)}" for it in found)
        styles = ", ".join(
            f"{quoted(it.name)}: {quoted(it.style)}" for it in found if it.style not in (usual, "json")
        )
        return f"{{{values}}}" + (f", {{{styles}}}" if styles else "")

    def _parsing(self) -> list[str]:
        """Return the lines that read a response."""
        responses = self.operation.responses
        statuses = ", ".join(quoted(response.status) for response in responses)
        groups: list[tuple[list[str], list[str]]] = []
        for response in responses:
            lines = self._reading(response)
            if groups and groups[-1][1] == lines:
                groups[-1][0].append(response.status)
            else:
                groups.append(([response.status], lines))
        if len(groups) == 1:
            return [f"documented(response, {statuses})", *groups[0][1]]
        written = [f"status = documented(response, {statuses})"]
        for names, lines in groups[:-1]:
            test = f"== {quoted(names[0])}" if len(names) == 1 else f"in ({', '.join(map(quoted, names))})"
            written += [f"if status {test}:", *(f"    {line}" for line in lines)]
        return written + groups[-1][1]

    def _reading(self, response: Response) -> list[str]:
        if not response.contents:
            return ["return None"]
        if len(response.contents) == 1:
            return self._content(response.contents[0])
        names = [quoted(content.media_type) for content in response.contents]
        lines = [f"media_type = choose_media(response, {', '.join(names)})"]
        for content, name in list(zip(response.contents, names, strict=True))[:-1]:
            lines += [f"if media_type == {name}:", *(f"    {line}" for line in self._content(content))]
        return lines + self._content(response.contents[-1])

    def _content(self, content: Content) -> list[str]:
        shape = content.shape
        if content.kind == "binary":
            return ["return read_file(response)"]
        if content.kind == "text":
            return ["return read_string(response)"]
        if isinstance(shape, Named) and shape.base == "ApiObject":
            return [f"return read_object(response, {type_of(shape)})"]
        types = ", ".join("None" if name == "NoneType" else name for name in json_types(shape))
        source = f"read_json(response{f', {types}' if types else ''})"
        expression = self.reader.read(shape, "v", "response")
        if expression == "v":
            return [f"value: {type_of(shape)} = {source}", "return value"]
        return [f"v = {source}", f"value: {type_of(shape)} = {expression}", "return value"]


def _optional(shape: Shape, other: str) -> str:
    return f"{type_of(shape)} | {other}"


def _argument(parameter: Parameter) -> str:
    if parameter.style == "json":
        return f"json_text({parameter.python})"
    # Only a nullable parameter can be sent as null.
    if parameter.nullable and parameter.where == "query":
        return f'"null" if {parameter.python} is None else {parameter.python}'
    return parameter.python


def _content_type(content: Content) -> str:
    """Return the header if httpx would not write it; httpx alone knows the boundary of a form."""
    own = {"json": "application/json", "form": "application/x-www-form-urlencoded"}.get(content.kind)
    if content.kind == "json" and _may_be_null(content.shape):
        own = None
    return "" if content.kind == "multipart" or content.media_type == own else content.media_type


def _may_be_null(shape: Shape) -> bool:
    return shape == Anything() or Plain("None") in members(shape)


def _body_item(content: Content) -> str:
    if content.kind == "json" and _may_be_null(content.shape):
        return '"content": json_text(body)'  # to httpx, `json=None` means no body
    encodings = ", ".join(f"{quoted(name)}: {quoted(how)}" for name, how in content.encodings.items())
    more = f", {{{encodings}}}" if encodings else ""
    return {
        "json": '"json": plain(body)',
        "form": f'"data": encode_fields(body{more})',
        "multipart": f'"files": encode_form(body{more})',
        "text": '"content": body',
        "binary": '"content": read_bytes(body)',
    }[content.kind]
