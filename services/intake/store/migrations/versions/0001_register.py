"""The register itself: complaints with their history, and the tables that every service has.

Why columns beside the document: lists filter by them, and a complaint is found by its number.

Revision ID: 0001
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, DateTime, Text, text

from shared.database import kernel_tables
from shared.database.documents import document_columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    kernel_tables.create(op)
    op.create_table(
        "complaints",
        *document_columns(),
        Column("complaint_no", Text),
        Column("status", Text),
        Column("kind", Text),
        Column("channel", Text),
        Column("department", Text),
        Column("received_at", DateTime(timezone=True)),
    )
    op.create_index(
        "complaints_wake_at",
        "complaints",
        ["wake_at"],
        postgresql_where=text("wake_at IS NOT NULL"),
    )
    op.create_index("complaints_complaint_no", "complaints", ["complaint_no"], unique=True)
    op.create_index("complaints_site_status", "complaints", ["site", "status", "complaint_id"])
    op.create_index("complaints_department", "complaints", ["department", "complaint_id"])
    op.create_index("complaints_received_at", "complaints", ["received_at"])
