"""What does routing know of a complaint? One immutable value from registration to its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.routing.domain.action import Action
from shared.events.routing import Liability, Severity, WaitingFor
from shared.lifecycle import ENDED, Status
from shared.policy.choosing import PassedOver
from shared.policy.model import Facts


@dataclass(frozen=True, slots=True)
class Amount:
    """Money in one currency (ISO 4217); amounts of different currencies are never added."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Placement:
    """Who has the case and why; each new one is kept beside the old ones."""

    department: str
    rule: str
    policy_version: str
    at: datetime
    by: str
    severity: Severity = "ordinary"
    priority: int = 3
    assistants: tuple[str, ...] = ()
    assignee: str | None = None
    informed: tuple[str, ...] = ()
    reason: str | None = None
    """Code of why the matrix could not place it, or why somebody handed it over."""
    organisation_version: str = ""
    alternatives: tuple[str, ...] = ()
    """Rows of the matrix that match as well, below the one that decided."""
    passed_over: tuple[PassedOver, ...] = ()


@dataclass(frozen=True, slots=True)
class Pause:
    """Whom the case waits for; `before` is the status that comes back afterwards."""

    reason: str
    waiting_for: WaitingFor
    since: datetime
    before: Status


@dataclass(frozen=True, slots=True)
class Finding:
    """What the investigation established (TYP-13, STA-01)."""

    liability: Liability
    valid: bool
    cause_code: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the company offers; numbered over all rounds, so that a signature names one of them."""

    number: int
    round: int
    remedies: tuple[str, ...]
    compensation: Amount | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Signature:
    """Somebody with the authority approved one proposal or sent it back (APR-01 and following)."""

    proposal: int
    approves: bool
    by: str
    role: str
    at: datetime
    reason_code: str | None = None


@dataclass(frozen=True, slots=True)
class Breach:
    """A promise about this case that was not kept."""

    clock: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """What a manager decided on an alarm; `refusal` is the code of why it could not be done."""

    escalation_id: str
    decision: str
    by: str
    at: datetime
    department: str | None = None
    assignee: str | None = None
    reason_code: str | None = None
    sealed: str | None = None
    """An instruction in words."""
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the customer thought of the handling, 0 to 100 (SUR-08)."""

    form_no: str
    score: float
    satisfied: bool


@dataclass(frozen=True, slots=True)
class Case:
    """One complaint's share in routing."""

    complaint_id: UUID
    complaint_no: str
    site: str
    facts: Facts
    received_at: datetime
    language: str
    status: Status
    placement: Placement
    recused: tuple[str, ...] = ()
    """The persons complained about: they neither handle, nor approve, nor see it (RCS-01)."""
    sealed: str | None = None
    history: bool = False
    former: tuple[Placement, ...] = ()
    round: int = 1
    accepted_by: str | None = None
    finding: Finding | None = None
    proposals: tuple[Proposal, ...] = ()
    signatures: tuple[Signature, ...] = ()
    pause: Pause | None = None
    agreed_round: int | None = None
    """The round in which the customer consented; only the present one counts (CLS-01)."""
    fulfilled_round: int | None = None
    refusals: int = 0
    reopenings: int = 0
    amended_at: datetime | None = None
    ended_at: datetime | None = None
    breaches: tuple[Breach, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    actions: tuple[Action, ...] = ()
    orders: tuple[Order, ...] = ()

    @property
    def wake_at(self) -> datetime | None:
        """Never: routing has no timers of its own."""
        return None

    @property
    def department(self) -> str:
        """The department that has it."""
        return self.placement.department

    @property
    def has_ended(self) -> bool:
        """Whether it was closed, declined or withdrawn, and not taken up again since."""
        return self.status in ENDED

    @property
    def proposal(self) -> Proposal | None:
        """The proposal that counts: the newest of the present round."""
        if self.proposals and self.proposals[-1].round == self.round:
            return self.proposals[-1]
        return None
