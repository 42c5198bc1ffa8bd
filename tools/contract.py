"""The former names of the reader of OpenAPI documents."""

from tools.openapi import METHODS, DocumentError, Place
from tools.openapi import Document as Contract

__all__ = ["METHODS", "Contract", "ContractError", "Place"]

ContractError = DocumentError
