"""How do the parts of a case look: placements, findings, proposals, signatures, decisions?"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from shared.events.routing import Liability, Severity, WaitingFor
from shared.host.fields import Answer
from shared.lifecycle import Status


class MoneyView(Answer):
    """An amount in one currency."""

    amount: Decimal
    currency: str


class PlacementView(Answer):
    """Who has it or had it, and why."""

    department: str
    assistants: tuple[str, ...]
    assignee: str | None
    severity: Severity
    priority: int
    rule: str
    policy_version: str
    informed: tuple[str, ...]
    outside: str | None
    reason: str | None
    at: datetime
    by: str


class SheetVerdictView(Answer):
    """What the customer thinks of the measures."""

    satisfied: bool
    at: datetime


class SentSheetView(Answer):
    """A report of corrective action as it went to the customer."""

    sheet: int
    attempt: int
    by: str
    at: datetime
    verdicts: tuple[SheetVerdictView, ...]


class PauseView(Answer):
    """For whom it waits."""

    reason: str
    waiting_for: WaitingFor
    since: datetime
    before: Status


class GoodsView(Answer):
    """What is known of the goods."""

    sold_on: date | None
    sold_on_as_told: str | None
    """What was told in place of the day, where that is no date: to be put right with `goods`."""
    covered_until: date | None
    proof: bool | None
    phase: str | None
    paid: MoneyView | None
    deposit: MoneyView | None


class QuantityView(Answer):
    """How much comes back and is delivered."""

    returned: Decimal
    delivered: Decimal
    unit: str


class FindingView(Answer):
    """What the investigation established."""

    liability: Liability
    valid: bool
    cause_code: str
    by: str
    at: datetime
    joint: tuple[str, ...]
    evidence: tuple[str, ...]
    round: int
    counts_as: str
    """What it is instead of a complaint because of its age; empty: a complaint."""


class RequiredView(Answer):
    """One signature of the chain: who gives it, after which tests."""

    by: tuple[str, ...]
    tests: tuple[str, ...]


class TermsView(Answer):
    """Who signs in which order, pays, closes and is told; what must lie with the report."""

    rule: str
    policy_version: str
    sign: tuple[RequiredView, ...]
    pay: tuple[str, ...]
    close: tuple[str, ...]
    report_to: tuple[str, ...]
    attachments: tuple[str, ...]
    remedy_rule: str
    cost_bearer: str
    exception: bool


class ProposalView(Answer):
    """What the company offered."""

    number: int
    round: int
    remedies: tuple[str, ...]
    compensation: MoneyView | None
    goods: MoneyView | None
    by: str
    at: datetime
    terms: TermsView | None
    impossible: tuple[str, ...]
    reason_code: str | None
    quantity: QuantityView | None


class OptionView(Answer):
    """What is offered next if the customer refuses."""

    remedies: tuple[str, ...]
    compensation: MoneyView | None
    goods: MoneyView | None
    cost_bearer: str | None
    impossible: tuple[str, ...]
    reason_code: str | None
    quantity: QuantityView | None


class SignatureView(Answer):
    """Who decided on which proposal."""

    proposal: int
    approves: bool
    by: str
    role: str
    at: datetime
    reason_code: str | None
    in_place_of: str | None
    tests: tuple[str, ...]


class ConfirmationView(Answer):
    """Who has it in hand in person, as policy asks."""

    role: str
    by: str
    at: datetime
    in_place_of: str | None


class VisitView(Answer):
    """A decision on a visit to the customer."""

    visits: bool
    by: str
    role: str
    at: datetime
    round: int
    tests: dict[str, bool]
    reason_code: str | None


class ModeView(Answer):
    """How it is handled instead of the ordinary way, and who decided so."""

    mode: str
    rule: str
    reason_code: str
    by: str
    role: str
    at: datetime


class ReviewView(Answer):
    """Work that began with the case."""

    kind: str
    opened_at: datetime
    done_at: datetime | None
    by: str | None
    result_code: str | None


class AppointmentView(Answer):
    """When it is carried out, and why not at once."""

    on: date
    reason_code: str
    by: str
    at: datetime
    round: int


class RaiseView(Answer):
    """A round that was told up the ladder."""

    round: int
    level: int
    to: tuple[str, ...]
    at: datetime


class ChangeView(Answer):
    """One of the newest steps."""

    version: int
    what: str
    by: str
    at: datetime
    status: Status


class BreachView(Answer):
    """A promise that was not kept."""

    clock: str
    due_at: datetime
