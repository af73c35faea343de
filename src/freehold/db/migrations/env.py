"""What Alembic runs for every command; the connection and the tables come from `freehold.db.migrate`."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes.get("metadata"),
    transaction_per_migration=True,
    # SQLite can roll back DDL once the driver leaves transactions to us; Alembic assumes that it does not
    transactional_ddl=True,
    compare_server_default=True,
    **context.config.attributes.get("options", {}),
)
with context.begin_transaction():
    context.run_migrations()
