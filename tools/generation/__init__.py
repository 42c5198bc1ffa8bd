"""From a contract to the Python package that it gives: schemas to shapes, and shapes to source."""
