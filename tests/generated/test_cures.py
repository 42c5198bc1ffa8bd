"""Defects of the generator's stock output that our templates do not have.

Each check runs on the same small contract, generated with our templates, where it passes, and with
the stock ones, where it must fail with the stated error.
"""

import copy
import importlib
import io
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

Check = Callable[[ModuleType], None]
CURES: list[Any] = []


def stock_fails_by(error: type[BaseException]) -> Callable[[Check], Check]:
    """Register a check, with the error that it raises on stock output."""

    def register(check: Check) -> Check:
        CURES.append(pytest.param(check, error, id=check.__name__))
        return check

    return register


@pytest.mark.parametrize(("check", "error"), CURES)
def test_our_output_passes_where_stock_output_fails(check: Check, error: type[BaseException], ours: ModuleType, stock: ModuleType) -> None:
    """A check passes on our output, and fails on stock output."""
    check(ours)
    with pytest.raises(error):
        check(stock)


def read(api: ModuleType, name: str, data: Any) -> Any:
    model = getattr(importlib.import_module(f"{api.__name__}.models"), name)
    return model.from_dict(data)


def module(api: ModuleType, name: str) -> Any:
    return importlib.import_module(f"{api.__name__}.{name}")


def animal(api: ModuleType, **fields: Any) -> Any:
    return read(api, "Animal", {"id": "a", "object": "animal", **fields})


class Server:
    """Sends the same response to every request, and records the requests."""

    def __init__(self, api: ModuleType, status: int = 200, **response: Any) -> None:
        self.requests: list[httpx.Request] = []
        self.response = status, response or {"json": {"id": "a", "object": "animal", "data": []}}
        arguments = {"transport": httpx.MockTransport(self.handle)}
        client = module(api, "client").AuthenticatedClient
        self.client = client(base_url="https://zoo.example/v1", token="t", httpx_args=arguments)

    def handle(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        return httpx.Response(self.response[0], **self.response[1])

    @property
    def url(self) -> str:
        return str(self.requests[-1].url)

    @property
    def content(self) -> str:
        return self.requests[-1].content.decode()


def in_new_interpreter(api: ModuleType, program: str) -> str:
    assert api.__file__ is not None
    parent = Path(api.__file__).parent.parent
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(parent)!r}); {program}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@stock_fails_by(ValueError)
def unknown_enum_value_is_kept(api: ModuleType) -> None:
    mood = animal(api, mood="hungry").mood
    assert mood == "hungry"
    assert type(mood) is type(animal(api, mood="calm").mood)
    assert hash(mood) == hash("hungry")
    assert mood == copy.deepcopy(mood) == pickle.loads(pickle.dumps(mood))
    assert not mood.is_known
    assert set(type(mood).__members__) == {"CALM", "ANGRY"}


@stock_fails_by(ValueError)
def const_in_a_union_admits_the_other_member(api: ModuleType) -> None:
    assert animal(api, weight=7).weight == 7


@stock_fails_by(ValueError)
def const_that_differs_is_kept(api: ModuleType) -> None:
    assert animal(api, object="beast").to_dict()["object"] == "beast"


@stock_fails_by(ValueError)
def union_is_chosen_by_type(api: ModuleType) -> None:
    home = animal(api, home={"type": "pond"}).home
    assert type(home).__name__ == "Pond"
    # Stock tries one member after another, and raises the error of the last one.
    assert animal(api, home={"type": "nest", "bars": 2}).home == {"type": "nest", "bars": 2}


@stock_fails_by(KeyError)
def missing_required_field_is_unset(api: ModuleType) -> None:
    assert read(api, "Animal", {"object": "animal"}).id is module(api, "types").UNSET


@stock_fails_by(Exception)
def value_of_another_type_is_kept(api: ModuleType) -> None:
    odd: dict[str, Any] = {
        "id": 5,
        "object": None,
        "mood": 3,
        "home": [],
        "children": "none",
        "labels": 1,
        "born": True,
    }
    assert read(api, "Animal", odd).to_dict() == odd


@stock_fails_by(AttributeError)
def reading_another_type_is_one_documented_error(api: ModuleType) -> None:
    with pytest.raises(module(api, "errors").NotAMapping):
        read(api, "Animal", "animal")


@stock_fails_by(AssertionError)
def date_is_written_as_it_was_read(api: ModuleType) -> None:
    for born in ("2024-02-29", "20240229", "2024-W09-4"):
        assert animal(api, born=born).to_dict()["born"] == born


@stock_fails_by(pytest.fail.Exception)
def undocumented_status_is_an_error(api: ModuleType) -> None:
    server = Server(api, status=302)
    with pytest.raises(module(api, "errors").UnexpectedStatus) as raised:
        module(api, "api.animals.list_animals").sync(client=server.client)
    assert raised.value.status_code == 302


@stock_fails_by(ValueError)
def unregistered_status_is_read(api: ModuleType) -> None:
    server = Server(api, status=529, json={"message": "full"})
    response = module(api, "api.animals.list_animals").sync_detailed(client=server.client)
    assert (response.status_code, response.parsed.message) == (529, "full")


