"""What does routing tell? Who has the case, how it moves, and how it ends."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from shared.events.base import EventData, Part
from shared.events.intake import Kind, Money

Liability = Literal["own", "supplier", "customer", "third_party", "none", "no_trouble_found", "unclear"]
WaitingFor = Literal["customer", "supplier", "authority", "own"]
Counted = Literal["maintenance", "not_eligible"]
CostBearer = Literal["company", "customer", "supplier", "carrier"]
Severity = Literal["minor", "ordinary", "serious", "critical"]


class RoutingEvent(EventData):
    """Told by routing."""

    producer: ClassVar[str] = "routing"


class ComplaintAssigned(RoutingEvent):
    """A department has it; `rule` and `policy_version` say why (RTE-01 and following)."""

    type_name: ClassVar[str] = "complaint.assigned.v1"

    department: str
    assistants: tuple[str, ...] = ()
    assignee: str | None = None
    severity: Severity = "ordinary"
    priority: int = 3
    rule: str
    policy_version: str
    recused: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()
    round: int = 1
    history: bool = False
    mode: Literal["expedited", "deferred"] | None = None
    outside: str | None = None
    """Who outside of the company solves it while the department keeps track (edge case 13)."""


class Classification(Part):
    """Kind, category and type: what decides route and limit (edge case 4)."""

    kind: Kind
    category: str
    type: str


class ComplaintReclassified(RoutingEvent):
    """It turned out to be something else; clocks are recomputed."""

    type_name: ClassVar[str] = "complaint.reclassified.v1"

    at: datetime
    by: str
    previous: Classification = Field(alias="from")
    current: Classification = Field(alias="to")


class ComplaintAccepted(RoutingEvent):
    """Somebody took the case up.

    `in_person` is the role that policy asks to handle it personally, if that is who did; `opened`
    are the reviews that begin with it, e.g. `haccp-review` (SAF-01).
    """

    type_name: ClassVar[str] = "complaint.accepted.v1"

    at: datetime
    by: str
    in_person: str | None = None
    opened: tuple[str, ...] | None = None


class ComplaintPaused(RoutingEvent):
    """The case waits for somebody, with a reason."""

    type_name: ClassVar[str] = "complaint.paused.v1"

    at: datetime
    by: str
    reason: str
    waiting_for: WaitingFor


class ComplaintResumed(RoutingEvent):
    """The waiting is over."""

    type_name: ClassVar[str] = "complaint.resumed.v1"

    at: datetime
    by: str


class ComplaintInvestigated(RoutingEvent):
    """Liability, validity and cause are established (TYP-13, STA-01).

    `treated_as` is what it counts as toward the customer (DSP-06), `joint` who found it together,
    `counts_as` what it is instead of a complaint because of its age (C-09, TYP-17): it is not `valid` then.
    """

    type_name: ClassVar[str] = "complaint.investigated.v1"

    at: datetime
    by: str
    liability: Liability
    valid: bool
    cause_code: str
    treated_as: Liability | None = None
    joint: tuple[str, ...] | None = None
    counts_as: Counted | None = None


class ResolutionProposed(RoutingEvent):
    """What the company offers in this round; `signatures`: how many it needs, none if left out.

    `cost_bearer` is who pays for it (C-16), `reason_code` why it is not what the customer asked for (DSP-20).
    """

    type_name: ClassVar[str] = "resolution.proposed.v1"

    at: datetime
    by: str
    round: int
    remedies: tuple[str, ...]
    compensation: Money | None = None
    signatures: int | None = None
    cost_bearer: CostBearer | None = None
    reason_code: str | None = None


class ResolutionApproved(RoutingEvent):
    """Somebody with the authority signed (APR-01 and following); `missing` others still have to."""

    type_name: ClassVar[str] = "resolution.approved.v1"

    at: datetime
    by: str
    round: int
    role: str
    in_place_of: str | None = None
    missing: int | None = None


class ResolutionRejected(RoutingEvent):
    """Somebody with the authority sent the proposal back."""

    type_name: ClassVar[str] = "resolution.rejected.v1"

    at: datetime
    by: str
    round: int
    role: str
    reason_code: str


class ResolutionAnswered(RoutingEvent):
    """The customer was given the company's answer."""

    type_name: ClassVar[str] = "resolution.answered.v1"

    at: datetime
    by: str
    round: int
    form: Literal["written", "phone", "visit", "public"]


