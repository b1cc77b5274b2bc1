"""Why does the first revision exist? Invitations, and the tables that every service has."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.database import kernel_tables
from shared.database.documents import document_columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    kernel_tables.create(op)
    op.create_table(
        "invitations",
        *document_columns(),
        sa.Column("complaint_no", sa.Text),
        sa.Column("status", sa.Text),
        sa.Column("survey", sa.Text),
        sa.Column("form_no", sa.Text),
        sa.Column("invited_at", sa.DateTime(timezone=True)),
        sa.Column("grade", sa.Text),
        sa.Column("score", sa.Float),
        sa.Column("satisfied", sa.Boolean),
        sa.Column("earlier_forms", sa.Integer),
    )
    _index("invitations_wake_at", ["wake_at"], "wake_at IS NOT NULL")
    _index("invitations_listed", ["status", "complaint_id"])
    _index(
        "invitations_counted",
        ["site", "survey", "status", "grade", "score", "satisfied", "invited_at"],
        "invited_at IS NOT NULL",
    )
    _index("invitations_asked_before", ["site"], "earlier_forms > 0")


def _index(name: str, columns: list[str], where: str | None = None) -> None:
    condition = sa.text(where) if where else None
    op.create_index(name, "invitations", columns, postgresql_where=condition)
