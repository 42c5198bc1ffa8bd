"""Methods that need nothing but the contract, generated from openapi.yaml."""
