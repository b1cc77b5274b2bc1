"""Keep documents of up to four kilobytes in their rows as they are.

PostgreSQL begins to compress a row of two kilobytes, which is what a complaint has on the day it comes in:
a third of what writing it cost (benchmarks/README.md). Rows that are there change when they are written.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Raise the size at which rows of `complaints` are compressed."""
    op.execute("ALTER TABLE complaints SET (toast_tuple_target = 4080)")
