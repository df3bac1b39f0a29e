"""The learner's data. The only room that speaks SQL."""
