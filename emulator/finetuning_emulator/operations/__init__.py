"""The operations of the API without HTTP, one module for each kind of object."""
