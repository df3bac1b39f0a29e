"""Decks and snippets: what they are, how they are read and found."""
