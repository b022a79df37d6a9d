"""What Alembic runs: the steps, on the connection that it was handed."""

from alembic import context

from bottega.library.tables import Table

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Table.metadata, render_as_batch=True
)
context.run_migrations()
