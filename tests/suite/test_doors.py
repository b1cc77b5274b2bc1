"""Does every door refuse bad input in one and the same way, and store nothing of it? Real processes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from shared.access.tokens import Tokens
from shared.clock import SystemClock
from shared.ids import new_id
from tests.suite import driving
from tests.suite.conftest import SECRET, Suite
from tests.support.waiting import eventually

STATES = {"intake": "complaints", "routing": "cases", "escalation": "sheets", "surveys": "invitations"}
PROBLEM = "application/problem+json"
LIMIT_BYTES = 1_048_576
JSON = {"content-type": "application/json"}
CALLER = {"intake": "manager", "routing": "manager", "escalation": "manager", "surveys": "manager"}
NAMES_IN_PATHS = {
    "complaint_id",
    "reference",
    "identifier",
    "escalation_id",
    "action",
    "record",
    "round_id",
    "person",
}
FAR = (datetime.now(UTC) + timedelta(days=400)).isoformat()


@dataclass
class World:
    """A suite in which one complaint of the Shanghai works has been assigned and nothing moves any more."""

    suite: Suite
    complaint: dict[str, Any]
    department: str
    operations: dict[str, list[tuple[str, str, dict[str, Any]]]] = field(default_factory=dict)

    def address(self, path: str) -> str:
        """The path with the complaint in it; `{unknown}` is an id that nobody has."""
        names = dict.fromkeys(NAMES_IN_PATHS, self.complaint["id"]) | {"document": "handling-sheet"}
        return path.format(complaint=self.complaint["id"], unknown=new_id(), token="nobody", **names)


@pytest.fixture(scope="module")
def world(real_suite: Suite) -> Iterator[World]:
    async def prepared() -> World:
        complaint = await driving.register(real_suite)
        await driving.until_status(real_suite, complaint["id"], "assigned")

        async def clocked() -> bool:
            query = "SELECT count(*) FROM sheets WHERE department IS NOT NULL"
            return await driving.asked(real_suite, "escalation", query) == 1

        await eventually(clocked, 20)
        await driving.quiet(real_suite)
        case = await driving.get(real_suite, "routing", f"/cases/{complaint['id']}")
        found = World(real_suite, complaint, case["department"])
        for service in STATES:
            document = await driving.get(real_suite, service, "/openapi.json")
            found.operations[service] = [
                (method, path, operation)
                for path, methods in document["paths"].items()
                for method, operation in methods.items()
            ]
        await real_suite.close_clients()
        return found

    return asyncio.run(prepared())


class Caller:
    """Sends requests to the four services and looks what they keep."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._clients = {
            name: httpx.AsyncClient(base_url=process.address.url, trust_env=False)
            for name, process in world.suite.services.items()
        }

    async def send(
        self, service: str, method: str, path: str, *, token: str | None = "good", **more: Any
    ) -> httpx.Response:
        headers = dict(more.pop("headers", {}))
        if token is not None:
            headers["authorization"] = f"Bearer {issued(service) if token == 'good' else token}"
        address = self.world.address(path)
        return await self._clients[service].request(method, address, headers=headers, **more)

    async def document(self, service: str) -> dict[str, Any]:
        """What the service publishes of its doors."""
        document: dict[str, Any] = (await self._clients[service].get("/openapi.json")).json()
        return document

    async def stored(self, service: str) -> tuple[Any, ...]:
        """What would change if anything were stored."""
        connection = await asyncpg.connect(self.world.suite.databases[service])
        try:
            return tuple(
                await connection.fetchrow(
                    f"SELECT (SELECT count(*) FROM {STATES[service]}), "
                    f"(SELECT coalesce(sum(version), 0) FROM {STATES[service]}), "
                    "(SELECT count(*) FROM idempotency), (SELECT coalesce(sum(last), 0) FROM numbers), "
                    "(SELECT count(*) FROM outbox), (SELECT count(*) FROM notices)"
                )
            )
        finally:
            await connection.close()

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()


@pytest.fixture
async def caller(world: World) -> AsyncIterator[Caller]:
    caller = Caller(world)
    yield caller
    await caller.close()


def issued(service: str, *roles: str, hours: int = 1, **scope: Any) -> str:
    """A token for the service's ordinary caller, or as asked for."""
    tokens = Tokens(SECRET, SystemClock())
    return tokens.issue(
        "wang.lei", roles=roles or (CALLER[service],), lifetime=timedelta(hours=hours), **scope
    )


def told(reply: httpx.Response) -> tuple[int, str, str | None]:
    """Status, code and field of a problem, having checked that it is one."""
    assert reply.headers["content-type"] == PROBLEM, (reply.status_code, reply.text)
    body = reply.json()
    assert body["status"] == reply.status_code
    assert body["type"] == f"urn:kesu:problem:{body['code']}"
    assert body["title"] and body["detail"]
    return reply.status_code, body["code"], body.get("field")


def needs_token(path: str) -> bool:
    return path[:3] not in {"/c/", "/a/", "/s/", "/p/", "/d/"} and not path.endswith("/replies")


def takes_json(operation: dict[str, Any]) -> bool:
    """Whether it cannot do without; a door whose body may be left out takes none and `null` alike."""
    body = operation.get("requestBody", {})
    return bool(body.get("required")) and "application/json" in body.get("content", {})


