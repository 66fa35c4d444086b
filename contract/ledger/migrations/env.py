"""Run the migrations on the connection that `contract.ledger.store` hands over.

Simple so far: always on a connection; scripts of SQL are not written.
"""

from alembic import context

from contract.ledger.schema import METADATA


def migrate() -> None:
    """Bring the database of the connection to this version."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=METADATA,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


# Alembic runs this module within a context; whoever only imports it has none.
if hasattr(context, "config"):
    migrate()
