"""One revision per file, named after what it does."""