# Single requests -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bad:
    """A request and the refusal that it deserves."""

    service: str
    request: str
    expected: tuple[int, str, str | None]
    body: Any = None
    raw: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    scope: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.service} {self.request[:60]} {self.expected[1]} {self.expected[2]}"


def entry(wrong: str, code: str = "invalid-body", status: int = 422, **changes: Any) -> Bad:
    """A registration with something wrong in the field."""
    body = {name: value for name, value in driving.a_complaint(**changes).items() if value is not ...}
    return Bad("intake", "POST /complaints", (status, code, wrong), raw=json.dumps(body).encode())


def invalid(service: str, request: str, wrong: str, body: Any = None, raw: bytes | None = None) -> Bad:
    return Bad(service, request, (422, "invalid-body", wrong), body=body, raw=raw)


PERSON = {"name": "Fang Wang", "email": "fang.wang@customer.example"}
CLOSED = (403, "out-of-scope")
BERLIN = {"sites": ("ber1",)}
FINANCE = {"departments": ("finance",)}

BAD: tuple[Bad, ...] = (
    entry("colour", colour="red"),
    entry("customer.shoe_size", customer={**PERSON, "shoe_size": 43}),
    entry("site", site=...),
    entry("kind", kind="wish"),
    entry("site", site=7),
    entry("site", site="sh 01"),
    entry("site", site="sh01\x00"),
    entry("site", "unknown-site", site="mars"),
    entry("received_at", "received-in-future", received_at=FAR),
    entry("received_at", "received-too-long-ago", received_at="1815-06-18T10:00:00Z"),
    entry("received_at", received_at="2026-11-21T10:00:00"),
    entry("received_at", received_at="yesterday"),
    entry("received_at", received_at="0000-00-00T00:00:00Z"),
    entry("received_at", received_at="9999-12-31T23:59:59-14:00"),
    entry("customer.email", customer={"email": "not an address"}),
    entry("customer.email", customer={"email": "a@b.example\nBcc: all@b.example"}),
    entry("customer", customer="Fang Wang"),
    entry("customer.name", customer={"name": "x" * 201}),
    entry("customer.name", customer={"name": "Fang\x00Wang"}),
    entry("customer.ref", customer={"ref": ""}),
    entry("customer.ref", customer={"ref": "x" * 201}),
    # What stands in one line of a mail or paper takes no other (they would add text of somebody else's).
    entry("customer.name", customer={"name": "Wang\n\nYour refund waits at http://evil.example"}),
    entry("customer.phone", customer={"phone": "1\r\n2"}),
    entry("customer.postcode", customer={"postcode": "1\u20282"}),
    entry("category", category="product\n" * 20),
    entry("type", type="quality\x85"),
    entry("product.name", product={"name": "coil\tB"}),
    entry("order_ref", order_ref="A\n1"),
    entry("narrative", narrative="NUL \x00 in it"),
    entry("narrative", narrative="x" * 20_001),
    entry("narrative", narrative=["a", "list"]),
    entry("category", category=""),
    entry("category", category="\x00"),
    entry("type", type=None),
    entry("details", details={f"k{n}": "v" for n in range(31)}),
    entry("details.k", details={"k": "NUL \x00"}),
    entry("claimed.amount", claimed={"amount": -1, "currency": "CNY"}),
    entry("claimed.amount", claimed={"amount": "NaN", "currency": "CNY"}),
    entry("claimed.amount", claimed={"amount": "1e400", "currency": "CNY"}),
    entry("claimed.amount", claimed={"amount": "１２３", "currency": "CNY"}),
    entry("claimed.amount", claimed={"amount": "1_000", "currency": "CNY"}),
    entry("product.sold_on", product={"sold_on": "14/07/2020"}),
    entry("product.sold_on", product={"sold_on": "2020-07-14T00:00:00+00:00"}),
    entry("received_at", received_at="20261121"),
    entry("received_at", received_at=1795219200),
    entry("claimed.currency", claimed={"amount": 1, "currency": "yuan"}),
    entry("flags.safety", flags={"safety": "perhaps"}),
    entry("accused_refs", accused_refs=["p"] * 21),
    entry("language", language="Mandarin!"),
    entry("order_ref", order_ref="\x00"),
    # JSON can write a lone surrogate; UTF-8 and PostgreSQL cannot.
    *(
        Bad("intake", "POST /complaints", (status, code, where), raw=template % b'"\\ud800"')
        for status, code, where, template in (
            (400, "malformed-json", "body", b'{"site":"sh01","kind":"complaint","category":%s}'),
            (400, "malformed-json", "body", b'{"narrative":%s}'),
        )
    ),
    invalid("intake", "POST /complaints/{complaint}/reopen", "reason_code", raw=b'{"reason_code":"\\ud800"}'),
    invalid("intake", "POST /complaints/{complaint}/reopen", "reason_code", {}),
    invalid("intake", "POST /complaints/{complaint}/reopen", "why", {"reason_code": "a", "why": "b"}),
    Bad("intake", "POST /complaints/{complaint}/decline", (422, "unknown-reason", "reason_code"), {"reason_code": "x"}),
    invalid("intake", "POST /complaints/{complaint}/withdraw", "reason_code", {"reason_code": "a\x00"}),
    invalid("intake", "POST /complaints/nobody/withdraw", "complaint_id", {}),
    invalid("intake", "POST /complaints/%00/withdraw", "complaint_id", {}),
    Bad("intake", "POST /complaints/{unknown}/withdraw", (404, "unknown-complaint", "id"), {}),
    invalid("intake", "POST /complaints/{complaint}/acknowledge", "promised_at", {"promised_at": "soon"}),
    invalid("intake", "POST /complaints/{complaint}/amend", "narrative", {"narrative": "\x00"}),
    invalid("intake", "POST /complaints/{complaint}/amend", "narrative", raw=b'{"narrative":"\\udfff"}'),
    invalid("intake", "POST /complaints/{complaint}/amend", "kind", {"kind": "complaint"}),
    Bad("intake", "POST /complaints/{unknown}/amend", (404, "unknown-complaint", "reference"), {}),
    invalid("intake", "POST /complaints/{complaint}/replies", "round", {"round": 0, "accepts": True, "secret": "x"}),
    invalid("intake", "POST /complaints/{complaint}/replies", "accepts", {"round": 1, "accepts": 2, "secret": "x"}),
    invalid(
        "intake", "POST /complaints/{complaint}/replies", "secret", raw=b'{"round":1,"accepts":true,"secret":"\\ud800"}'
    ),
    Bad(
        "intake", "POST /complaints/{complaint}/replies", (401, "bad-link", "secret"),
        {"round": 1, "accepts": True, "secret": "guessed"},
    ),
    Bad("intake", "GET /complaints/nobody", (404, "unknown-complaint", "reference")),
    Bad("intake", "GET /complaints/%00", (404, "unknown-complaint", "reference")),
    Bad("intake", "GET /complaints/%ff%fe", (404, "unknown-complaint", "reference")),
    Bad("intake", "GET /complaints/{unknown}/history", (404, "unknown-complaint", "reference")),
    invalid("intake", "GET /complaints?limit=0", "limit"),
    invalid("intake", "GET /complaints?limit=100000", "limit"),
    invalid("intake", "GET /complaints?limit=ten", "limit"),
    invalid("intake", "GET /complaints?after=nobody", "after"),
    invalid("intake", "GET /complaints?status=lost", "status"),
    invalid("intake", "GET /complaints?channel=%00", "channel"),
    invalid("intake", "GET /complaints?received_from=2026-13-01T00:00:00Z", "received_from"),
    invalid("intake", "POST /imports", "rows", {"source": "s", "rows": []}),
    invalid("intake", "POST /imports", "source", {"source": "a\x00", "rows": [{}]}),
    invalid("intake", "POST /imports", "rows.0", {"source": "s", "rows": ["row"]}),
    Bad("intake", "POST /complaints/{complaint}/merge", (404, "unknown-complaint", "reference"), {"into": "SH01-1999-000001"}),
    invalid("intake", "POST /complaints/{complaint}/merge", "into", {"into": "a\x00"}),
    Bad("intake", "POST /complaints/{complaint}/merge", (*CLOSED, "reference"), {"into": "x"}, scope=BERLIN),
    invalid("intake", "POST /complaints/{complaint}/contract-limit", "until", {"until": "soon", "clause": "c-1"}),
    Bad("intake", "POST /complaints/{unknown}/contract-limit", (404, "unknown-complaint", "id"), {"until": "2026-01-01T00:00:00Z", "clause": "c-1"}),
    Bad("intake", "POST /complaints", (422, "bad-idempotency-key", "Idempotency-Key"), driving.a_complaint(), headers={"idempotency-key": ""}),
    Bad("intake", "POST /complaints", (422, "bad-idempotency-key", "Idempotency-Key"), driving.a_complaint(), headers={"idempotency-key": "k" * 201}),
    Bad("intake", "POST /complaints/{complaint}/withdraw", (422, "bad-idempotency-key", "Idempotency-Key"), {}, headers={"idempotency-key": "k" * 201}),
    Bad("intake", "POST /complaints", (*CLOSED, "site"), driving.a_complaint(), scope=BERLIN),
    Bad("intake", "GET /complaints/{complaint}", (*CLOSED, "reference"), scope=BERLIN),
    Bad("intake", "GET /complaints/{complaint}", (*CLOSED, "reference"), scope=FINANCE),
    Bad("intake", "GET /complaints/{complaint}/history", (*CLOSED, "reference"), scope=FINANCE),
    Bad("intake", "POST /complaints/{complaint}/amend", (*CLOSED, "reference"), {}, scope=BERLIN),
    Bad("intake", "POST /complaints/{complaint}/withdraw", (*CLOSED, "site"), {}, scope=BERLIN),
    Bad("intake", "POST /complaints/{complaint}/withdraw", (*CLOSED, "department"), {}, scope=FINANCE),
    Bad("intake", "POST /complaints/{complaint}/acknowledge", (*CLOSED, "site"), {}, scope=BERLIN),
    # routing
    invalid("routing", "POST /cases/{complaint}/investigation", "liability", {"liability": "fate", "valid": True, "cause_code": "x"}),
    invalid("routing", "POST /cases/{complaint}/investigation", "cause_code", raw=b'{"liability":"own","valid":true,"cause_code":"\\ud800"}'),
    invalid("routing", "POST /cases/{complaint}/proposals", "remedies", {"remedies": []}),
    invalid("routing", "POST /cases/{complaint}/proposals", "compensation.amount", {"remedies": ["refund"], "compensation": {"amount": 0, "currency": "CNY"}}),
    invalid("routing", "POST /cases/{complaint}/proposals", "compensation.amount", raw=b'{"remedies":["refund"],"compensation":{"amount":1e999,"currency":"CNY"}}'),
    invalid("routing", "POST /cases/{complaint}/proposals", "compensation.amount", raw=b'{"remedies":["refund"],"compensation":{"amount":NaN,"currency":"CNY"}}'),
    invalid("routing", "POST /cases/{complaint}/approvals", "proposal", {"proposal": 2**70, "decision": "approve"}),
    invalid("routing", "POST /cases/{complaint}/approvals", "body", {"proposal": 1, "decision": "reject"}),
    invalid("routing", "POST /cases/{complaint}/answer", "form", {"form": "telegram"}),
    invalid("routing", "POST /cases/{complaint}/pause", "reason", {"waiting_for": "customer"}),
    invalid("routing", "POST /cases/{complaint}/reassign", "department", {"department": "\x00", "reason": "x"}),
    invalid("routing", "POST /cases/{complaint}/reclassify", "category", {"kind": "complaint", "category": "\x00", "type": "x"}),
    invalid("routing", "POST /cases/{complaint}/reclassify", "type", {"kind": "complaint", "category": "product", "type": "a\nb"}),
    invalid("routing", "POST /cases/{complaint}/reclassify", "type", raw=b'{"kind":"complaint","category":"x","type":"\\udead"}'),
    Bad("routing", "POST /cases/{complaint}/close", (409, "status-forbids", "status")),
    Bad("routing", "POST /cases/{complaint}/fulfil", (409, "status-forbids", "status")),
    Bad("routing", "POST /cases/{unknown}/accept", (404, "unknown-case", "complaint_id")),
    Bad("routing", "POST /cases/nobody/accept", (404, "unknown-case", "id")),
    invalid("routing", "POST /cases/%00/accept", "identifier"),
    invalid("routing", "GET /cases/%00", "identifier"),
    Bad("routing", "GET /cases/{unknown}", (404, "unknown-case", "id")),
    invalid("routing", "GET /cases?limit=-1", "limit"),
    invalid("routing", "GET /cases?after=1", "after"),
    invalid("routing", "GET /cases?department=%00", "department"),
    invalid("routing", "POST /explain", "flags.magic", {"site": "sh01", "category": "x", "type": "y", "flags": {"magic": True}}),
    invalid("routing", "POST /explain", "category", {"site": "sh01", "type": "y"}),
    Bad("routing", "POST /explain", (422, "unknown-site", "site"), {"site": "mars", "category": "x", "type": "y"}),
    Bad("routing", "POST /explain", (*CLOSED, "site"), {"site": "sh01", "category": "x", "type": "y"}, scope=BERLIN),
    Bad("routing", "GET /cases/{complaint}", (*CLOSED, "id"), scope=BERLIN),
    Bad("routing", "GET /cases/{complaint}", (*CLOSED, "id"), scope=FINANCE),
    Bad("routing", "GET /cases?department=quality", (*CLOSED, "department"), scope=FINANCE),
    Bad("routing", "POST /cases/{complaint}/accept", (*CLOSED, "site"), scope=BERLIN),
    Bad("routing", "POST /cases/{complaint}/accept", (*CLOSED, "department"), scope=FINANCE),
    Bad("routing", "POST /cases/{complaint}/accept", (422, "bad-idempotency-key", "Idempotency-Key"), headers={"idempotency-key": "k" * 300}),
    # escalation
    invalid("escalation", "GET /complaints/nobody/clocks", "complaint_id"),
    invalid("escalation", "GET /complaints/%00/clocks", "complaint_id"),
    invalid("escalation", "GET /complaints/{complaint}/clocks?lang=fr", "lang"),
    Bad("escalation", "GET /complaints/{unknown}/clocks", (404, "unknown-complaint", "complaint_id")),
    Bad("escalation", "GET /complaints/{complaint}/clocks", (*CLOSED, "site"), scope=BERLIN),
    Bad("escalation", "GET /complaints/{complaint}/clocks", (*CLOSED, "department"), scope=FINANCE),
    invalid("escalation", "POST /complaints/{complaint}/extensions", "due_at", {"clock": "answer", "reason_code": "x", "due_at": "soon"}),
    invalid("escalation", "POST /complaints/{complaint}/extensions", "reason_code", {"clock": "answer"}),
    invalid("escalation", "POST /complaints/{complaint}/extensions", "target", {"clock": "answer", "reason_code": "x", "target": "\x00"}),
    Bad("escalation", "POST /complaints/{complaint}/extensions", (*CLOSED, "site"), {"clock": "answer", "reason_code": "x", "target": "5 wd"}, scope=BERLIN),
    Bad("escalation", "POST /complaints/{unknown}/extensions", (404, "unknown-complaint", "complaint_id"), {"clock": "answer", "reason_code": "x", "target": "5 wd"}),
    invalid("escalation", "GET /escalations?open=maybe", "open"),
    invalid("escalation", "GET /escalations?limit=201", "limit"),
    invalid("escalation", "GET /escalations?site=%00", "site"),
    Bad("escalation", "GET /escalations?site=sh01", (*CLOSED, "site"), scope=BERLIN),
    invalid("escalation", "POST /escalations/nobody/acknowledge", "escalation_id"),
    Bad("escalation", "POST /escalations/{unknown}/acknowledge", (404, "unknown-escalation", "escalation_id")),
    Bad("escalation", "POST /escalations/{unknown}/decisions", (404, "unknown-escalation", "escalation_id"), {"decision": "take_over"}),
    invalid("escalation", "POST /escalations/{unknown}/decisions", "decision", {"decision": "dance"}),
    Bad("escalation", "POST /complaints/{unknown}/escalations", (404, "unknown-complaint", "complaint_id")),
    Bad("escalation", "POST /complaints/{unknown}/agreed-dates", (404, "unknown-complaint", "complaint_id"), {"clock": "answer", "due_at": "2027-01-01T00:00:00Z"}),
    Bad("escalation", "POST /complaints/{complaint}/agreed-dates", (404, "nothing-to-agree", "clock"), {"clock": "answer", "due_at": "2027-01-01T00:00:00Z"}),
    invalid("escalation", "POST /complaints/{complaint}/agreed-dates", "due_at", {"clock": "answer", "due_at": "soon"}),
    Bad("escalation", "POST /clocks/recompute?limit=0", (403, "role-missing", "Authorization")),
    # surveys
    invalid("surveys", "GET /invitations?status=lost", "status"),
    invalid("surveys", "GET /invitations?limit=0", "limit"),
    invalid("surveys", "GET /results?from=2026-01-01", "from"),
    invalid("surveys", "GET /results?survey=%00", "survey"),
    Bad("surveys", "GET /results?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", (422, "empty-window", "to")),
    Bad("surveys", "GET /invitations?site=sh01", (*CLOSED, "site"), scope=BERLIN),
    Bad("surveys", "GET /results?site=sh01", (*CLOSED, "site"), scope=BERLIN),
    Bad("surveys", "POST /rounds", (422, "unknown-survey", "survey"), {"site": "sh01", "survey": "nothing"}),
    Bad("surveys", "POST /rounds", (*CLOSED, "site"), {"site": "sh01", "survey": "nothing"}, scope=BERLIN),
    invalid("surveys", "POST /rounds", "at", {"site": "sh01", "survey": "opinions", "at": "soon"}),
    Bad("surveys", "POST /rounds/{unknown}/moments", (404, "unknown-round", "round_id"), {"moment": "forms issued"}),
    Bad("surveys", "GET /s/{unknown}.secret", (404, "unknown-link", "token"), headers={"accept": "application/json"}),
    Bad("surveys", "GET /s/%00", (404, "unknown-link", "token"), headers={"accept": "application/json"}),
    Bad("surveys", "POST /s/{unknown}.secret", (404, "unknown-link", "token"), {"grade": "satisfied"}),
)  # fmt: skip


