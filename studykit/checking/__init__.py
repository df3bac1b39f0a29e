"""What `studykit check` says about a library: one rule per function."""
