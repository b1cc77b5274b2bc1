"""Which caller gets what at which door? Every route of the four OpenAPI documents against every kind of caller.

A route without an entry here fails, so that nobody adds a door without saying who may pass it. The callers
are of another site, another department, accused (with and without a manager's role), in the place of somebody
accused, an auditor, without roles, without a token, with an expired one and with malformed ones.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest

from services.escalation.app import PLAN as ESCALATION
from services.escalation.settings import Settings as EscalationSettings
from services.intake.app import PLAN as INTAKE
from services.intake.settings import Settings as IntakeSettings
from services.routing.app import PLAN as ROUTING
from services.routing.settings import Settings as RoutingSettings
from services.surveys.app import PLAN as SURVEYS
from services.surveys.settings import Settings as SurveysSettings
from shared.deciding import Event
from shared.events.base import EventData
from shared.events.escalation import EscalationDecided
from shared.events.intake import ComplaintRegistered
from shared.events.routing import ComplaintAssigned, ComplaintClosed
from shared.host.process import Process
from shared.ids import derived_id, new_id
from shared.sealed.sealer import derive
from tests.support.stand import StandingClock, migrated, running_process

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
NUMBER = "SH01-2026-000001"
SITE, DEPARTMENT = "sh01", "quality"
ACCUSED, ACCUSED_MANAGER, IN_THE_PLACE = "sun.hao", "li.na", "zhang.wei"
SOON = (NOW + timedelta(days=2)).isoformat()
WORK = ("agent", "handler", "manager", "director")
PERSONAL = ("Max Muster", "+49 30 1234567")

OPEN, LINK, LIST, FIGURES, READ, WRITE = "open", "link", "list", "figures", "read", "write"
BY_ROLE, SITE_ONLY, PERSON, STAFF = "by role", "site", "person", "staff"
MERGE = {"into": "{other}"}
STEP = {"discipline": "D3", "department": DEPARTMENT, "due_at": SOON}
REGISTER = {
    "site": SITE,
    "kind": "complaint",
    "category": "product-quality",
    "type": "defect",
    "channel": "phone",
}

# What a door is, and a body that its schema takes. Reads and writes are about one complaint; `by role` are
# steps that policy may give to a role of another department; `staff` may not be asked by an auditor either.
ENTRIES: dict[str, dict[str, tuple[str, Any]]] = {
    "intake": {
        "POST /complaints": (SITE_ONLY, REGISTER),
        "GET /complaints": (LIST, None),
        "GET /complaints/{reference}": (READ, None),
        "GET /complaints/{reference}/history": (READ, None),
        "POST /complaints/{complaint_id}/decline": (WRITE, {"reason_code": "x"}),
        "POST /complaints/{complaint_id}/withdraw": (WRITE, {}),
        "POST /complaints/{complaint_id}/reopen": (WRITE, {"reason_code": "x"}),
        "POST /complaints/{complaint_id}/acknowledge": (WRITE, {}),
        "POST /complaints/{complaint_id}/replies": (WRITE, {"round": 1, "accepts": True}),
        "POST /complaints/{complaint_id}/amend": (WRITE, {"accused_refs": []}),
        "POST /complaints/{complaint_id}/merge": (WRITE, MERGE),
        "POST /complaints/{complaint_id}/contract-limit": (WRITE, {"until": SOON, "clause": "c-1"}),
        "POST /imports": (OPEN, None),
        "GET /c/{token}": (LINK, None),
        "POST /c/{token}": (LINK, None),
    },
    "routing": {
        "GET /cases": (LIST, None),
        "GET /cases/{identifier}": (READ, None),
        "GET /cases/{identifier}/instructions": (STAFF, None),
        "GET /cases/{identifier}/records": (READ, None),
        "POST /cases/{identifier}/records": (BY_ROLE, {"record": "x"}),
        "POST /cases/{identifier}/records/{record}/signatures": (BY_ROLE, {"version": 1}),
        "GET /cases/{identifier}/actions": (READ, None),
        "GET /actions": (LIST, None),
        "POST /cases/{identifier}/actions": (WRITE, {"steps": [STEP]}),
        "POST /cases/{identifier}/actions/{action}/adopt": (WRITE, {"due_at": SOON}),
        "POST /cases/{identifier}/actions/{action}/cancel": (WRITE, {"reason_code": "x"}),
        "POST /cases/{identifier}/actions/{action}/complete": (WRITE, {}),
        "POST /cases/{identifier}/actions/{action}/verify": (WRITE, {"effective": True}),
        "POST /cases/{identifier}/accept": (WRITE, None),
        "POST /cases/{identifier}/confirm": (BY_ROLE, None),
        "POST /cases/{identifier}/close": (WRITE, None),
        "POST /cases/{identifier}/resume": (WRITE, None),
        "POST /cases/{identifier}/investigation": (
            WRITE,
            {"liability": "own", "valid": True, "cause_code": "c"},
        ),
        "POST /cases/{identifier}/proposals": (WRITE, {"remedies": ["replacement"]}),
        "POST /cases/{identifier}/approvals": (BY_ROLE, {"proposal": 1, "decision": "approve"}),
        "POST /cases/{identifier}/answer": (WRITE, {"form": "written"}),
        "POST /cases/{identifier}/fulfil": (WRITE, None),
        "POST /cases/{identifier}/pause": (WRITE, {"reason": "x", "waiting_for": "customer"}),
        "POST /cases/{identifier}/reassign": (WRITE, {"department": DEPARTMENT, "reason": "x"}),
        "POST /cases/{identifier}/reclassify": (
            WRITE,
            {"kind": "complaint", "category": "product-quality", "type": "defect"},
        ),
        "POST /cases/{identifier}/visits": (BY_ROLE, {"visits": False, "reason_code": "x"}),
        "POST /cases/{identifier}/goods": (WRITE, {"proof": True}),
        "POST /cases/{identifier}/appointments": (WRITE, {"on": SOON[:10], "reason_code": "x"}),
        "POST /cases/{identifier}/mode": (BY_ROLE, {"mode": "expedited", "reason_code": "x"}),
        "POST /cases/{identifier}/reviews": (WRITE, {"kind": "x", "result_code": "x"}),
        "POST /cases/{identifier}/sheets": (WRITE, None),
        "POST /cases/{identifier}/recusals": (WRITE, {"person": "liu.yang"}),
        "POST /explain": (SITE_ONLY, {"site": SITE, "category": "product-quality", "type": "defect"}),
        "GET /presence": (PERSON, None),
        "GET /presence/{person}": (PERSON, None),
        "PUT /presence/{person}": (PERSON, {"present": True}),
        "GET /p/{token}": (LINK, None),
        "POST /p/{token}": (LINK, None),
        "GET /cases/{identifier}/documents/{document}": (READ, None),
        "GET /d/{token}": (LINK, None),
        "POST /d/{token}": (LINK, None),
    },
    "escalation": {
        "GET /complaints/{complaint_id}/clocks": (READ, None),
        "GET /complaints/{complaint_id}/ledger": (READ, None),
        "POST /complaints/{complaint_id}/extensions": (
            WRITE,
            {"clock": "x", "reason_code": "x", "target": "40 wh"},
        ),
        "POST /complaints/{complaint_id}/agreed-dates": (WRITE, {"clock": "x", "due_at": SOON}),
        "POST /complaints/{complaint_id}/escalations": (WRITE, None),
        "GET /escalations": (LIST, None),
        "POST /escalations/{escalation_id}/acknowledge": (WRITE, None),
        "POST /escalations/{escalation_id}/decisions": (WRITE, {"decision": "take_over"}),
        "POST /clocks/recompute": (FIGURES, None),
        "GET /reports/clocks": (FIGURES, None),
        "GET /reports/due": (FIGURES, None),
        "GET /reports/forecast": (FIGURES, None),
        "GET /a/{token}": (LINK, None),
        "POST /a/{token}": (LINK, None),
    },
    "surveys": {
        "GET /invitations": (LIST, None),
        "GET /results": (FIGURES, None),
        "GET /rounds": (FIGURES, None),
        "POST /rounds": (SITE_ONLY, {"site": SITE, "survey": "x"}),
        "POST /rounds/{round_id}/moments": (FIGURES, {"moment": "x"}),
        "GET /s/{token}": (LINK, None),
        "POST /s/{token}": (LINK, None),
    },
}
STATIC = "GET /static/{name}"
PLANS = {
    "intake": (INTAKE, IntakeSettings),
    "routing": (ROUTING, RoutingSettings),
    "escalation": (ESCALATION, EscalationSettings),
    "surveys": (SURVEYS, SurveysSettings),
}
NEVER = {200, 201, 204, 303}
"""What no caller without business here may ever get."""


@dataclass
class World:
    """A service that knows one complaint of the quality department of Shanghai, and one more."""

    service: str
    process: Process
    client: httpx.AsyncClient
    complaint: str = ""
    other: str = ""
    alarm: str = ""

    def filled(self, text: str) -> str:
        names = {"complaint_id": self.complaint, "reference": self.complaint, "identifier": self.complaint}
        names |= {
            "escalation_id": self.alarm or str(new_id()),
            "round_id": str(new_id()),
            "other": self.other,
        }
        names |= {"action": "D3-1", "record": "x", "person": ACCUSED, "document": "handling-sheet"}
        return text.format(token="nobody.nothing", **names)

    def token(self, person: str, *roles: str, **scope) -> str:
        return self.process.desk.tokens.issue(person, roles=roles, **scope)

    def callers(self) -> dict[str, str | None]:
        """By name the bearer token; None: without."""
        key = derive(self.process.settings.secret, "tokens")
        claims = {
            "aud": "kesu",
            "sub": "x",
            "roles": list(WORK),
            "sites": ["*"],
            "departments": [],
            "exp": 2**33,
        }

        def signed(**changes) -> str:
            return jwt.encode({**claims, **changes}, key, algorithm="HS256")

        return {
            "auditor": self.token("mo.qing", "auditor"),
            "another site": self.token("jonas.weber", *WORK, sites=("ber1",)),
            "no site": signed(sites=[]),
            "another department": self.token("liu.yang", *WORK, sites=(SITE,), departments=("logistics",)),
            "accused": self.token(ACCUSED, "agent", "handler"),
            "accused manager": self.token(ACCUSED_MANAGER, *WORK, "auditor"),
            "accused administrator": self.token(ACCUSED_MANAGER, "admin"),
            "without roles": signed(roles=[]),
            "of an unknown role": signed(roles=["customer"]),
            "without a token": None,
            "expired": signed(exp=1),
            "roles null": signed(roles=None),
            "never ending": signed(exp=float("inf")),
            "NUL in the name": signed(sub="li\x00"),
            "malformed": "a.b.c",
            "unsigned": jwt.encode(claims, None, algorithm="none"),
            # Last, because what they do changes things.
            "entitled": self.token("zhao.min", *WORK, sites=(SITE,), departments=(DEPARTMENT,)),
            "in the place of the accused": self.token(IN_THE_PLACE, *WORK, sites=(SITE,)),
        }


OUTSIDE = {"another site", "no site", "another department"}
RECUSED = {"accused", "accused manager", "accused administrator"}
ROLELESS = {"without roles", "of an unknown role"}
NOBODY = {
    "without a token", "expired", "roles null", "never ending", "NUL in the name", "malformed", "unsigned",
}  # fmt: skip


def event(data: EventData, complaint: UUID, sequence: int) -> Event[EventData]:
    return Event(
        id=derived_id(NOW, data.type_name, str(complaint), str(sequence)),
        type=data.type_name,
        site=SITE,
        producer=data.producer,
        subject=complaint,
        time=NOW,
        sequence=sequence,
        correlation_id="test",
        traceparent=None,
        data=data,
    )


def registered(number: str, accused: tuple[str, ...]) -> ComplaintRegistered:
    return ComplaintRegistered(
        complaint_no=number, kind="complaint", category="product-quality", type="defect", channel="phone",
        received_at=NOW, registered_at=NOW, customer_ref="c-1", language="en", accused_refs=accused,
    )  # fmt: skip


def assigned(number: str) -> ComplaintAssigned:
    return ComplaintAssigned(
        complaint_no=number, department=DEPARTMENT, rule="r", policy_version="p", assignee="zhao.min",
        recused=(ACCUSED, ACCUSED_MANAGER),
    )  # fmt: skip


def closed(number: str) -> ComplaintClosed:
    return ComplaintClosed(
        complaint_no=number, outcome="settled", valid=True, liability="own", received_at=NOW, closed_at=NOW,
        department=DEPARTMENT, recused=(ACCUSED, ACCUSED_MANAGER),
    )  # fmt: skip


async def told(world: World, complaint: UUID, *data: EventData) -> None:
    counts: dict[str, int] = {}
    for one in data:
        counts[one.producer] = counts.get(one.producer, 0) + 1
        work = await world.process.shell.submit(event(one, complaint, counts[one.producer]))
        assert work.error is None, work.error


async def furnished(world: World) -> None:
    """The complaint where the service keeps it, and the alarm where there is one."""
    first, second = new_id(), new_id()
    accused = (ACCUSED, ACCUSED_MANAGER)
    if world.service == "intake":
        headers = {"Authorization": f"Bearer {world.token('zhao.min', *WORK)}"}
        customer = {"name": PERSONAL[0], "phone": PERSONAL[1]}
        ids = []
        for names in (list(accused), []):
            body = REGISTER | {"customer": customer, "accused_refs": names}
            answer = await world.client.post("/complaints", json=body, headers=headers)
            assert answer.status_code == 201, answer.text
            ids.append(UUID(answer.json()["id"]))
            await told(world, ids[-1], assigned(answer.json()["complaint_no"]))
        world.complaint, world.other = map(str, ids)
        return
    await told(world, first, registered(NUMBER, accused))
    if world.service == "escalation":
        await told_more(world, first)
    if world.service == "surveys":
        await told(world, first, closed(NUMBER))
    world.complaint, world.other = str(first), str(second)
    if world.service == "routing":
        await put_at(world, first)


async def told_more(world: World, complaint: UUID) -> None:
    work = await world.process.shell.submit(event(assigned(NUMBER), complaint, 1))
    assert work.error is None, work.error
    headers = {"Authorization": f"Bearer {world.token('zhao.min', *WORK)}"}
    raised = await world.client.post(f"/complaints/{complaint}/escalations", headers=headers)
    assert raised.status_code == 201, raised.text
    world.alarm = raised.json()["escalation_id"]


async def put_at(world: World, complaint: UUID) -> None:
    """The case in the quality department, whatever the row of the demonstration's policy says."""
    ruling = EscalationDecided(
        complaint_no=NUMBER, escalation_id=str(new_id()), clock="answer", level=1, decision="reassign",
        by="zhao.min", at=NOW, department=DEPARTMENT, assignee="zhao.min",
    )  # fmt: skip
    work = await world.process.shell.submit(event(ruling, complaint, 1))
    assert work.error is None, work.error
    case = await world.process.desk.queries.find(complaint)
    if case.department != DEPARTMENT:
        headers = {"Authorization": f"Bearer {world.token('chen.jing', *WORK)}"}
        body = {"department": DEPARTMENT, "reason": "x"}
        moved = await world.client.post(f"/cases/{complaint}/reassign", json=body, headers=headers)
        assert moved.status_code == 200, moved.text


