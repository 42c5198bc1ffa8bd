# Generated from _async/methods/__init__.py by `make generate`; do not edit.
"""Methods that need nothing but the contract, generated from openapi.yaml."""
