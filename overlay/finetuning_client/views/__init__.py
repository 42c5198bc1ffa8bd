"""Views: the API's objects, such as jobs, events and files, in a form that is easy to read.

A value that the server left out, or sent as null or with another type, reads as `None`, or as empty where an
attribute is never `None`. Times are aware datetimes in UTC; `to_dict()` returns what the server sent.
"""

from . import objects
from .job import JobView
from .objects import *  # noqa: F403  those of the contract

__all__ = ["JobView"]
__all__ += objects.__all__
