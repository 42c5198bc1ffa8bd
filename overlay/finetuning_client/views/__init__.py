"""Views: the API's objects, such as jobs, events and files, in a form easy to read."""

from .job import JobView as JobView
from .objects import *  # noqa: F403  those of the contract
