"""Whose complaint is it that a customer is asked about? Lists and figures are cut by department as well.

What was closed before has none, and is seen by whoever may see all departments.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the department to `invitations`."""
    op.add_column("invitations", sa.Column("department", sa.Text))
