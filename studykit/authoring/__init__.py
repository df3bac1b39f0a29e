"""An article becomes a deck, and stays one with it: read, draft, merge."""
