# Generated from _async/__init__.py by `make generate`; do not edit.
"""The asynchronous client: hand-written where an operation has its own plan.

`methods` has the plain methods, generated from the contract. `_sync` is generated from this package.
"""
