"""Does nobody wait for figures that take long to count, and does counting cost little?"""

from __future__ import annotations

import asyncio

import pytest

from shared.clock import monotonic
from shared.host import figures
from shared.host.figures import Figures


async def test_what_is_counted_at_once_is_shown_at_once():
    counts = []

    async def count():
        counts.append(1)

    await Figures(count).up_to_date()

    assert counts == [1]


async def test_a_long_count_makes_nobody_wait_and_runs_once(monkeypatch):
    monkeypatch.setattr(figures, "_WAIT_SECONDS", 0.01)
    begun, go_on = [], asyncio.Event()

    async def count():
        begun.append(1)
        await go_on.wait()

    asked = Figures(count)
    for _ in range(3):
        await asked.up_to_date()
    assert begun == [1], "the one that runs is not begun again"
    go_on.set()
    await asyncio.sleep(0)


async def test_it_is_counted_again_when_the_figures_are_old_and_rests_longer_after_a_long_count(monkeypatch):
    counts = []

    async def count():
        counts.append(1)
        await asyncio.sleep(0.02)

    monkeypatch.setattr(figures, "_FRESH_SECONDS", 0.0)
    monkeypatch.setattr(figures, "_REST", 0.0)
    asked = Figures(count)
    await asked.up_to_date()
    await asyncio.sleep(0.001)
    await asked.up_to_date()
    assert len(counts) == 2

    monkeypatch.setattr(figures, "_REST", 50.0)
    asked = Figures(count)
    await asked.up_to_date()
    await asked.up_to_date()
    assert len(counts) == 3
    assert asked._counted_until >= monotonic() + 0.5


async def test_a_database_that_is_away_is_shown_and_not_raised(monkeypatch):
    async def count():
        raise OSError

    await Figures(count).up_to_date()

    from prometheus_client import REGISTRY

    assert str(REGISTRY.get_sample_value("kesu_outbox_oldest_age_seconds")) == "nan"


@pytest.fixture(autouse=True)
def the_age_of_before():
    from shared.observability import metrics

    yield
    metrics.OUTBOX_OLDEST.set(0)
