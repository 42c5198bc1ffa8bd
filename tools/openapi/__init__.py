"""OpenAPI documents: reading them with the line of every part, and saying what in them is wrong."""

from tools.openapi.document import METHODS, Document, DocumentError, Place, parse, read

__all__ = ["METHODS", "Document", "DocumentError", "Place", "parse", "read"]
