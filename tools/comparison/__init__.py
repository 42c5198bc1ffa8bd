"""OpenAPI documents as what they mean on the wire: read, brought to one form, compared, judged."""
