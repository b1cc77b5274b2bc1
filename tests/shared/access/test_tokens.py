"""Does a token say who calls, for as long as it may, and can nobody make or change one?"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from typer.testing import CliRunner

from shared.access.links import Links
from shared.access.tokens import ROLES, Tokens
from shared.cli.main import app
from shared.errors import Rejected, Unauthenticated
from shared.sealed.sealer import Sealer, derive, ring_of

SECRET = "an installation's secret, long enough for anybody"


class StandingClock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 21, 8, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def tokens(clock) -> Tokens:
    return Tokens(SECRET, clock)


def test_a_token_says_person_roles_and_scope(tokens):
    token = tokens.issue(
        "wang.lei", roles=("handler", "agent"), sites=("sh01", "ber1"), departments=("quality",)
    )
    actor = tokens.read(token)

    assert actor.person == "wang.lei"
    assert actor.roles == {"agent", "handler"}
    assert actor.may_see_site("ber1") and not actor.may_see_site("us01")
    assert actor.may_see_department("quality") and not actor.may_see_department("finance")


def test_without_a_scope_it_covers_all_sites_and_departments(tokens):
    actor = tokens.read(tokens.issue("chen.jing", roles=("director",)))
    assert actor.may_see_site("anywhere") and actor.may_see_department("any")


@pytest.mark.parametrize("roles", [(), ("king",), ("admin", "king")])
def test_a_token_for_no_role_or_an_unknown_one_is_not_issued(tokens, roles):
    with pytest.raises(Rejected) as told:
        tokens.issue("x", roles=roles)
    assert told.value.code == "unknown-role"
    assert all(role in (told.value.remedy or "") for role in ROLES)


def test_it_ends_to_the_second_by_our_own_clock(tokens, clock):
    token = tokens.issue("x", roles=("agent",), lifetime=timedelta(hours=1))
    clock.moment += timedelta(minutes=59, seconds=59)
    assert tokens.read(token).person == "x"
    clock.moment += timedelta(seconds=1)
    with pytest.raises(Unauthenticated, match="token-expired"):
        tokens.read(token)


def test_a_token_that_was_read_before_ends_as_well(tokens, clock):
    token = tokens.issue("x", roles=("agent",), lifetime=timedelta(minutes=1))
    for _ in range(3):
        tokens.read(token)
    clock.moment += timedelta(minutes=1)
    for _ in range(2):
        with pytest.raises(Unauthenticated, match="token-expired"):
            tokens.read(token)


def test_a_changed_claim_breaks_the_signature(tokens):
    head, body, signature = tokens.issue("x", roles=("agent",)).split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["roles"] = ["admin"]
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")

    for token in (f"{head}.{forged}.{signature}", f"{head}.{body}.{signature[:-2]}AA", f"{head}.{body}."):
        with pytest.raises(Unauthenticated, match="bad-token"):
            tokens.read(token)


def claims(**changes) -> dict:
    given = {"aud": "kesu", "sub": "x", "roles": ["admin"], "sites": ["*"], "exp": 2**33} | changes
    return {name: value for name, value in given.items() if value is not None}


@pytest.mark.parametrize(
    "token",
    [
        jwt.encode(claims(), None, algorithm="none"),
        jwt.encode(claims(), SECRET.encode(), algorithm="HS256"),
        jwt.encode(claims(), derive("another secret of another installation", "tokens"), algorithm="HS256"),
        jwt.encode(claims(), derive(SECRET, "links"), algorithm="HS256"),
        jwt.encode(claims(aud="another"), derive(SECRET, "tokens"), algorithm="HS256"),
        jwt.encode(claims(exp=None), derive(SECRET, "tokens"), algorithm="HS256"),
        jwt.encode(claims(sub=None), derive(SECRET, "tokens"), algorithm="HS256"),
        jwt.encode(claims(exp="soon"), derive(SECRET, "tokens"), algorithm="HS256"),
        "",
        "a.b.c",
        "\xff\xfe",
        "x" * 10_000,
    ],
    ids=["no algorithm", "the bare secret", "another secret", "a link's key", "another audience", "no end", "no person", "no date", "empty", "not base64", "not ASCII", "long"],
)  # fmt: skip
def test_a_token_from_elsewhere_is_refused(tokens, token):
    with pytest.raises(Unauthenticated, match="bad-token"):
        tokens.read(token)


def signed(**changes) -> str:
    given = {"aud": "kesu", "sub": "x", "roles": ["admin"], "sites": ["*"], "departments": [], "exp": 2**33}
    return jwt.encode(given | changes, derive(SECRET, "tokens"), algorithm="HS256")


@pytest.mark.parametrize(
    "changes",
    [
        {"roles": None}, {"roles": "admin"}, {"roles": [["admin"]]}, {"roles": {"admin": True}}, {"roles": 7},
        {"sites": None}, {"sites": "*"}, {"sites": [None]}, {"sites": ["sh\x0001"]}, {"sites": [""]},
        {"departments": None}, {"departments": "sales"}, {"departments": [{}]},
        {"sub": "li\x00"}, {"sub": ""}, {"sub": "x" * 201}, {"sub": "\n"}, {"sub": "\ud800"},
        {"exp": float("inf")}, {"exp": float("nan")}, {"exp": True}, {"exp": "4000000000"}, {"exp": [2**33]},
        {"exp": 10**400},
    ],
    ids=str,
)  # fmt: skip
def test_a_signed_token_of_no_sense_is_refused_and_never_an_error_of_ours(tokens, changes):
    with pytest.raises(Unauthenticated, match="bad-token"):
        tokens.read(signed(**changes))


def test_a_token_without_roles_or_sites_allows_nothing_and_unknown_roles_count_for_nothing(tokens):
    bare = jwt.encode({"aud": "kesu", "sub": "x", "exp": 2**33}, derive(SECRET, "tokens"), algorithm="HS256")

    assert (tokens.read(bare).roles, tokens.read(bare).sites) == (frozenset(), frozenset())
    assert tokens.read(signed(roles=["customer", "agent"])).roles == {"agent"}


def test_refused_tokens_are_not_remembered_and_the_cache_stays_small(tokens):
    for number in range(3000):
        with pytest.raises(Unauthenticated):
            tokens.read(f"a.b.{number}")
    assert not tokens._cache
    issued = [tokens.issue(f"p{n}", roles=("agent",)) for n in range(2100)]
    for token in issued:
        tokens.read(token)
    assert len(tokens._cache) <= 2048
    assert tokens.read(issued[0]).person == "p0"


def test_whoever_holds_the_public_key_reads_tokens_and_makes_none(tokens, clock):
    theirs = ring_of(SECRET, ["links"])
    reader = Tokens(theirs, clock, public_key=tokens.public_key)

    assert reader.read(tokens.issue("li.na", roles=("agent",))).person == "li.na"
    with pytest.raises(Rejected, match="key-missing"):
        reader.issue("li.na", roles=("admin",))
    for key in (derive(SECRET, "links"), tokens.public_key.encode(), theirs.encode()):
        forged = jwt.encode(claims(), key, algorithm="HS256")
        with pytest.raises(Unauthenticated, match="bad-token"):
            reader.read(forged)


def test_a_reader_with_a_public_key_takes_none_that_a_shared_key_has_signed(tokens, clock):
    former = jwt.encode(claims(), derive(SECRET, "tokens"), algorithm="HS256")

    assert tokens.read(former).person == "x", "those of the release before run out in their time"
    with pytest.raises(Unauthenticated, match="bad-token"):
        Tokens(SECRET, clock, public_key=tokens.public_key).read(former)


def test_a_ring_without_any_key_for_tokens_is_refused_at_the_start(clock):
    with pytest.raises(Rejected, match="key-missing") as told:
        Tokens(ring_of(SECRET, ["links"]), clock)
    assert "kesu secret" in str(told.value.remedy)


@pytest.mark.parametrize("text", ["x", "AAAA", "\u00fc"])
def test_what_is_no_public_key_is_refused_with_its_setting(clock, text):
    with pytest.raises(Rejected, match="bad-public-key") as told:
        Tokens(SECRET, clock, public_key=text)
    assert told.value.field == "KESU_TOKEN_PUBLIC_KEY"


@pytest.mark.parametrize("service", ["intake", "routing", "escalation", "surveys"])
def test_what_a_service_is_given_opens_its_links_and_makes_no_tokens(service, monkeypatch, clock, tokens):
    monkeypatch.setenv("KESU_SECRET", SECRET)
    said = CliRunner().invoke(app, ["secret", service])
    given = dict(line.split("=", 1) for line in said.output.splitlines())

    theirs = given["KESU_SECRET"]
    assert Links(theirs).secret("survey", "x") == Links(SECRET).secret("survey", "x")
    assert Tokens(theirs, clock, public_key=given["KESU_TOKEN_PUBLIC_KEY"]).public_key == tokens.public_key
    for purpose in ("token-signing", "tokens"):
        with pytest.raises(Rejected, match="key-missing"):
            derive(theirs, purpose)
    key = {"k1": b"0" * 32}
    if service == "intake":
        assert Sealer(key, secret=theirs).pseudonym("a") == Sealer(key, secret=SECRET).pseudonym("a")
    else:
        with pytest.raises(Rejected, match="key-missing"):
            Sealer(key, secret=theirs).pseudonym("a")
