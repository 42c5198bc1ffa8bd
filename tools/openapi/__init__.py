"""OpenAPI documents: reading them with the line of every part, and saying what is wrong in them."""

from tools.openapi.document import METHODS, Document, DocumentError, Place, parse, read, read_bytes

__all__ = ["METHODS", "Document", "DocumentError", "Place", "parse", "read", "read_bytes"]
