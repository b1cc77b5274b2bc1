"""Whose row is it? The number of an imported complaint where it comes from names it, whatever its date.

Older releases derived the complaint's id from number and date, so that a corrected date made a second
complaint. What was imported before is entered here: where a number came in twice, the one that was not
merged into another, and of those the first (docs/decisions/0068).

Revision ID: 0004
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text, Uuid

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WHAT_IS_KNOWN = (
    "INSERT INTO origins (site, source, ref, complaint_id) "
    "SELECT DISTINCT ON (1, 2, 3) "
    "site, state->'origin'->>'source', state->'origin'->>'ref', complaint_id FROM complaints "
    "WHERE state->'origin' IS NOT NULL "
    "ORDER BY 1, 2, 3, status = 'merged', (state->>'registered_at')::timestamptz, complaint_id "
    "ON CONFLICT DO NOTHING"
)


def upgrade() -> None:
    """Make the table and enter what is known."""
    op.create_table(
        "origins",
        Column("site", Text, primary_key=True),
        Column("source", Text, primary_key=True),
        Column("ref", Text, primary_key=True),
        Column("complaint_id", Uuid, nullable=False),
    )
    op.execute(WHAT_IS_KNOWN)
