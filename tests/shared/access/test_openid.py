"""Are tokens of the company's identity provider taken, and only those? Against a small issuer on loopback."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.access.claims import Claims
from shared.access.openid import OpenId
from shared.access.tokens import Tokens
from shared.errors import Rejected, Unauthenticated, Unavailable
from tests.support.waiting import eventually

pytestmark = pytest.mark.loopback
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
KEYS = {name: rsa.generate_private_key(public_exponent=65537, key_size=2048) for name in ("one", "two")}


@dataclass
class StandingClock:
    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment


@dataclass
class Issuer:
    """An identity provider: publishes its keys, signs tokens."""

    url: str = ""
    published: list[str] = field(default_factory=lambda: ["one"])
    name: str | None = None
    fetches: int = 0
    away: bool = False
    hold: threading.Event = field(default_factory=threading.Event)

    def document(self, path: str) -> dict | None:
        if path.endswith("openid-configuration"):
            return {"issuer": self.name or self.url, "jwks_uri": f"{self.url}/keys"}
        self.fetches += 1
        jwks = [json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEYS[n].public_key())) for n in self.published]
        return {"keys": [k | {"kid": n, "use": "sig"} for k, n in zip(jwks, self.published, strict=True)]}

    def token(self, key: str = "one", secret=None, **claims) -> str:
        given = {
            "iss": self.url, "aud": "kesu", "sub": "wang.lei", "roles": ["handler", "cook"], "kesu_sites": ["sh01"],
            "kesu_departments": ["quality"], "exp": NOW + timedelta(hours=1),
        }  # fmt: skip
        body = {name: value for name, value in (given | claims).items() if value is not None}
        return jwt.encode(body, secret or KEYS[key], algorithm="RS256", headers={"kid": key})


@contextmanager
def an_issuer():
    issuer = Issuer()
    issuer.hold.set()

    class Door(BaseHTTPRequestHandler):
        def do_GET(self):
            issuer.hold.wait(10)
            body = json.dumps(issuer.document(self.path)).encode()
            self.send_response(503 if issuer.away else 200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    yield issuer
    issuer.hold.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def issuer():
    with an_issuer() as one:
        yield one


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def openid(issuer, clock) -> OpenId:
    one = OpenId(issuer.url, "kesu", clock)
    await one.refresh()
    return one


def refusal(openid: OpenId, token: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        openid.read(token)
    return caught.value.code


async def test_a_token_says_person_known_roles_and_scope(openid, issuer):
    actor, expires = openid.read(issuer.token())

    assert (actor.person, actor.roles) == ("wang.lei", {"handler"})
    assert (actor.sites, actor.departments) == ({"sh01"}, {"quality"})
    assert expires == (NOW + timedelta(hours=1)).timestamp()
    assert openid.issued(issuer.token())


async def test_tokens_of_both_kinds_open_the_same_doors(openid, issuer, clock):
    tokens = Tokens("an installation's secret, long enough", clock, openid)

    assert tokens.read(issuer.token()).person == "wang.lei"
    assert tokens.read(tokens.issue("li.na", roles=["agent"])).person == "li.na"
    with pytest.raises(Unauthenticated):
        tokens.read(issuer.token(secret=KEYS["two"]))


async def test_a_provider_that_says_nothing_of_sites_and_roles_allows_nothing(openid, issuer):
    actor, _ = openid.read(issuer.token(kesu_sites=None, roles=None))

    assert (actor.sites, actor.roles) == (frozenset(), frozenset())


@pytest.mark.parametrize("said", [None, [], "", [7], ["sa\x00les"]])
async def test_a_provider_that_says_nothing_of_departments_allows_none(openid, issuer, said):
    actor, _ = openid.read(issuer.token(kesu_departments=said))

    assert not actor.may_see_department("quality")
    assert not actor.may_see_department("*")


@pytest.mark.parametrize(
    "changes",
    [{"exp": float("inf")}, {"exp": float("nan")}, {"exp": "4000000000"}, {"nbf": float("nan")},
     {"nbf": float("inf")}, {"sub": "li\x00"}, {"sub": ""}],
    ids=str,
)  # fmt: skip
async def test_a_moment_that_never_comes_or_a_name_of_no_sense_is_refused(openid, issuer, changes):
    assert refusal(openid, issuer.token(**changes)) == "bad-token"


@pytest.mark.parametrize("published", [["two"], []])
async def test_a_withdrawn_key_ends_the_tokens_that_were_read_before(openid, issuer, clock, published):
    tokens = Tokens("an installation's secret, long enough", clock, openid)
    token = issuer.token()
    assert tokens.read(token).person == tokens.read(token).person == "wang.lei"

    issuer.published = published
    await openid.refresh()
    with pytest.raises(Unauthenticated):
        tokens.read(token)


async def test_another_key_of_the_same_name_ends_them_too(openid, issuer, clock, monkeypatch):
    tokens = Tokens("an installation's secret, long enough", clock, openid)
    token = issuer.token()
    tokens.read(token)

    monkeypatch.setitem(KEYS, "one", KEYS["two"])
    await openid.refresh()
    with pytest.raises(Unauthenticated):
        tokens.read(token)


async def test_claims_are_found_where_the_provider_keeps_them(issuer, clock):
    claims = Claims.from_setting(
        "person=preferred_username, roles=realm_access.roles,sites=https://x.example/sites"
    )
    openid = OpenId(issuer.url, "kesu", clock, claims)
    await openid.refresh()
    given = {"realm_access": {"roles": ["manager"]}, "https://x.example/sites": "ber1"}

    actor, _ = openid.read(issuer.token(preferred_username="petra.koch", **given))

    assert (actor.person, actor.roles, actor.sites) == ("petra.koch", {"manager"}, {"ber1"})


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"aud": "another-program"}, "bad-token"),
        ({"aud": None}, "bad-token"),
        ({"iss": "https://evil.example"}, "bad-token"),
        ({"sub": None}, "bad-token"),
        ({"exp": None}, "bad-token"),
        ({"exp": NOW}, "token-expired"),
        ({"nbf": NOW + timedelta(minutes=5)}, "bad-token"),
    ],
    ids=lambda given: str(given)[:30],
)
async def test_a_token_that_is_not_for_us_or_not_for_now_is_refused(openid, issuer, given, code):
    assert refusal(openid, issuer.token(**given)) == code


async def test_a_forged_token_is_refused(openid, issuer):
    assert refusal(openid, issuer.token("one", secret=KEYS["two"])) == "bad-token"
    assert refusal(openid, signed_with_what_is_published(issuer)) == "bad-token"
    assert refusal(openid, jwt.encode({"iss": issuer.url}, "", algorithm="none")) == "bad-token"
    assert refusal(openid, "nonsense") == "bad-token"
    assert not openid.issued("nonsense")


def signed_with_what_is_published(issuer: Issuer) -> str:
    """By hand, because PyJWT refuses to make it."""
    public = KEYS["one"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header = _base64(json.dumps({"alg": "HS256", "kid": "one"}).encode())
    signed = header + b"." + issuer.token().encode().split(b".")[1]
    return (signed + b"." + _base64(hmac.digest(public, signed, "sha256"))).decode()


def _base64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


async def test_a_new_key_of_the_provider_is_fetched_when_a_token_names_it(issuer, clock):
    openid = OpenId(issuer.url, "kesu", clock)
    running = asyncio.create_task(openid.run())
    await eventually(lambda: issuer.fetches == 1)
    await eventually(lambda: _read(openid, issuer.token()))
    issuer.published = ["two"]

    at_once = refusal(openid, issuer.token("two"))
    clock.moment += timedelta(minutes=1)
    refusal(openid, issuer.token("two"))
    await eventually(lambda: issuer.fetches == 2)
    actor, _ = await eventually(lambda: _read(openid, issuer.token("two")))
    openid.stop()
    await running

    assert at_once == "bad-token", "made-up keys do not have us ask again and again"
    assert actor.person == "wang.lei"
    assert refusal(openid, issuer.token("one")) == "bad-token", "the old key is no longer published"


def _read(openid: OpenId, token: str):
    try:
        return openid.read(token)
    except (Unauthenticated, Unavailable):
        return None


async def test_while_the_provider_is_away_the_keys_so_far_stay_good(openid, issuer):
    issuer.away = True

    with pytest.raises(Unavailable):
        await openid.refresh()

    assert openid.read(issuer.token())[0].person == "wang.lei"


async def test_before_the_first_keys_came_the_caller_is_asked_to_come_again(issuer, clock):
    with pytest.raises(Unavailable) as caught:
        OpenId(issuer.url, "kesu", clock).read(issuer.token())

    assert caught.value.code == "issuer-away"


async def test_a_slow_provider_holds_up_nothing_else(openid, issuer):
    issuer.hold.clear()
    fetching = asyncio.create_task(openid.refresh())
    for _ in range(20):
        await asyncio.sleep(0.005)
        assert openid.read(issuer.token())

    assert not fetching.done()
    issuer.hold.set()
    assert await fetching == 1


async def test_a_document_that_speaks_for_another_is_not_believed(issuer, clock):
    issuer.name = "https://another.example"

    with pytest.raises(Unavailable):
        await OpenId(issuer.url, "kesu", clock).refresh()


@pytest.mark.parametrize(
    ("url", "audience", "field"),
    [
        ("http://id.example", "kesu", "KESU_OIDC_ISSUER"),
        ("id.example", "kesu", "KESU_OIDC_ISSUER"),
        ("https://id.example", "", "KESU_OIDC_AUDIENCE"),
    ],
)
def test_settings_that_would_not_be_safe_are_refused(clock, url, audience, field):
    with pytest.raises(Rejected) as caught:
        OpenId(url, audience, clock)

    assert caught.value.field == field


@pytest.mark.parametrize("text", ["rolles=roles", "roles=", "roles"])
def test_a_misspelt_mapping_of_claims_is_refused(text):
    with pytest.raises(Rejected, match="bad-oidc-claims"):
        Claims.from_setting(text)
