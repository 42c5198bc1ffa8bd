"""Endpoints of the tag `fine_tuning`, one module for each."""
