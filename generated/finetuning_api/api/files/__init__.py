"""Endpoints of the tag `files`, one module for each."""
