"""Which columns has the table of clock sheets? The sheet, and projections that lists and figures need."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, MetaData, Table, Text, Uuid, func
from sqlalchemy.dialects.postgresql import ARRAY

from services.escalation.domain.sheet import ClockSheet
from shared.database.documents import DocumentStore, document_table

metadata = MetaData()

sheets = document_table(
    "sheets",
    metadata,
    Column("complaint_no", Text),
    Column("department", Text),
    Column("is_open", Boolean),
    Column("earliest_due", DateTime(timezone=True)),
    Column("running", ARRAY(Text)),
    Column("escalation_ids", ARRAY(Uuid)),
    Column("open_levels", ARRAY(Integer)),
)
_c = sheets.c
# What breaches next, and how much runs, without reading a sheet of those that have ended.
Index("sheets_running", _c.site, _c.department, _c.earliest_due, postgresql_where=_c.earliest_due.isnot(None))
# A link in a mail names the alarm, not the complaint.
Index("sheets_escalation_ids", _c.escalation_ids, postgresql_using="gin")
Index("sheets_alarmed", _c.complaint_id, postgresql_where=func.cardinality(_c.escalation_ids) > 0)
Index("sheets_waiting", _c.site, _c.complaint_id, postgresql_where=func.cardinality(_c.open_levels) > 0)

outcomes = Table(
    "clock_outcomes",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("complaint_id", Uuid, nullable=False),
    Column("site", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("clock", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("history", Boolean, nullable=False),
    Column("ended_at", DateTime(timezone=True), nullable=False),
    Column("counted_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
Index("clock_outcomes_counted_at", outcomes.c.counted_at)
Index("clock_outcomes_ended_at", outcomes.c.site, outcomes.c.ended_at)

STORE: DocumentStore[ClockSheet] = DocumentStore(
    sheets,
    ClockSheet,
    {
        "complaint_no": lambda sheet: sheet.complaint_no,
        "department": lambda sheet: sheet.department,
        "is_open": lambda sheet: any(clock.is_open for clock in sheet.clocks),
        "earliest_due": lambda sheet: min((clock.due_at for clock in sheet.awaited), default=None),
        "running": lambda sheet: [clock.name for clock in sheet.awaited],
        "escalation_ids": lambda sheet: [escalation.id for escalation in sheet.escalations],
        "open_levels": lambda sheet: [one.level for one in sheet.escalations if one.is_open],
    },
)
