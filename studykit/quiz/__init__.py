"""Quizzes: papers drawn from a library, answered, and marked. Nothing here touches schedule or log."""
