"""Quizzes: papers drawn from a library, answered, and marked. Nothing here touches schedule or log."""

DEFAULT_COUNT = 10
"""Questions of a paper, unless another number is wanted."""
