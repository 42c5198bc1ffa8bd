"""Endpoints of the tag `uploads`, one module for each."""