@pytest.mark.parametrize("bad", [pytest.param(bad, id=f"{n} {bad}") for n, bad in enumerate(BAD)])
async def test_a_bad_request_is_refused_with_code_and_field_and_stores_nothing(caller, bad):
    method, path = bad.request.split(" ", 1)
    before = await caller.stored(bad.service)
    content = bad.raw if bad.raw is not None else None if bad.body is None else json.dumps(bad.body).encode()
    headers = {"content-type": "application/json"} | bad.headers if content is not None else bad.headers

    reply = await caller.send(
        bad.service, method, path, token=issued(bad.service, **bad.scope), content=content, headers=headers
    )

    assert told(reply) == bad.expected, reply.text
    assert await caller.stored(bad.service) == before


BROKEN = {
    "not json": b"{not json",
    "empty": b"",
    "cut off": b'{"a": 1',
    "utf-16": b"\xff\xfe{\x00",
    "latin-1": b'"\xe4"',
    "too deep": b"[" * 5000,
}
SHAPES: dict[str, Any] = {"list": [], "text": "text", "number": 7, "null": None, "boolean": True}


# Every door of every service -------------------------------------------------------------------------


@pytest.mark.parametrize("service", STATES)
async def test_no_door_but_the_customers_opens_without_a_good_token(caller, world, service):
    tokens = {
        "no-token": None,
        "bad-token": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln",
        "token-expired": issued(service, "admin", hours=-1),
    }
    before = await caller.stored(service)
    wrong = []
    for method, path, operation in world.operations[service]:
        if not needs_token(path):
            continue
        for code, token in tokens.items():
            body = {"json": {}} if takes_json(operation) else {}
            reply = await caller.send(service, method, path, token=token, **body)
            if told(reply) != (401, code, "Authorization") or "www-authenticate" not in reply.headers:
                wrong.append((method, path, code, reply.text))

    assert not wrong
    assert sum(needs_token(path) for _, path, _ in world.operations[service]) >= 2
    assert await caller.stored(service) == before


