"""The run of openapi-python-client: its parser on the contract, our templates, and its post-hooks.

Whatever it only warns of is an error here, told with the line of the contract where that is known.
"""

from __future__ import annotations

import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.schema import OpenAPI, UntrustedString
from openapi_python_client.strings import PythonIdentifier
from pydantic import ValidationError

from tools.contract import Contract, ContractError, Place

__all__ = ["make_package"]


def make_package(contract: Contract, destination: Path, config_file: Path, templates: Path) -> None:
    """Make the package's modules in a directory that does not exist yet."""
    config = Config.from_sources(
        ConfigFile.load_from_path(config_file),
        MetaType.NONE,
        contract.path,
        "utf-8",
        overwrite=False,
        output_path=destination,
    )
    parsed = _parsed(contract, config)
    project = Project(openapi=parsed, config=config, custom_template_path=templates)
    # Properties hold copies of models, some made before these were complete.
    project.env.globals["models"] = {model.class_info.name: model for model in parsed.models}
    # Maps get no class: where they are used, the templates write dict[str, ...].
    parsed.models = [model for model in parsed.models if model.data.properties or model.data.allOf]
    with redirect_stdout(io.StringIO()):
        errors = project.build()
    if errors:
        raise ContractError("\n".join(_explain(contract, error) for error in errors))


def _parsed(contract: Contract, config: Config) -> GeneratorData:
    document: dict[str, Any] = json.loads(json.dumps(contract.data, default=str))
    try:
        OpenAPI.model_validate(document)
    except ValidationError as error:
        lines = [contract.say(problem["loc"], problem["msg"]) for problem in error.errors()]
        raise ContractError("\n".join(lines)) from None
    parsed = GeneratorData.from_dict(document, config=config)
    if isinstance(parsed, GeneratorError):
        raise ContractError(_explain(contract, parsed))
    _describe_parameters(contract, parsed, config)
    return parsed


def _describe_parameters(contract: Contract, parsed: GeneratorData, config: Config) -> None:
    """Give parameters their own descriptions: the generator takes those of their schemas."""
    told: dict[tuple[str, str], str] = {}
    for place, operation in contract.operations():
        module = PythonIdentifier(operation["operationId"], config.field_prefix)
        for _, parameter in contract.parameters(place):
            if "description" in parameter:
                told[module, parameter["name"]] = parameter["description"]
    for collection in parsed.endpoint_collections_by_tag.values():
        for endpoint in collection.endpoints:
            for prop in endpoint.path_parameters + endpoint.query_parameters:
                text = told.get((endpoint.name, prop.name.get_untrusted_value()))
                if text is not None:
                    prop.description = UntrustedString(text)


def _explain(contract: Contract, error: GeneratorError) -> str:
    """An error of the generator, with the line of the part of the contract that it names, if any."""
    text = " ".join(part.strip() for part in (error.header, error.detail) if part)
    place: Place = ()
    if component := re.search(r"/components/(\w+)/([\w.-]+)", text):
        place = ("components", component[1], component[2])
    if operation := re.search(r"\b([A-Z]+) (/\S*) within", text):
        place = ("paths", operation[2], operation[1].lower())
    return contract.say(place, text) if place else text
