"""What is asked about one complaint, of whom, and how often has it been asked?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.surveys.domain.lifecycle import Status, Step, step

DECLINED, WITHDRAWN, MERGED = "declined", "withdrawn", "merged"
"""Reasons not to ask that lie in how the complaint ended, not in policy."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the customer chose; the points as policy stored them at that moment (edge case 29)."""

    grade: str
    score: float
    satisfied: bool
    at: datetime
    policy_version: str
    comment_sealed: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """One numbered form; every number issued stays accounted for (SUR-20, edge case 28)."""

    form_no: str
    survey: str
    policy_version: str
    invited_at: datetime
    expires_at: datetime
    remind_at: datetime | None = None
    reminded_at: datetime | None = None
    status: Status = Status.INVITED
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """One complaint's share in surveys: the form that counts now, and those before a reopening."""

    complaint_id: UUID
    complaint_no: str
    site: str
    kind: str
    language: str
    customer_ref: str
    sealed: str | None = None
    history: bool = False
    not_asked_because: str | None = None
    closed_at: datetime | None = None
    """The latest closing that was taken into account."""
    reopened_at: datetime | None = None
    form: Form | None = None
    earlier: tuple[Form, ...] = ()
    department: str | None = None
    """Who had the complaint when it was closed; None: it is not closed yet, or nobody said."""
    accused: tuple[str, ...] = ()
    """Persons complained about, as the register says."""
    set_aside: tuple[str, ...] = ()
    """Who took no part in the handling, as routing says."""

    @property
    def status(self) -> Status:
        """Where it stands."""
        if self.form is not None:
            return self.form.status
        return Status.NOT_ASKED if self.not_asked_because else Status.WAITING

    def status_at(self, now: datetime) -> Status:
        """Where it stands by the clock: the timer may be late, the expiry date is not."""
        late = self.form is not None and now >= self.form.expires_at
        return Status.EXPIRED if late and self.status is Status.INVITED else self.status

    @property
    def was_ended(self) -> bool:
        """Whether the complaint ended without being handled, as far as is known."""
        return self.not_asked_because in (DECLINED, WITHDRAWN, MERGED)

    @property
    def round(self) -> int:
        """How many forms have been issued."""
        return len(self.earlier) + (self.form is not None)

    @property
    def wake_at(self) -> datetime | None:
        """When to remind or to expire; None while nobody is waited for."""
        form = self.form
        if form is None or form.status is not Status.INVITED:
            return None
        if form.remind_at is None or form.reminded_at is not None:
            return form.expires_at
        return min(form.remind_at, form.expires_at)

    def has_seen_closing(self, closed_at: datetime) -> bool:
        """Whether this closing is old news: seen already, or undone by a later reopening."""
        return any(m is not None and closed_at <= m for m in (self.closed_at, self.reopened_at))


def next_form_no(invitation: Invitation) -> str:
    """Number of the next form: the complaint's own and the round, e.g. `...-S1` (SUR-20)."""
    return f"{invitation.complaint_no}-S{invitation.round + 1}"


def invite(invitation: Invitation, form: Form) -> Invitation:
    """The customer is asked with this form."""
    step(invitation.status, Step.INVITE)
    return replace(invitation, form=form)


def skip(invitation: Invitation, because: str) -> Invitation:
    """Nobody is asked, and why. Raises Conflict where somebody has been asked already."""
    step(invitation.status, Step.SKIP)
    return replace(invitation, not_asked_because=because)


def remind(invitation: Invitation, now: datetime) -> Invitation:
    """Asked a second time (SUR-04)."""
    return _change(invitation, Step.REMIND, reminded_at=now)


def expire(invitation: Invitation) -> Invitation:
    """No answer came in time."""
    return _change(invitation, Step.EXPIRE)


def answer(invitation: Invitation, given: Answer) -> Invitation:
    """The customer answered. Raises Conflict('survey-answered') and the like, see `step`."""
    return _change(invitation, Step.ANSWER, answer=given)


def reopen(invitation: Invitation, at: datetime) -> Invitation:
    """The complaint is taken up again: the form, answered or not, becomes an earlier one."""
    step(invitation.status, Step.REOPEN)
    form, earlier = invitation.form, invitation.earlier
    if form is not None:
        unanswered = form.status is Status.INVITED
        earlier = (*earlier, replace(form, status=Status.REPLACED) if unanswered else form)
    return replace(invitation, form=None, earlier=earlier, not_asked_because=None, reopened_at=at)


def _change(
    invitation: Invitation,
    action: Step,
    *,
    reminded_at: datetime | None = None,
    answer: Answer | None = None,
) -> Invitation:
    status = step(invitation.status, action)
    form = invitation.form
    assert form is not None, "the table lets only invited ones through"
    return replace(
        invitation,
        form=replace(
            form,
            status=status,
            reminded_at=reminded_at or form.reminded_at,
            answer=answer or form.answer,
        ),
    )
