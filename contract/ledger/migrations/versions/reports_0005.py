"""Add the daily reports and what became of sending them.

Simple so far: there is no way back.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005_reports"
down_revision = "0004_tellings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring a ledger to this version."""
    op.create_table(
        "reports",
        sa.Column("report_id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in ("day", "by", "state", "detail")),
        *(sa.Column(name, sa.BigInteger()) for name in ("known_at", "made_at", "tries")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_reports")),
    )
    op.create_index("ix_reports_day", "reports", ["day"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("report_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in ("state", "detail")),
        *(sa.Column(name, sa.BigInteger()) for name in ("tries", "tried_at", "sent_at")),
        sa.PrimaryKeyConstraint("report_id", "channel", name=op.f("pk_deliveries")),
    )
