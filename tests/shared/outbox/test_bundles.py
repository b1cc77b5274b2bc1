"""Whatever waits, in whatever mixture: does it travel in bundles without loss, copy or overtaking?"""

from __future__ import annotations

from collections import defaultdict

import orjson
from hypothesis import given
from hypothesis import strategies as st

from shared.outbox import bundles
from shared.outbox.bundles import bundled
from tests.shared.outbox.stand_in import a_row

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["complaint.assigned.v1", "complaint.paused.v1", "complaint.resumed.v1"]),
        st.sampled_from(["anna", "bo", "chen", "dora"]),
        st.sampled_from([0, 0, 300, 900]),
    ),
    max_size=60,
)


def rows(given_ones):
    return [a_row(n, kind=kind, subject=who, size=size) for n, (kind, who, size) in enumerate(given_ones)]


@given(ROWS)
def test_each_event_is_in_one_bundle_of_its_type_and_none_overtakes_another_of_its_complaint(mixture):
    waiting = rows(mixture)

    made = bundled(waiting)

    sent = [row for bundle in made for row in bundle.rows]
    assert sorted(sent) == waiting
    assert all(row.type == bundle.type for bundle in made for row in bundle.rows)
    of_complaint = defaultdict(list)
    for row in sent:
        of_complaint[orjson.loads(row.body)["subject"]].append(row.seq)
    assert all(seqs == sorted(seqs) for seqs in of_complaint.values())


@given(ROWS)
def test_no_bundle_is_empty_or_beyond_its_limits_unless_one_event_alone_is(mixture):
    before = bundles.MOST_EVENTS, bundles.MOST_BYTES
    bundles.MOST_EVENTS, bundles.MOST_BYTES = 5, 1_000
    try:
        made = bundled(rows(mixture))
    finally:
        bundles.MOST_EVENTS, bundles.MOST_BYTES = before

    assert all(1 <= len(bundle.rows) <= 5 for bundle in made)
    assert all(len(bundle.body) <= 1_001 or len(bundle.rows) == 1 for bundle in made)


@given(ROWS)
def test_the_body_of_a_bundle_is_the_array_of_its_events(mixture):
    for bundle in bundled(rows(mixture)):
        assert orjson.loads(bundle.body) == [orjson.loads(row.body) for row in bundle.rows]


def test_events_of_many_complaints_share_a_bundle_although_their_types_alternate():
    steps = [
        a_row(2 * n + second, kind=f"complaint.{kind}.v1", subject=f"c{n}")
        for n in range(40)
        for second, kind in enumerate(["registered", "acknowledged"])
    ]

    assert [len(bundle.rows) for bundle in bundled(steps)] == [40, 40]


def test_the_way_there_and_back_of_one_complaint_takes_a_bundle_each():
    there_and_back = [
        a_row(n, kind=f"complaint.{kind}.v1", subject="anna")
        for n, kind in enumerate(["paused", "resumed", "paused", "resumed"])
    ]

    assert [[row.seq for row in bundle.rows] for bundle in bundled(there_and_back)] == [[0], [1], [2], [3]]
