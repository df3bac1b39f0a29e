"""How Alembic reaches the database: by the connection that `studykit.store.schema` hands over.

The caller has begun the transaction and ends it; all revisions of one upgrade happen within it.
"""

from alembic import context

from studykit.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