@pytest.mark.parametrize("service", STATES)
async def test_a_token_of_another_installation_or_of_another_algorithm_opens_nothing(caller, service):
    import jwt

    claims = {"aud": "kesu", "sub": "x", "roles": ["admin"], "sites": ["*"], "exp": 2**33}
    foreign = Tokens("another secret of another installation", SystemClock()).issue("x", roles=("admin",))
    for token in (foreign, jwt.encode(claims, None, algorithm="none"), jwt.encode(claims, SECRET.encode())):
        path = {"intake": "/complaints", "routing": "/cases", "escalation": "/escalations"}.get(
            service, "/results"
        )
        assert told(await caller.send(service, "GET", path, token=token))[:2] == (401, "bad-token")


@pytest.mark.parametrize("service", STATES)
async def test_every_door_with_roles_refuses_the_others(caller, world, service):
    role = {"intake": "auditor", "routing": "auditor", "escalation": "auditor", "surveys": "agent"}[service]
    before = await caller.stored(service)
    refused = []
    for method, path, operation in world.operations[service]:
        reads = method == "get" and service != "surveys"
        if reads or not needs_token(path) or path == "/explain":
            continue
        body = {"json": {}} if takes_json(operation) else {}
        reply = await caller.send(service, method, path, token=issued(service, role), **body)
        refused.append((path, told(reply)))

    assert refused
    assert [one for one in refused if one[1] != (403, "role-missing", "Authorization")] == []
    assert await caller.stored(service) == before


