# Generated from _async/methods/__init__.py by `make generate`; do not edit.
"""Methods that are generated from openapi.yaml by `make generate`."""
