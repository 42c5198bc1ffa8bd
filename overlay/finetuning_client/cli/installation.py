"""Command line that installs the packages of the command `finetuning`."""

INSTALL = 'pip install "finetuning-client[cli]"'
"""The command line to show to users."""
