"""Controls for tests: the clock, the scenarios of jobs, and the faults of requests."""