@pytest.mark.parametrize("service", STATES)
@pytest.mark.parametrize("kind", BROKEN)
async def test_what_is_no_json_is_told_so_at_every_door(caller, world, service, kind):
    content = BROKEN[kind]
    before = await caller.stored(service)
    wrong = []
    for method, path, operation in world.operations[service]:
        if not takes_json(operation) or path.startswith("/s/"):
            continue
        reply = await caller.send(
            service, method, path, token=issued(service, "admin"), content=content, headers=JSON
        )
        status, code, where = told(reply)
        # An empty body is a missing one, not a broken one.
        expected = {(400, "malformed-json", "body")} | (
            {(422, "invalid-body", "body")} if not content else set()
        )
        if (status, code, where) not in expected:
            wrong.append((path, status, reply.text))

    assert not wrong
    assert await caller.stored(service) == before


@pytest.mark.parametrize("service", STATES)
@pytest.mark.parametrize("shape", SHAPES)
async def test_json_of_another_shape_is_refused_at_every_door(caller, world, service, shape):
    before = await caller.stored(service)
    wrong = []
    for method, path, operation in world.operations[service]:
        if not takes_json(operation) or path.startswith("/s/"):
            continue
        reply = await caller.send(
            service,
            method,
            path,
            token=issued(service, "admin"),
            content=json.dumps(SHAPES[shape]).encode(),
            headers=JSON,
        )
        if told(reply) != (422, "invalid-body", "body"):
            wrong.append((path, reply.status_code, reply.text))

    assert not wrong
    assert await caller.stored(service) == before


