"""What does routing know of a complaint? One immutable value from registration to its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.routing.domain.action import Action
from services.routing.domain.offering import Amount, Option, Proposal, Signature
from services.routing.domain.record import CaseRecord
from services.routing.domain.terms import (
    Appointment,
    Change,
    Confirmation,
    Mode,
    Raise,
    Review,
    SentSheet,
    Visit,
)
from shared.events.routing import Liability, Severity, WaitingFor
from shared.lifecycle import ENDED, Status
from shared.policy.choosing import PassedOver
from shared.policy.minting import minted
from shared.policy.model import Facts


@minted
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
    outside: str | None = None
    """A party outside of the company that solves it while the department keeps track (edge case 13)."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Whom the case waits for; `before` is the status that comes back afterwards."""

    reason: str
    waiting_for: WaitingFor
    since: datetime
    before: Status
    proposals: int | None = None
    """How many there were; one more since then is told when the case goes on."""
    recheck: bool = False
    """Whether the facts have changed, so that what is on the table is looked at again afterwards."""


@dataclass(frozen=True, slots=True)
class Goods:
    """What is known of the goods that it is about; None: nobody has said so yet (C-15, DSP-15, DSP-19)."""

    sold_on: date | None = None
    covered_until: date | None = None
    """The last day of warranty, shelf life or objection period by the contract or the label."""
    proof: bool | None = None
    """Whether goods and proof of purchase were looked at and are in order."""
    phase: str | None = None
    """`before-delivery` or `delivered`; None: delivered."""
    paid: Amount | None = None
    deposit: Amount | None = None
    """The part of it that is a deposit and not a prepayment."""
    sold_on_as_told: str | None = None
    """What the register holds in place of the day of the sale, where it can be read as none."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the investigation established (TYP-13, STA-01)."""

    liability: Liability
    valid: bool
    cause_code: str
    by: str
    at: datetime
    joint: tuple[str, ...] = ()
    """Departments that analysed it together (INV-02)."""
    evidence: tuple[str, ...] = ()
    """References of what an explanation rests on (DSP-07, INV-22)."""
    round: int = 1
    counts_as: str = ""
    """What it is instead of a complaint, e.g. `maintenance` (TYP-17, C-09); empty: a complaint."""

    @property
    def counts(self) -> bool:
        """Whether it is a justified complaint in statistics and for corrective action (STA-01, DSP-08)."""
        return self.valid and not self.counts_as


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


@minted
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
    set_aside: tuple[str, ...] = ()
    """Those of them whom the desk recused: a correction of the register does not bring them back."""
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
    options: tuple[Option, ...] = ()
    """What is offered next when the customer refuses, best first (DSP-21)."""
    confirmation: Confirmation | None = None
    visits: tuple[Visit, ...] = ()
    mode: Mode | None = None
    """None: handled in the ordinary way."""
    reviews: tuple[Review, ...] = ()
    raises: tuple[Raise, ...] = ()
    attached: tuple[str, ...] = ()
    """What lay with the report when it was paid (APR-14)."""
    version: int = 1
    """Counts the steps of the case, for whoever wants to act on what they have read."""
    changes: tuple[Change, ...] = ()
    """The newest steps; bounded."""
    actions: tuple[Action, ...] = ()
    orders: tuple[Order, ...] = ()
    goods: Goods = field(default_factory=Goods)
    agreed_at: datetime | None = None
    """When the customer consented, in the round that `agreed_round` names."""
    appointments: tuple[Appointment, ...] = ()
    """Dates agreed for carrying it out, the newest last (DSP-23)."""
    unsignable_since: datetime | None = None
    """Since when nobody may give the signature that is due (docs/decisions/0052); None: somebody may."""
    sheets: tuple[SentSheet, ...] = ()
    """Reports of corrective action as they went to the customer, the oldest first."""
    records: tuple[CaseRecord, ...] = ()
    """Forms that policy asks for, each with all its versions."""

    @property
    def wake_at(self) -> datetime | None:
        """Never: routing has no timers of its own."""
        return None

    @property
    def department(self) -> str:
        """The department that has it."""
        return self.placement.department

    @property
    def stage(self) -> Status:
        """Where it stands, a pause left out of account."""
        return self.pause.before if self.pause is not None else self.status

    @property
    def priority(self) -> int:
        """1 is most urgent; who is expedited comes first (SEV-02, SEV-07)."""
        return 1 if self.mode is not None and self.mode.mode == "expedited" else self.placement.priority

    @property
    def has_ended(self) -> bool:
        """Whether it was closed, declined, withdrawn or merged, and not taken up again since."""
        return self.status in ENDED

    @property
    def proposal(self) -> Proposal | None:
        """The proposal that counts: the newest of the present round."""
        if self.proposals and self.proposals[-1].round == self.round:
            return self.proposals[-1]
        return None
