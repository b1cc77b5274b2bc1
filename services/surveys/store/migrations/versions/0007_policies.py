"""Keep what was last in force: the organisation and the profiles that its sites use, sealed.

A restart on files that cannot be read goes on with it, and open work of a site that vanished from the
files is served by what the site was (docs/decisions/0060).
"""

from __future__ import annotations

from alembic import op

from shared.database import kernel_tables

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make `policies`."""
    kernel_tables.create_policies(op)
