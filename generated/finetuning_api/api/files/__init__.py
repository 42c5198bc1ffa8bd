"""Endpoints of the tag `files`, a module each."""
