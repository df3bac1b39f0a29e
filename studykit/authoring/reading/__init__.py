"""The pieces of reading: one kind of mess each. `studykit.authoring.article` puts them together."""
