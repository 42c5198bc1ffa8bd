"""The maintainers' own programs, run from the root of the checkout; nothing here is shipped."""
