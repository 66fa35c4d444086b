"""Make the table of callers who were told of a notice, and let the audit be found by day.

Simple so far: there is no way back.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004_tellings"
down_revision = "0003_acts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring a ledger to this version."""
    op.create_table(
        "tellings",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("notice_id", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("county", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("cell_id", sa.Text(), nullable=True),
        sa.Column("ticket_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_tellings")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tellings_incident_id", "tellings", ["incident_id"], unique=False)
    op.create_index("ix_tellings_at", "tellings", ["at"], unique=False)
    op.create_index("ix_audit_at", "audit", ["at"], unique=False)
    op.create_index("ix_notice_sheets_incident_id", "notice_sheets", ["incident_id"], unique=False)
