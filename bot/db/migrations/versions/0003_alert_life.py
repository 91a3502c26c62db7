"""backup owners, attestation, suppressed findings, rhythms, settled alerts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.add_column(sa.Column("settled_at", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("ownership", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rank", sa.String(), nullable=False, server_default="owner"))
        batch_op.add_column(sa.Column("attested_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("asked_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "suppression",
        sa.Column("finding_id", sa.String(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("layout", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["finding_id"], ["finding.id"], name=op.f("fk_suppression_finding_id_finding")),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_suppression")),
    )
    op.create_table(
        "rhythm",
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("layout", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_rhythm_item_id_item")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_rhythm")),
    )
