"""Generation of the Python package from a contract: schemas become shapes, and shapes become source."""
