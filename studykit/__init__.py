"""Spaced repetition for people who read articles, backed by code that runs."""

__version__ = "0.1.0"
