"""The asynchronous client, written by hand where an operation has a plan of its own.

`methods` has the plain methods, generated from the contract. `_sync` is generated from this package.
"""
