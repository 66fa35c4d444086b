"""Keep how incidents stand, their alarms and what speaks for and against them.

Simple so far: they are filled by the next step.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006_incidents"
down_revision = "0005_reports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring a ledger to this version."""
    op.create_table(
        "incident_states",
        sa.Column("incident_id", sa.Text(), nullable=False),
        *[sa.Column(n, sa.Text()) for n in ("state", "first_sign", "merged_into", "split_from")],
        *[sa.Column(n, sa.Float()) for n in ("impact", "recurs_days")],
        *[sa.Column(n, sa.BigInteger()) for n in ("frozen_at", "due_at")],
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_incident_states")),
    )
    op.create_table(
        "incident_alarms",
        sa.Column("alarm_id", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Text()),
        sa.PrimaryKeyConstraint("alarm_id", name=op.f("pk_incident_alarms")),
    )
    op.create_index("ix_incident_alarms_incident_id", "incident_alarms", ["incident_id"])
    op.create_table(
        "incident_evidence",
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("content", sa.Text()),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_incident_evidence")),
    )
