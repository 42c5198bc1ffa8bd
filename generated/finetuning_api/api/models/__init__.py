"""Endpoints of the tag `models`, a module each."""