@asynccontextmanager
async def a_world(service: str, url: str) -> AsyncIterator[World]:
    plan, settings = PLANS[service]
    async with running_process(plan, settings, url, StandingClock(NOW)) as (process, client):
        world = World(service, process, client)
        await furnished(world)
        yield world


@pytest.fixture(params=list(PLANS))
def place(request, database_from) -> tuple[str, str]:
    """A service and a database for it."""
    return request.param, database_from(request.param, migrated(request.param))


@pytest.fixture
async def world(place) -> AsyncIterator[World]:
    async with a_world(*place) as one:
        yield one


async def doors_of(world: World) -> set[str]:
    document = (await world.client.get("/openapi.json")).json()
    return {
        f"{method.upper()} {path.replace(':path', '')}"
        for path, operations in document["paths"].items()
        for method in operations
    }


async def test_every_route_says_who_may_pass_it(world):
    assert await doors_of(world) - {STATIC} == set(ENTRIES[world.service])


async def test_no_caller_gets_what_is_not_theirs(world):
    wrong = []
    for name, token in world.callers().items():
        for door, (kind, body) in ENTRIES[world.service].items():
            answer = await asked(world, door, body, token)
            if not is_right(kind, name, door, answer, world):
                wrong.append(f"{name}: {door} ({kind}): {answer.status_code} {answer.text[:120]}")
    assert not wrong, "\n".join(wrong)


