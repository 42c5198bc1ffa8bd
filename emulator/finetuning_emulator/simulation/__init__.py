"""Simulated training: the course, metrics and results of a job, computed from its request and its files."""
