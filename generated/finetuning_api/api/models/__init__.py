"""Endpoints of the tag `models`, one module for each."""