async def asked(world: World, door: str, body: Any, token: str | None) -> httpx.Response:
    method, _, path = door.partition(" ")
    given = {name: world.filled(v) if isinstance(v, str) else v for name, v in (body or {}).items()}
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    content = {"json": given} if body is not None else {}
    return await world.client.request(method, world.filled(path), headers=headers, **content)


def is_right(kind: str, name: str, door: str, answer: httpx.Response, world: World) -> bool:
    """Whether this caller may be answered like this at such a door."""
    status, text = answer.status_code, answer.text
    if status >= 500:
        return False
    if kind == LINK:
        return status == 404
    if name in NOBODY:
        return status == 401
    if kind == OPEN:
        return True
    if name in ROLELESS:
        return status == 403
    if name not in {"entitled", "in the place of the accused"} and any(one in text for one in PERSONAL):
        return False
    if kind in {LIST, FIGURES, PERSON, SITE_ONLY}:
        return _of_many(kind, name, door, status, text, world)
    return _of_one(kind, name, status, text)


def _of_one(kind: str, name: str, status: int, text: str) -> bool:
    if name == "auditor":
        return status == (200 if kind == READ else 403)
    if name in RECUSED or name in {"another site", "no site"}:
        return status == 403
    if name == "another department":
        return status not in NEVER if kind == BY_ROLE else status == 403
    # Status and policy may forbid the step; a body that no schema takes would prove nothing.
    return status in {200, 201, 409} or (kind in {BY_ROLE, WRITE} and '"invalid-body"' not in text)


def _of_many(kind: str, name: str, door: str, status: int, text: str, world: World) -> bool:
    if kind == LIST and name in OUTSIDE | RECUSED:
        hidden = world.complaint not in text and NUMBER not in text
        return hidden and status in ({200, 403} if name in RECUSED else {200})
    if kind == SITE_ONLY and name in {"another site", "no site"}:
        return status == 403
    return status != 401