HOSTILE = {
    "NUL": b'"\\u0000"',
    "half a character": b'"\\ud800"',
    "no number": b"NaN",
    "no end": b"-Infinity",
    "a large exponent": b"1e999",
    "a large number": b"%d" % 2**70,
    "digits without end": b"9" * 5_000,
    "deeper than Python goes": b"[" * 5_000 + b"]" * 5_000,
    "deep": b'{"a":' * 150 + b"1" + b"}" * 150,
    "a list of everything": b'[{},[],null,true,0.1,"x"]',
}


@pytest.mark.parametrize("service", STATES)
@pytest.mark.parametrize("value", HOSTILE)
async def test_no_value_in_any_field_of_any_door_is_more_than_a_refusal(caller, world, service, value):
    failed = []
    for method, path, operation in world.operations[service]:
        if "application/json" not in operation.get("requestBody", {}).get("content", {}):
            continue
        document = await caller.document(service)
        for field_name in [*fields_of(operation, document), "nobody's"]:
            content = b'{"%s":%s}' % (field_name.encode(), HOSTILE[value])
            reply = await caller.send(
                service, method, path, token=issued(service, "admin"), content=content, headers=JSON
            )
            if not 400 <= reply.status_code < 500:
                failed.append((path, field_name, reply.status_code, reply.text[:300]))

    assert not failed


@pytest.mark.parametrize("service", STATES)
@pytest.mark.parametrize("value", ["%00", "%ff%fe", "9" * 5_000, "-1e999", "NaN", "%ed%a0%80"])
async def test_no_value_in_any_address_of_any_door_is_a_bug(caller, world, service, value):
    failed = []
    for method, path, operation in world.operations[service]:
        for parameter in operation.get("parameters", []):
            name = parameter["name"]
            if parameter["in"] == "query":
                address = f"{path}?{name}={value}"
            elif parameter["in"] == "path" and name != "token":
                address = path.replace("{" + name + "}", value)
            else:
                continue
            reply = await caller.send(service, method, address, token=issued(service, "admin"))
            if reply.status_code >= 500:
                failed.append((address[:80], reply.status_code, reply.text[:300]))

    assert not failed


