"""Where would such a complaint go, and why? `POST /explain`, for complaints that do not exist."""

# Annotations are evaluated at once here, because the dependencies belong to the desk that is passed in.
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import ConfigDict, Field

from services.routing.api.cases import READERS
from services.routing.api.orders import Compensation
from services.routing.domain.case import Placement
from services.routing.domain.placing import Matter, other_rows, place
from services.routing.store.queries import CaseQueries
from shared.deciding import Actor
from shared.events.intake import Flags, Kind
from shared.events.routing import Severity
from shared.host.desk import Desk
from shared.host.fields import Answer, Body, Code, Line, OptionalLine
from shared.participation import require_site
from shared.policy.claims import Claim
from shared.policy.model import Facts, Profile, Rulebook
from shared.policy.reasons import reasons_of

_NOBODY = UUID(int=0)


class GivenFlags(Flags):
    """The flags of the contract; a misspelt one is refused."""

    model_config = ConfigDict(extra="forbid")


class Question(Body):
    """The facts of a complaint that does not exist."""

    site: Code
    kind: Kind = "complaint"
    category: Line
    type: Line
    channel: Line = "web"
    grade: Line = "general"
    flags: GivenFlags = GivenFlags()
    product_line: OptionalLine = ""
    claimed: Compensation | None = None
    language: OptionalLine = ""
    """The customer's; whoever speaks it is preferred."""
    accused_refs: Annotated[tuple[Code, ...], Field(max_length=20)] = ()


class Alternative(Answer):
    """A row that matches as well, but stands below the one that fired."""

    rule: str
    department: str


class Colleague(Answer):
    """Somebody who would not get it, and the code of why."""

    person: str
    why: str


class Explanation(Answer):
    """What would happen; `reason` says why the triage desk would get it, if it would."""

    profile: str
    policy_version: str
    organisation_version: str
    rule: str
    department: str
    assistants: tuple[str, ...]
    informed: tuple[str, ...]
    severity: Severity
    priority: int
    assignee: str | None
    passed_over: list[Colleague]
    reason: str | None
    alternatives: list[Alternative]
    because: tuple[str, ...]
    """What the row asks, and what the complaint answers; empty: it takes the rest, or nothing does."""


def router(desk: Desk[CaseQueries]) -> APIRouter:
    """The door of the what-if."""
    routes = APIRouter(tags=["explain"])

    @routes.post("/explain", summary="Where would it go, and why?")
    async def explained(
        body: Question, actor: Annotated[Actor, Depends(desk.actor(*READERS))]
    ) -> Explanation:
        """By the policy of this moment; nothing is stored."""
        require_site(actor, body.site)
        return explain(body, desk.rules(), desk.clock.now())

    return routes


def explain(question: Question, rules: Rulebook, now: datetime) -> Explanation:
    """The placement and its reasons. Raises Rejected('unknown-site')."""
    profile = rules.profile_of(question.site)
    facts = Facts(
        kind=question.kind,
        category=question.category,
        type=question.type,
        channel=question.channel,
        site=question.site,
        grade=question.grade,
        flags=frozenset(name for name, is_set in question.flags if is_set),
        product_line=question.product_line,
        claimed=Claim(question.claimed.amount, question.claimed.currency) if question.claimed else None,
    )
    placement = place(Matter(_NOBODY, facts, question.accused_refs, question.language), rules, now)
    rows = other_rows(profile, facts, placement)
    return Explanation(
        profile=profile.profile,
        policy_version=placement.policy_version,
        organisation_version=rules.organisation.version,
        rule=placement.rule,
        department=placement.department,
        assistants=placement.assistants,
        informed=placement.informed,
        severity=placement.severity,
        priority=placement.priority,
        assignee=placement.assignee,
        passed_over=[Colleague(person=one.person, why=one.why) for one in placement.passed_over],
        reason=placement.reason,
        alternatives=[Alternative(rule=row.name, department=row.lead) for row in rows],
        because=_because(profile, placement, facts),
    )


def _because(profile: Profile, placement: Placement, facts: Facts) -> tuple[str, ...]:
    row = next((row for row in profile.routing if row.name == placement.rule), None)
    return reasons_of(row.when, facts.with_severity(placement.severity)) if row is not None else ()
