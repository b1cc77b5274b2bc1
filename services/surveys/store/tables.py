"""Which columns has the table of invitations? The state, and projections of the current form."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, Float, Index, Integer, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.surveys.domain.invitation import Answer, Invitation
from shared.database.documents import DocumentStore, document_table

metadata = MetaData()

invitations = document_table(
    "invitations",
    metadata,
    Column("complaint_no", Text),
    Column("status", Text),
    Column("survey", Text),
    Column("form_no", Text),
    Column("invited_at", DateTime(timezone=True)),
    Column("grade", Text),
    Column("score", Float),
    Column("satisfied", Boolean),
    Column("earlier_forms", Integer),
    Column("department", Text),
)
_c = invitations.c
Index("invitations_listed", _c.status, _c.complaint_id)
# Holds all that the results ask for, so that the figures are counted without reading the documents.
Index(
    "invitations_counted",
    _c.site,
    _c.survey,
    _c.status,
    _c.grade,
    _c.score,
    _c.satisfied,
    _c.invited_at,
    postgresql_where=_c.invited_at.isnot(None),
)
Index("invitations_asked_before", _c.site, postgresql_where=_c.earlier_forms > 0)


rounds = Table(
    "survey_rounds",
    metadata,
    Column("round_id", Uuid, primary_key=True),
    Column("site", Text, nullable=False),
    Column("survey", Text, nullable=False),
    Column("moments", JSONB, nullable=False),
)


def _answer(state: Invitation) -> Answer | None:
    return state.form.answer if state.form else None


STORE: DocumentStore[Invitation] = DocumentStore(
    invitations,
    Invitation,
    {
        "complaint_no": lambda state: state.complaint_no,
        "status": lambda state: state.status.value,
        "survey": lambda state: state.form.survey if state.form else None,
        "form_no": lambda state: state.form.form_no if state.form else None,
        "invited_at": lambda state: state.form.invited_at if state.form else None,
        "grade": lambda state: answer.grade if (answer := _answer(state)) else None,
        "score": lambda state: answer.score if (answer := _answer(state)) else None,
        "satisfied": lambda state: answer.satisfied if (answer := _answer(state)) else None,
        "earlier_forms": lambda state: len(state.earlier),
        "department": lambda state: state.department,
    },
)
