"""Why a third revision? What one replica has learned about breaches, every replica shows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forecasts",
        sa.Column("made_at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("learned", JSONB, nullable=False),
    )