class ResolutionFulfilled(RoutingEvent):
    """What was agreed has been carried out (CLS-14)."""

    type_name: ClassVar[str] = "resolution.fulfilled.v1"

    at: datetime
    by: str
    round: int


class ComplaintClosed(RoutingEvent):
    """It is over: the customer consented and the measure was carried out (CLS-01)."""

    type_name: ClassVar[str] = "complaint.closed.v1"

    outcome: str
    valid: bool
    liability: Liability
    remedies: tuple[str, ...] = ()
    rounds: int = 1
    compensation: Money | None = None
    received_at: datetime
    closed_at: datetime
    history: bool = False
    department: str | None = None
    recused: tuple[str, ...] | None = None
    """Who had it at the end, and who took no part (RCS-01); None: told by a release before these were."""


class FieldText(Part):
    """What was written in a field of free text, sealed."""

    field: str
    sealed: str


class CaseRecorded(RoutingEvent):
    """A record that policy asks for was written, corrected or signed; `complete`: nothing is missing on it.

    `values` are codes, dates and numbers by field; free text is sealed and told when it is written.
    `missing` are fields, `unsigned` roles.
    """

    type_name: ClassVar[str] = "case.recorded.v1"

    at: datetime
    by: str
    step: Literal["recorded", "corrected", "signed"]
    record: str
    item: str | None = None
    version: int
    round: int = 1
    role: str | None = None
    reason_code: str | None = None
    values: dict[str, str] = Field(default_factory=dict)
    texts: tuple[FieldText, ...] = ()
    missing: tuple[str, ...] = ()
    unsigned: tuple[str, ...] = ()
    complete: bool


class ActionEvent(RoutingEvent):
    """About one corrective action; `discipline` is a step of 8D (D0 to D8) or CAPA.

    `measure` says what it does (containment, cause, correction, corrective, preventive), `party` whose it
    is, `attempt` counts from 1 and grows when it had no effect, `sheet` joins the steps of one report.
    """

    action_id: str
    discipline: str
    department: str
    measure: str | None = None
    party: Literal["own", "supplier"] | None = None
    attempt: int | None = None
    sheet: int | None = None
    cause_code: str | None = None


class ActionProposed(ActionEvent):
    """Somebody, or policy itself, thinks that an action is needed; nobody has it yet (CAP-10, APR-08)."""

    type_name: ClassVar[str] = "action.proposed.v1"

    at: datetime
    by: str
    reason: str
    recurrences: int | None = None


class ActionOpened(ActionEvent):
    """A corrective action was given to a department."""

    type_name: ClassVar[str] = "action.opened.v1"

    due_at: datetime | None = None
    owner: str | None = None


class ActionCompleted(ActionEvent):
    """The department says that it is done; `check_at` is when its effect is to be judged."""

    type_name: ClassVar[str] = "action.completed.v1"

    at: datetime
    by: str | None = None
    check_at: datetime | None = None


class ActionVerified(ActionEvent):
    """Somebody else checked whether it works; `recurrences` counts new complaints of the same cause."""

    type_name: ClassVar[str] = "action.verified.v1"

    at: datetime
    effective: bool
    by: str | None = None
    recurrences: int | None = None


class ActionCancelled(ActionEvent):
    """It is not needed, or the proposal was not taken up."""

    type_name: ClassVar[str] = "action.cancelled.v1"

    at: datetime
    by: str
    reason_code: str
