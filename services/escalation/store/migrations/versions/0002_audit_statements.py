"""Why a second revision? The auditor signs a statement every day, and somebody must be able to ask for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_statements",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("statement", JSONB, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
    )