def fields_of(operation: dict[str, Any], document: dict[str, Any]) -> list[str]:
    """The fields of the body that the door takes, also those of its variants."""
    schemas = [operation["requestBody"]["content"]["application/json"]["schema"]]
    found: list[str] = []
    while schemas:
        one = schemas.pop()
        if "$ref" in one:
            one = document["components"]["schemas"][one["$ref"].rpartition("/")[2]]
        schemas += [*one.get("anyOf", []), *one.get("oneOf", []), *one.get("allOf", [])]
        found += one.get("properties", {})
    return found


@pytest.mark.parametrize("way", ["with its length", "in chunks"])
@pytest.mark.parametrize("service", STATES)
async def test_too_large_a_body_is_refused_at_every_door_whether_it_says_its_length_or_not(
    caller, world, service, way
):
    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"narrative": "'
        for _ in range(20):
            yield b"x" * 65_536
        yield b'"}'

    before = await caller.stored(service)
    wrong = []
    for method, path, operation in world.operations[service]:
        # A customer's page looks at the link first, and reads nothing behind a bad one.
        if "requestBody" not in operation or path[:3] in {"/c/", "/a/", "/s/", "/p/", "/d/"}:
            continue
        content = b" " * (LIMIT_BYTES + 1) if way == "with its length" else chunks()
        reply = await caller.send(
            service, method, path, token=issued(service, "admin"), content=content, headers=JSON
        )
        if told(reply) != (413, "body-too-large", "body"):
            wrong.append((path, reply.status_code, reply.text[:200]))

    assert not wrong
    assert await caller.stored(service) == before


@pytest.mark.parametrize("service", STATES)
async def test_other_methods_and_other_paths_are_told_what_is_wrong(caller, world, service):
    wrong = []
    for path in {path for _, path, _ in world.operations[service]}:
        reply = await caller.send(service, "PATCH", path, json={})
        if told(reply)[:2] != (405, "method-not-allowed") or "allow" not in reply.headers:
            wrong.append((path, reply.status_code, reply.text))
    for path in (
        "/nowhere",
        "/complaints/{complaint}/nowhere",
        "/static/../../etc/passwd",
        "/%00",
        "/%ff",
    ):
        reply = await caller.send(service, "GET", path)
        if told(reply)[0] != 404:
            wrong.append((path, reply.status_code, reply.text))

    assert not wrong


@pytest.mark.parametrize("service", STATES)
async def test_head_works_wherever_get_does(caller, world, service):
    wrong = []
    paths = {path for method, path, _ in world.operations[service] if method == "get"}
    for path in sorted(paths | {"/healthz", "/readyz", "/metrics", "/docs", "/openapi.json", "/asyncapi"}):
        get = await caller.send(service, "GET", path)
        head = await caller.send(service, "HEAD", path)
        if (head.status_code, head.content) != (get.status_code, b""):
            wrong.append((path, get.status_code, head.status_code))
        names = [name.lower() for name, _ in get.headers.raw]
        if len(names) != len(set(names)) or "no-store" not in get.headers["cache-control"]:
            wrong.append((path, names, get.headers.get("cache-control")))

    assert not wrong


async def test_a_refusal_at_any_door_is_our_own_problem_and_never_a_bug(world):
    text = world.suite.log_text()
    assert "door.bug" not in text
    assert "part.died" not in text


# Idempotency keys ------------------------------------------------------------------------------------


async def test_a_repeated_registration_with_its_key_gives_the_same_answer_and_one_complaint(caller):
    body = driving.a_complaint(narrative="once only")
    headers = {"idempotency-key": str(new_id())}
    token = issued("intake")
    before = await caller.stored("intake")

    replies = await asyncio.gather(
        *(
            caller.send("intake", "POST", "/complaints", token=token, json=body, headers=headers)
            for _ in range(8)
        )
    )
    later = await caller.send("intake", "POST", "/complaints", token=token, json=body, headers=headers)

    assert {reply.status_code for reply in (*replies, later)} == {201}
    # The status is that of now: it may have been assigned in the meantime.
    names = [{**reply.json(), "status": None} for reply in (*replies, later)]
    assert all(one == names[0] for one in names)
    assert (await caller.stored("intake"))[0] == before[0] + 1


async def test_the_same_key_with_another_body_is_refused_and_enters_nothing(caller):
    headers = {"idempotency-key": str(new_id())}
    token = issued("intake")
    first = await caller.send(
        "intake", "POST", "/complaints", token=token, json=driving.a_complaint(), headers=headers
    )
    complaints = (await caller.stored("intake"))[0]

    other = driving.a_complaint(narrative="something else")
    second = await caller.send("intake", "POST", "/complaints", token=token, json=other, headers=headers)

    assert first.status_code == 201
    assert told(second) == (422, "idempotency-key-reused", "Idempotency-Key")
    assert (await caller.stored("intake"))[0] == complaints


