"""What a test controls: the clock, the scenarios of jobs, and the faults of requests."""
