"""OpenAPI documents, read with the line of every part, and the messages about errors in them."""

from tools.openapi.document import METHODS, Document, DocumentError, Place, parse, read, read_bytes

__all__ = ["METHODS", "Document", "DocumentError", "Place", "parse", "read", "read_bytes"]
