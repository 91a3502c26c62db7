"""approvals: step-up, reminders, re-routing; keys of messages whose lines are gone"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outbox_key",
        sa.Column("idem_bi", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("idem_bi", name=op.f("pk_outbox_key")),
    )
    op.create_table(
        "step_up",
        sa.Column("slack_id", sa.String(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("layout", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("slack_id", name=op.f("pk_step_up")),
    )
    op.add_column("request", sa.Column("remind_at", sa.BigInteger(), nullable=True))
    op.add_column("request", sa.Column("routing", sa.String(), server_default="", nullable=False))
    # Those that wait already are reminded of like later ones, at three quarters of their time.
    op.execute(
        "UPDATE request SET remind_at = created_at + (expires_at - created_at) / 4 * 3 WHERE state = 'pending'"
    )
    op.create_index(
        op.f("ix_request_remind_at"),
        "request",
        ["remind_at"],
        unique=False,
        sqlite_where=sa.text("remind_at IS NOT NULL"),
        postgresql_where=sa.text("remind_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_request_state_expires_at"), "request", ["state", "expires_at"], unique=False)
    op.create_index(
        op.f("ix_request_state_created_at_id_requester_cursor_ref"),
        "request",
        ["state", "created_at", "id", "requester", "cursor", "ref"],
        unique=False,
    )
    op.drop_index(op.f("ix_request_state"), table_name="request")
    op.create_index(op.f("ix_request_requester_created_at"), "request", ["requester", "created_at"], unique=False)
