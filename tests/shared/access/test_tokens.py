"""Does a token say who calls, for as long as it may, and can nobody make or change one?"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from shared.access.tokens import ROLES, Tokens
from shared.errors import Rejected, Unauthenticated
from shared.sealed.sealer import derive

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
