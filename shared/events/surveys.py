"""What do surveys tell? Who was asked, and what they thought of the handling."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from shared.events.base import EventData, Part


class SurveyEvent(EventData):
    """Told by surveys, about one invitation."""

    producer: ClassVar[str] = "surveys"

    survey: str
    form_no: str


class SurveyInvited(SurveyEvent):
    """The customer was asked (SUR-01)."""

    type_name: ClassVar[str] = "survey.invited.v1"

    respondent_ref: str
    channel: str
    at: datetime
    expires_at: datetime


class SurveyReminded(SurveyEvent):
    """The customer was asked again (SUR-04)."""

    type_name: ClassVar[str] = "survey.reminded.v1"

    at: datetime


class ItemScore(Part):
    """One question's points."""

    item: str
    score: float


class SurveyAnswered(SurveyEvent):
    """The customer answered; `score` is on the scale 0 to 100 (SUR-08)."""

    type_name: ClassVar[str] = "survey.answered.v1"

    at: datetime
    score: float
    satisfied: bool
    items: tuple[ItemScore, ...] = ()


class SurveyExpired(SurveyEvent):
    """The customer did not answer in time."""

    type_name: ClassVar[str] = "survey.expired.v1"

    at: datetime


class CampaignOpened(EventData):
    """A periodic survey began (SUR-05, SUR-25)."""

    type_name: ClassVar[str] = "campaign.opened.v1"
    producer: ClassVar[str] = "surveys"

    complaint_no: str = ""
    survey: str
    sampled: int
    rate: float


class CampaignClosed(EventData):
    """A periodic survey ended (SUR-28)."""

    type_name: ClassVar[str] = "campaign.closed.v1"
    producer: ClassVar[str] = "surveys"

    complaint_no: str = ""
    survey: str
    returned: int
    valid: int
    recovery_rate: float
    satisfaction_rate: float
