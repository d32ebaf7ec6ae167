"""Run by Alembic for each migration: on the connection, and within the transaction, that `migrate` has begun."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
