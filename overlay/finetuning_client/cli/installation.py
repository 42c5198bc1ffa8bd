"""How to install the packages that the command needs."""

INSTALL = 'pip install "finetuning-client[cli]"'
"""The command line that installs them."""
