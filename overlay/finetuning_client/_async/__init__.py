"""The asynchronous client, written by hand where an operation has a plan of its own.

The modules `methods_of_*` have the plain methods, and `resources_of_client` has the client's attributes; they
are generated from the contract. `_sync` is generated from this package.
"""