async def test_a_key_survives_the_renewal_of_the_callers_token(caller):
    headers = {"idempotency-key": str(new_id())}
    body = driving.a_complaint()
    old, new = issued("intake", hours=1), issued("intake", hours=2)

    first = await caller.send("intake", "POST", "/complaints", token=old, json=body, headers=headers)
    second = await caller.send("intake", "POST", "/complaints", token=new, json=body, headers=headers)

    assert old != new
    assert first.json()["id"] == second.json()["id"]


async def test_keys_of_two_callers_have_nothing_to_do_with_each_other(caller):
    headers = {"idempotency-key": str(new_id())}
    tokens = Tokens(SECRET, SystemClock())
    replies = [
        await caller.send(
            "intake",
            "POST",
            "/complaints",
            token=tokens.issue(who, roles=("agent",)),
            json=driving.a_complaint(),
            headers=headers,
        )
        for who in ("wang.lei", "li.na")
    ]

    assert replies[0].json()["id"] != replies[1].json()["id"]


async def test_a_refused_request_does_not_use_up_its_key(caller):
    headers = {"idempotency-key": str(new_id())}
    token = issued("intake")
    bad = await caller.send(
        "intake", "POST", "/complaints", token=token, json=driving.a_complaint(site="mars"), headers=headers
    )
    good = await caller.send(
        "intake", "POST", "/complaints", token=token, json=driving.a_complaint(), headers=headers
    )

    assert (bad.status_code, good.status_code) == (422, 201)


async def test_a_repeated_step_of_the_desk_with_its_key_is_taken_once(caller, world):
    made = await caller.send("intake", "POST", "/complaints", json=driving.a_complaint())
    path = f"/cases/{made.json()['id']}/accept"
    headers = {"idempotency-key": str(new_id())}
    token = issued("routing")

    async def taken() -> bool:
        return (await caller.send("routing", "POST", path, token=token, headers=headers)).status_code == 200

    await eventually(taken, 20)
    again = await caller.send("routing", "POST", path, token=token, headers=headers)
    without = await caller.send("routing", "POST", path, token=token)

    assert again.json()["status"] == "accepted"
    assert told(without)[:2] == (409, "status-forbids")


async def test_a_row_of_an_import_is_refused_alone_with_its_reason(caller):
    good = driving.a_complaint(row=1, ref="r-1", received_at="2026-11-20T08:00:00Z")
    rows = [
        good,
        good | {"row": 2, "ref": "r-2", "site": "mars"},
        good | {"row": 3, "ref": "x\x00"},
        {"row": 4},
    ]
    before = (await caller.stored("intake"))[0]

    reply = await caller.send("intake", "POST", "/imports", json={"source": "doors", "rows": rows})
    again = await caller.send("intake", "POST", "/imports", json={"source": "doors", "rows": [good]})

    results = reply.json()["results"]
    assert [(one["status"], one.get("code"), one.get("field")) for one in results] == [
        ("registered", None, None),
        ("rejected", "unknown-site", "site"),
        ("rejected", "invalid-row", "ref"),
        ("rejected", "invalid-row", "site"),
    ]
    assert again.json()["known"] == 1
    assert (await caller.stored("intake"))[0] == before + 1


async def test_lists_show_only_what_the_token_covers(caller):
    for service, path in (("intake", "/complaints"), ("routing", "/cases"), ("escalation", "/escalations")):
        for scope in (BERLIN, FINANCE):
            reply = await caller.send(service, "GET", path, token=issued(service, "auditor", **scope))
            assert (reply.status_code, reply.json()["items"]) == (200, []), (service, scope)


def is_a_list(method: str, path: str, operation: dict[str, Any]) -> bool:
    """Whether it can be asked with nothing but a token."""
    required = [one for one in operation.get("parameters", ()) if one.get("required")]
    return method == "get" and "{" not in path and not required


async def test_what_is_said_of_a_person_or_of_an_unknown_complaint_breaks_no_list(caller, world):
    """Every service keeps a row without a document for such a subject; no list, page or report shows it."""
    switched = await caller.send(
        "routing", "PUT", "/presence/lena.vogel", token=issued("routing", "admin"), json={"present": False}
    )
    assert switched.status_code == 200

    async def marked() -> bool:
        return (
            await driving.asked(world.suite, "intake", "SELECT count(*) FROM complaints WHERE state IS NULL")
            == 1
        )

    await eventually(marked, 20)
    for service, table in STATES.items():
        connection = await asyncpg.connect(world.suite.databases[service])
        try:
            await connection.execute(
                f"INSERT INTO {table} (complaint_id, site, version, told, heard) VALUES ($1, 'sh01', 1, 0, '{{}}')",
                new_id(),
            )
        finally:
            await connection.close()

    lists = [
        (service, path)
        for service, operations in world.operations.items()
        for method, path, operation in operations
        if is_a_list(method, path, operation)
    ]
    assert {("intake", "/complaints"), ("routing", "/cases"), ("surveys", "/invitations")} <= set(lists)
    for service, path in lists:
        reply = await caller.send(service, "GET", path, token=issued(service, "admin"))
        assert reply.status_code == 200, (service, path, reply.text)
    urgent = await caller.send("routing", "GET", "/cases?order=urgency", token=issued("routing", "admin"))
    assert urgent.status_code == 200
