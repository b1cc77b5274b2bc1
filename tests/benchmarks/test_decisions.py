"""Can the benchmark of decisions be run, and is the decider not far from what it must reach?"""

from __future__ import annotations

from benchmarks.decisions import NOW, a_rulebook, all_in_one_table, complaints_for, measure
from services.routing.handlers.assign_team import assign_team
from shared.deciding import Context

FAR_BELOW = 5_000
"""20,000 decisions per second are measured by `make decisions` alone; here other tests run beside it."""


def test_the_benchmark_decides_by_every_row_and_strands_nothing(tmp_path):
    rules = a_rulebook(tmp_path)
    context = Context(NOW, rules, lambda: NOW, str)

    placed = [assign_team(None, event, context).state.placement for event in complaints_for(rules)]

    assert len(rules.organisation.sites) == 26
    assert {placement.reason for placement in placed} == {None}
    rows = {(site, row.name) for site in rules.organisation.sites for row in rules.profile_of(site).routing}
    assert len({(placement.policy_version, placement.rule) for placement in placed}) >= 0.7 * len(rows)


def test_the_decider_is_fast_and_the_index_beats_the_scan_of_a_long_table(tmp_path):
    rules = a_rulebook(tmp_path)

    found = measure(rules, rounds=5)
    rows, indexed, scanned = all_in_one_table(rules)

    assert found.decisions > FAR_BELOW
    assert rows > 100
    assert scanned > 2 * indexed
