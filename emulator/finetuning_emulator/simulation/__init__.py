"""Simulated training: what a job does, measures and outputs, computed from its request and its files."""
