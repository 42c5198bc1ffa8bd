"""Endpoints of the tag `graders`, one module for each."""
