"""Which laws hold for every calendar, start, target and pause?"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as some

from shared.worktime import Calendar, End, Pause, Target, Unit, due_at, elapsed, explain
from tests.shared.worktime.naive import ZONES

EDGES = some.sets(some.integers(0, 1440), min_size=2, max_size=6).map(sorted)
HOURS = EDGES.map(lambda edges: tuple(zip(edges[::2], edges[1::2], strict=False)))
DAYS = some.dates(date(2026, 3, 1), date(2026, 4, 10))
STARTS = some.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 1)).map(lambda one: one.replace(tzinfo=UTC))
LENGTHS = some.timedeltas(timedelta(0), timedelta(days=5))


@some.composite
def calendars(draw):
    week = draw(some.lists(some.one_of(HOURS, some.just(())), min_size=6, max_size=6))
    return Calendar(
        "any",
        draw(some.sampled_from(ZONES)),
        (draw(HOURS), *week),
        draw(some.frozensets(DAYS, max_size=4)),
        tuple(draw(some.dictionaries(DAYS, HOURS, max_size=3)).items()),
        special=tuple(draw(some.dictionaries(DAYS, HOURS, max_size=2)).items()),
        breaks=tuple(draw(some.dictionaries(DAYS, HOURS, max_size=3)).items()),
    )


@some.composite
def pauses(draw):
    begins = draw(STARTS)
    return Pause(begins, begins + draw(LENGTHS))


PAUSES = some.lists(pauses(), max_size=4)
MINUTES = some.integers(1, 3000).map(lambda amount: Target(amount, Unit.MINUTES))
TARGETS = some.one_of(
    MINUTES,
    some.integers(1, 40).map(lambda amount: Target(amount, Unit.WORKING_HOURS)),
    some.builds(Target, some.integers(0, 5), some.just(Unit.WORKING_DAYS), some.sampled_from(End)),
    some.integers(0, 90).map(lambda amount: Target(amount, Unit.HOURS)),
    some.integers(0, 9).map(lambda amount: Target(amount, Unit.DAYS)),
    some.just(Target(0, Unit.SAME_DAY)),
)
settings.register_profile("worktime", max_examples=100, deadline=None, derandomize=True)
law = settings(settings.get_profile("worktime"))


@law
@given(calendars(), STARTS, MINUTES, PAUSES)
def test_what_has_elapsed_at_the_due_time_is_the_target(calendar, start, target, paused):
    due = due_at(calendar, start, target, paused)

    assert elapsed(calendar, start, due, paused) == timedelta(minutes=target.amount)
    assert elapsed(calendar, start, due - timedelta(microseconds=1), paused) < timedelta(
        minutes=target.amount
    )


@law
@given(calendars(), STARTS, LENGTHS)
def test_a_target_of_the_elapsed_time_is_due_no_later(calendar, start, length):
    end = start.replace(microsecond=0) + timedelta(seconds=length // timedelta(seconds=1))
    start = start.replace(microsecond=0)
    passed = elapsed(calendar, start, end)
    if not passed:
        return

    due = due_at(calendar, start, Target(int(passed.total_seconds()), Unit.SECONDS))

    assert due <= end
    assert elapsed(calendar, due, end) == timedelta()


@law
@given(calendars(), STARTS, TARGETS, PAUSES, pauses())
def test_pausing_never_makes_a_clock_earlier(calendar, start, target, paused, another):
    assert due_at(calendar, start, target, [*paused, another]) >= due_at(calendar, start, target, paused)


@law
@given(calendars(), STARTS, LENGTHS, LENGTHS, PAUSES)
def test_splitting_a_span_changes_nothing(calendar, start, first, second, paused):
    middle, end = start + first, start + first + second

    parts = elapsed(calendar, start, middle, paused) + elapsed(calendar, middle, end, paused)

    assert parts == elapsed(calendar, start, end, paused)


@law
@given(calendars(), STARTS, TARGETS, pauses(), some.fractions(0, 1))
def test_splitting_a_pause_changes_nothing(calendar, start, target, pause, share):
    length = pause.end - pause.start
    middle = pause.start + timedelta(microseconds=int(length / timedelta(microseconds=1) * share))
    halves = [Pause(middle, pause.end), Pause(pause.start, middle)]

    assert due_at(calendar, start, target, halves) == due_at(calendar, start, target, [pause])


@law
@given(calendars(), STARTS, some.integers(0, 720), some.integers(720, 1440))
def test_splitting_opening_hours_changes_nothing(calendar, start, opening, closing):
    middle = (opening + closing) // 2
    whole = ((opening, closing),) if opening < closing else ((0, 1440),)
    parts = tuple(pair for pair in ((opening, middle), (middle, closing)) if pair[0] < pair[1])
    target = Target(500, Unit.MINUTES)
    one, two = (
        Calendar("any", calendar.timezone, (*calendar.weekly[:6], sunday))
        for sunday in (whole, parts or whole)
    )

    assert due_at(one, start, target) == due_at(two, start, target)


@law
@given(calendars(), STARTS, TARGETS, PAUSES)
def test_an_explanation_adds_up(calendar, start, target, paused):
    why = explain(calendar, start, target, paused)
    sums = {Unit.MINUTES: 60, Unit.WORKING_HOURS: 3600, Unit.HOURS: 3600}

    assert all(span.start < span.end for span in why.intervals)
    assert all(
        before.end < after.start for before, after in zip(why.intervals, why.intervals[1:], strict=False)
    )
    if target.unit in sums:
        assert abs(why.counted_seconds - target.amount * sums[target.unit]) < 1e-3


@law
@given(calendars(), STARTS, TARGETS, PAUSES)
def test_the_lines_of_an_explanation_name_the_same_days(calendar, start, target, paused):
    if target.unit is not Unit.WORKING_DAYS or target.amount == 0:
        return
    why = explain(calendar, start, target, paused)

    def local(moment):
        return moment.astimezone(why.zone).date()

    named = {
        local(span.start) + timedelta(days=more)
        for span in why.intervals
        for more in range((local(span.end - timedelta(microseconds=1)) - local(span.start)).days + 1)
    }
    assert set(why.days) == named
    assert set(why.parts) <= named


@law
@given(calendars(), STARTS, some.integers(1, 5))
def test_days_end_when_one_closes_unless_the_next_opening_is_meant(calendar, start, amount):
    plain = due_at(calendar, start, Target(amount, Unit.WORKING_DAYS))
    opening = due_at(calendar, start, Target(amount, Unit.WORKING_DAYS, End.NEXT_OPEN))

    assert elapsed(calendar, plain, opening) == timedelta()
    assert plain <= opening
    # On the day that is told something was counted: it is no day whose work only begins then.
    last = (plain - timedelta(microseconds=1)).astimezone(calendar.zone).date()
    midnight = datetime.combine(last, time(), calendar.zone)
    assert elapsed(calendar, max(midnight, plain - timedelta(days=1)), plain) > timedelta()


@law
@given(calendars(), STARTS, LENGTHS, TARGETS)
def test_whoever_starts_later_is_never_due_earlier(calendar, start, later, target):
    if target.unit in {Unit.DAYS, Unit.WORKING_DAYS}:  # Local time repeats an hour in autumn.
        calendar = replace(calendar, timezone="Asia/Kathmandu")

    assert due_at(calendar, start + later, target) >= due_at(calendar, start, target)
