"""The commands of `finetuning`: one module for each group, and for each of its larger commands."""
