"""Endpoints of the tag `fine_tuning`, a module each."""
