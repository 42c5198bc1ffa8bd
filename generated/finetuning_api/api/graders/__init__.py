"""Endpoints of the tag `graders`, a module each."""
