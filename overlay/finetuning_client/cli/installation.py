"""Command lines that install the packages of the command `finetuning`, as users are shown them.

The quotes are those that every shell accepts.
"""

INSTALL_CLI = 'pip install "finetuning-client[cli]"'
INSTALL_EMULATOR = 'pip install "finetuning-client[emulator]"'
