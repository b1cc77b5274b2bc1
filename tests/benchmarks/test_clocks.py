"""Are the clock benchmark's figures right, and are its clocks what the service itself would keep?"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from benchmarks.clocks.filling import PLACES, real_sheets
from benchmarks.clocks.firing import Firing, Picks
from benchmarks.clocks.ours import Idle
from benchmarks.clocks.report import BOTH, MINUTE, SINGLE, Column, bounds
from services.escalation.store.tables import STORE
from shared.local.suite import ORGANISATION
from shared.policy.loader import load_rulebook


def test_a_share_of_the_lags_is_read_off_and_what_never_fired_is_lost():
    firing = Firing(102, tuple(one / 100 for one in range(100)))

    assert (firing.lag(0.5), firing.lag(0.99), firing.lag(1)) == (0.5, 0.99, 0.99)
    assert firing.lost == 2
    assert Firing(1, ()).lag(0.5) == float("inf")


def test_no_clock_is_picked_twice():
    picks = Picks()

    assert [list(picks.next(2)), list(picks.next(3))] == [[1, 2], [3, 4, 5]]


def test_one_lost_clock_or_one_late_second_misses_a_bound():
    def column(lag: float, lost: int = 0) -> Column:
        firings = {SINGLE: Firing(1, (lag,)), MINUTE: Firing(1, (lag,)), BOTH: Firing(1, (lag,))}
        return Column("Kesu", 1, Idle(1.0, 1.0, 100.0), 200.0, firings, (lost, 0))

    assert all(bound.met for bound in bounds(column(0.9)))
    assert [bound.what for bound in bounds(column(1.1)) if not bound.met] == [f"{SINGLE}: seconds late"]
    assert [bound.what for bound in bounds(column(0.9, lost=1)) if not bound.met] == ["lost"]


def test_every_sheet_has_one_running_clock_and_a_manager_who_is_told():
    rules = load_rulebook(ORGANISATION)

    sheets = real_sheets(rules, datetime(2026, 11, 20, 9, tzinfo=UTC))

    assert [(sheet.site, sheet.department) for sheet in sheets] == list(PLACES)
    for sheet in sheets:
        (clock,) = sheet.running
        assert sheet.wake_at == clock.due_at
        assert STORE.decode(json.dumps(json.loads(STORE.encode(sheet)))) == sheet
