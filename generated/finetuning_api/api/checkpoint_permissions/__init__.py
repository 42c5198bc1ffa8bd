"""Endpoints of the tag `checkpoint_permissions`, a module each."""
