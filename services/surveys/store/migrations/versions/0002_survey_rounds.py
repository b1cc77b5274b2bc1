"""Why a second revision? Rounds of surveys keep the moments that their limits count from (SLA-18)."""

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
        "survey_rounds",
        sa.Column("round_id", sa.Uuid, primary_key=True),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("survey", sa.Text, nullable=False),
        sa.Column("moments", JSONB, nullable=False),
    )
