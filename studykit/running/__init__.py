"""Foreign code: where it runs, what it may do, and what its outcome says."""
