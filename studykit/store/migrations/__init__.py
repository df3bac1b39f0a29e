"""How the tables came to be: Alembic revisions, run by `studykit.store.schema`."""
