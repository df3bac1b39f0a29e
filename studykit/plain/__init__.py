"""The review as lines of text, for screen readers, pipes and terminals without cursor control."""
