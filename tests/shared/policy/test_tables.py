"""Does the index find the row that a plain search finds, and fast enough?"""

from __future__ import annotations

from decimal import Decimal
from time import process_time_ns

from hypothesis import given
from hypothesis import strategies as st

from shared.policy.claims import Claim
from shared.policy.covering import covers, overlap
from shared.policy.model import Facts, FanOutRule, RouteRule, When, matches
from shared.policy.table import Table

MICROSECOND = 1000
words = st.lists(st.sampled_from("abc"), unique=True, max_size=3).map(tuple)
figures = st.dictionaries(st.sampled_from(["CNY", "EUR"]), st.integers(0, 4).map(Decimal), max_size=2)
whens = st.builds(
    When,
    kind=words,
    category=words,
    type=words,
    channel=words,
    site=words,
    grade=words,
    flags=words,
    severity=words,
    product_line=words,
    claimed_above=figures,
    claimed_up_to=figures,
)
tables = st.lists(whens, max_size=8).map(
    lambda conditions: tuple(RouteRule(f"row{at}", "x", when) for at, when in enumerate(conditions))
)
word = st.sampled_from("abcd")
complaints = st.builds(
    Facts, kind=word, category=word, type=word, channel=word, site=word, grade=word, severity=word,
    flags=st.frozensets(word), product_line=word,
    claimed=st.none() | st.builds(Claim, st.integers(1, 5).map(Decimal), st.sampled_from(["CNY", "EUR", "USD"])),
)  # fmt: skip


@given(tables, complaints)
def test_the_index_finds_what_a_search_row_by_row_finds(rows, complaint):
    table = Table(rows)

    found = tuple(row for row in rows if matches(row.when, complaint))

    assert table.every(complaint) == found
    assert table.first(complaint) == (found[0] if found else None)


@given(whens, whens, complaints)
def test_rows_that_do_not_overlap_never_take_the_same_complaint(one, other, complaint):
    if not overlap(one, other):
        assert not (matches(one, complaint) and matches(other, complaint))


@given(whens, whens, complaints)
def test_a_row_that_covers_another_takes_whatever_the_other_takes(one, other, complaint):
    if covers(one, other) and matches(other, complaint):
        assert matches(one, complaint)


claims = st.builds(
    Claim, st.integers(1, 9).map(lambda n: Decimal(n) / 2), st.sampled_from(["CNY", "EUR", "USD"])
)
asking = st.builds(When, claimed_above=figures, claimed_up_to=figures)


@given(asking, asking, claims)
def test_figures_that_cover_or_part_do_so_for_every_claim(one, other, claim):
    facts = Facts("", "", "", "", "", claimed=claim)
    taken = matches(one, facts), matches(other, facts)

    assert not covers(one, other) or taken != (False, True)
    assert overlap(one, other) or taken != (True, True)


@given(st.dictionaries(st.sampled_from(["CNY", "EUR"]), st.integers(0, 4).map(Decimal), min_size=1), claims)
def test_a_claim_is_either_above_the_figures_or_up_to_them(limits, claim):
    facts = Facts("", "", "", "", "", claimed=claim)

    assert matches(When(claimed_above=limits), facts) != matches(When(claimed_up_to=limits), facts)
    assert not matches(When(claimed_up_to=limits), Facts("", "", "", "", ""))


@given(whens, whens)
def test_a_row_that_covers_another_overlaps_it(one, other):
    if covers(one, other) and overlap(other, other):  # figures can leave a row nothing at all
        assert overlap(one, other)


def test_several_flags_match_several_rows():
    table = Table((FanOutRule("a", When(flags=("safety",))), FanOutRule("b", When(flags=("legal",)))))

    found = table.every(Facts("", "", "", "", "", flags=frozenset({"legal", "safety"})))

    assert [row.name for row in found] == ["a", "b"]


def test_a_table_of_500_rows_decides_in_less_than_100_microseconds():
    rows = tuple(
        RouteRule(f"row{at}", "x", When(kind=("complaint",), category=(f"c{at % 50}",), type=(f"t{at}",)))
        for at in range(499)
    )
    table = Table((*rows, RouteRule("rest", "x")))
    complaints = [Facts("complaint", f"c{at % 50}", f"t{at}", "phone", "sh01") for at in range(0, 499, 7)]
    complaints += [Facts("complaint", "c1", "unheard-of", "phone", "sh01")] * len(complaints)

    best = min(_nanoseconds_each(table, complaints) for _ in range(20))

    assert best < 100 * MICROSECOND
    assert table.first(complaints[-1]).name == "rest"
    assert table.first(complaints[3]).name == "row21"


def _nanoseconds_each(table: Table[RouteRule], complaints: list[Facts]) -> float:
    began = process_time_ns()
    for complaint in complaints:
        table.first(complaint)
    return (process_time_ns() - began) / len(complaints)
