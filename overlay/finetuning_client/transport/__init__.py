"""The edge to the network: drivers run plans, by blocking or awaiting, on an HTTP connection pool."""
