"""The routes, one module for each resource: each handler reads a request, runs one operation, responds."""
