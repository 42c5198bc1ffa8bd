"""The version of the distribution, defined here and nowhere else."""

__version__ = "0.2.0"