@stock_fails_by(ValueError)
def unreadable_body_is_one_documented_error(api: ModuleType) -> None:
    server = Server(api, content=b"<html>")
    try:
        module(api, "api.animals.list_animals").sync(client=server.client)
    except Exception as error:
        if type(error).__name__ != "InvalidBody":
            raise


@stock_fails_by(AssertionError)
def map_parameter_is_written_in_brackets(api: ModuleType) -> None:
    server = Server(api)
    labels: Any = {"a b": "1&2"}
    if hasattr(module(api, "models"), "Labels"):
        labels = read(api, "Labels", labels)
    module(api, "api.animals.list_animals").sync(client=server.client, labels=labels)
    assert ("labels[a b]", "1&2") in server.requests[-1].url.params.multi_items()


@stock_fails_by(AssertionError)
def null_for_a_map_parameter_is_written(api: ModuleType) -> None:
    server = Server(api)
    module(api, "api.animals.list_animals").sync(client=server.client, labels=None)
    assert "labels=null" in server.url


@stock_fails_by(AssertionError)
def default_is_not_sent(api: ModuleType) -> None:
    server = Server(api)
    module(api, "api.animals.list_animals").sync(client=server.client)
    assert server.url == "https://zoo.example/v1/animals"


@stock_fails_by(pytest.fail.Exception)
def identifier_that_leads_elsewhere_is_refused(api: ModuleType) -> None:
    server = Server(api)
    for identifier in ("", ".", ".."):
        with pytest.raises(ValueError, match="animal_id"):
            module(api, "api.animals.retrieve_animal").sync(identifier, client=server.client)
    assert not server.requests


@stock_fails_by(AssertionError)
def multipart_boundary_is_drawn(api: ModuleType) -> None:
    server = Server(api)
    types = module(api, "types")
    for _ in range(2):
        file = types.File(payload=io.BytesIO(b"..."), file_name="a.png")
        body = module(api, "models").Picture(file=file)
        module(api, "api.pictures.add_picture").sync(client=server.client, body=body)
    first, second = (request.headers["content-type"] for request in server.requests)
    assert first != second


@stock_fails_by(AssertionError)
def nested_object_in_a_form_gets_bracketed_names(api: ModuleType) -> None:
    server = Server(api)
    models = module(api, "models")
    file = module(api, "types").File(payload=io.BytesIO(b"..."), file_name="a.png")
    body = models.Picture(file=file, frame=models.Frame(colour="red", width=3))
    module(api, "api.pictures.add_picture").sync(client=server.client, body=body)
    assert 'name="frame[colour]"\r\n\r\nred\r\n' in server.content
    assert 'name="frame[width]"\r\n\r\n3\r\n' in server.content


@stock_fails_by(AssertionError)
def unset_is_a_singleton(api: ModuleType) -> None:
    unset = module(api, "types").UNSET
    assert pickle.loads(pickle.dumps(unset)) is copy.copy(unset) is copy.deepcopy(unset) is unset
    assert repr(unset) == "UNSET"


@stock_fails_by(AssertionError)
def map_is_a_dict(api: ModuleType) -> None:
    assert animal(api, labels={"a": "b"}).labels == {"a": "b"}
    homes = animal(api, homes={"x": {"type": "cage"}}).homes
    assert type(homes) is dict
    assert type(homes["x"]).__name__ == "Cage"


@stock_fails_by(AttributeError)
def field_has_its_own_name_where_legal(api: ModuleType) -> None:
    read_animal = animal(api, type="cat", **{"class": "mammal", "str": "s"})
    assert (read_animal.class_, read_animal.str_) == ("mammal", "s")
    assert (read_animal.object, read_animal.type) == ("animal", "cat")


@stock_fails_by(TypeError)
def constant_need_not_be_passed(api: ModuleType) -> None:
    assert module(api, "models").Cage().to_dict() == {"type": "cage"}


@stock_fails_by(AssertionError)
def models_are_loaded_on_first_use(api: ModuleType) -> None:
    program = f"import {api.__name__}.models.refusal; print('{api.__name__}.models.animal' in sys.modules)"
    assert in_new_interpreter(api, program) == "False"


@stock_fails_by(AssertionError)
def endpoint_loads_no_httpx(api: ModuleType) -> None:
    program = f"import {api.__name__}.api.animals.list_animals; print('httpx' in sys.modules)"
    assert in_new_interpreter(api, program) == "False"


@stock_fails_by(AssertionError)
def package_is_marked_as_typed(api: ModuleType) -> None:
    assert (Path(api.__path__[0]) / "py.typed").is_file()


@stock_fails_by(AssertionError)
def derived_client_leaves_the_first_one_alone(api: ModuleType) -> None:
    server = Server(api)
    first = server.client.get_httpx_client()
    server.client.with_headers({"x-zoo": "1"})
    assert "x-zoo" not in first.headers


@stock_fails_by(AssertionError)
def token_is_not_shown(api: ModuleType) -> None:
    client = module(api, "client").AuthenticatedClient(base_url="https://zoo.example", token="secret")
    client.get_httpx_client()
    assert "secret" not in repr(client)
