"""The names that parts of the contract get in Python.

They are those of openapi-python-client, without the underscores that nothing needs.
"""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Callable, Sequence

from openapi_python_client.strings import ClassName, PythonIdentifier, pascal_case, snake_case

__all__ = [
    "RESERVED_TAGS",
    "class_name",
    "field_name",
    "member_names",
    "module_name",
    "parameter_names",
    "pascal_case",
]

_PREFIX = "field_"

# Names that annotations and method bodies of generated models use.
_IN_MODELS = frozenset(
    "self cls true false models datetime UUID str int float bool list dict tuple classmethod property".split()
)
# Names of the base class of the models.
_OF_MODELS = frozenset("from_dict from_dicts to_dict additional_properties additional_keys".split())
# Names that generated endpoint modules use.
_IN_ENDPOINTS = _IN_MODELS | frozenset(
    """body bytes client content_type v value warn response request chosen status media_type build_request
    parse_response plain documented choose_content choose_media encode_path encode_query encode_headers
    encode_cookies encode_form encode_fields json_text read_bytes read_file read_json read_object read_string
    send send_async sync sync_detailed asyncio asyncio_detailed""".split()
)


# Names that `api/__init__.py` uses, and that a package for a tag of that name would replace.
RESERVED_TAGS = frozenset(
    """annotations choose_content choose_media documented encode_cookies encode_fields encode_form
    encode_headers encode_path encode_query json json_text msgspec plain quote read_bytes read_file
    read_json read_object read_string send send_async""".split()
)


def class_name(name: str) -> str:
    """Return the name of the class of a component or an inline schema."""
    return _settled(ClassName, name)


def module_name(name: str) -> str:
    """Return the name of the module of a class, an operation or a tag."""
    return _settled(PythonIdentifier, name)


def field_name(name: str) -> str:
    """Return the name of a model's attribute for a field of an object."""
    return _bare(name, _IN_MODELS, _OF_MODELS)


def parameter_names(parameters: Sequence[tuple[str, str]]) -> list[str]:
    """Return the names of a function's arguments for the parameters of an operation.

    Parameters of the same name are distinguished by their location, as the generator does.

    Args:
        parameters: the place and the name of each.
    """
    names = [_bare(name, _IN_ENDPOINTS, frozenset()) for _, name in parameters]
    return [
        f"{name.rstrip('_')}_{where}" if names.count(name) > 1 else name
        for name, (where, _) in zip(names, parameters, strict=True)
    ]


def _settled(make: Callable[[str, str], str], name: str) -> str:
    """Apply one of the generator's functions until the name stays, since the generator applies it again.

    To Python, names with the same NFKC normal form are one name.
    """
    found = unicodedata.normalize("NFKC", make(unicodedata.normalize("NFKC", name), _PREFIX))
    return found if found == name else _settled(make, found)


def _bare(name: str, used: frozenset[str], taken: frozenset[str]) -> str:
    # The generator appends "_" to every builtin, although a field called `type` or `id` does no harm.
    given = _settled(PythonIdentifier, name)
    bare = given.removesuffix("_")
    if bare in used or bare in taken or keyword.iskeyword(bare):
        return f"{bare}_"
    return bare if bare.isidentifier() else given


def member_names(values: list[str | int], given: list[str] | None) -> list[str]:
    """Return the names of an enum's members, from its `x-enum-varnames` when it has them."""
    return [_member(index, value, given[index] if given else None) for index, value in enumerate(values)]


def _member(index: int, value: str | int, given: str | None) -> str:
    if given is None and isinstance(value, int):
        return f"VALUE_{'NEGATIVE_' if value < 0 else ''}{abs(value)}"
    text = given or (str(value) if str(value)[:1].isalpha() else f"VALUE_{index}")
    name = unicodedata.normalize("NFKC", snake_case(text.upper()).upper())
    return name if name.isidentifier() else f"VALUE_{index}"
