"""Methods that are generated from openapi.yaml by `make generate`."""
