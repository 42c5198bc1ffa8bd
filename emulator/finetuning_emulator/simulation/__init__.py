"""Simulated training: what a job does, measures and writes, computed from its request and its files."""
