"""From a contract to the Python package that it gives: schemas to shapes, shapes to source, by openapi-python-client."""
