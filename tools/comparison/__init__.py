"""Comparison of OpenAPI documents by their meaning on the wire: read, normalised, compared, judged."""
