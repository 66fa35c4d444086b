"""Give acts an id of their sender's, and a place for what the step made of them.

Simple so far: acts of a ledger that had none keep no id.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003_acts"
down_revision = "0002_sessions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring a ledger to this version."""
    op.add_column("acts", sa.Column("act_id", sa.Text(), nullable=True))
    op.create_index("ix_acts_act_id", "acts", ["act_id"], unique=True)
    op.create_table(
        "act_outcomes",
        sa.Column("act_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("act_id", name=op.f("pk_act_outcomes")),
    )
