"""Endpoints of the tag `checkpoint_permissions`, one module for each."""
