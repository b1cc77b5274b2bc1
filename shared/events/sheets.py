"""What does routing tell of the reports of corrective action? That the customer got one, and the verdict."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from shared.events.routing import RoutingEvent


class SheetSent(RoutingEvent):
    """The customer's version of the report of corrective action was sent (CAP-02, INF-12)."""

    type_name: ClassVar[str] = "sheet.sent.v1"

    at: datetime
    by: str
    sheet: int
    attempt: int


class SheetJudged(RoutingEvent):
    """The customer said what they think of the measures; not satisfied: it goes back (CAP-02, CAP-07)."""

    type_name: ClassVar[str] = "sheet.judged.v1"

    at: datetime
    sheet: int
    attempt: int
    by: str = "customer"
    satisfied: bool
    sealed: str | None = None
