"""Endpoints of the tag `uploads`, a module each."""
