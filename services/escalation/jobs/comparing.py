"""Where does what was fired and told differ from what should have been? Pure; each difference has a kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.escalation.domain.alarm import Escalation
from services.escalation.domain.alarming import notice_key
from services.escalation.domain.clock import Clock
from services.escalation.domain.promises import OWN_VERSION
from services.escalation.domain.sheet import ClockSheet
from services.escalation.jobs.recomputing import is_overdue, recomputed
from services.escalation.jobs.times import Times
from shared.deciding import Event
from shared.events.base import EventData
from shared.events.escalation import ClockBreached, ClockExtended, ClockStarted

_A_WEEKEND = timedelta(days=4)
KINDS = (
    "sheet-missing",
    "news-unheard",
    "not-armed",
    "not-breached",
    "clock-missing",
    "clock-differs",
    "alarm-missing",
    "climb-missing",
    "notice-missing",
    "breach-untold",
    "orphan",
    "number-double",
    "complaint-missing",
    "case-missing",
    "invitation-missing",
)


@dataclass(frozen=True, slots=True)
class Kept:
    """What the service's tables hold about one complaint."""

    sheet: ClockSheet
    wake_at: datetime | None
    heard: Mapping[str, int]
    notices: AbstractSet[str]
    """Keys of its notices, delivered or not."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that should be and is not."""

    kind: str
    complaint_id: UUID
    what: str


def differences(
    complaint_id: UUID,
    events: Sequence[Event[EventData]],
    kept: Kept | None,
    times: Times,
    until: datetime,
) -> Iterator[Difference]:
    """Everything that differs; `until` leaves the service the time that it may take.

    A complaint of which the service knows more than the log holds is compared only with itself: the log
    has been cut, or its newest part is on its way. Each promise is recomputed by the terms under which it
    was made: that the files have changed since is no difference.
    """
    if kept is None:
        expected = recomputed(events, lambda _: times.rules, until)
        if expected is not None:
            yield Difference("sheet-missing", complaint_id, expected.complaint_no)
        return
    sheet = kept.sheet
    expected = recomputed(events, lambda moment: times.at(sheet, moment), until)
    yield from _of_itself(complaint_id, kept, until)
    logged = _logged(events)
    for producer, last in _logged([event for event in events if event.time <= until]).items():
        if producer != "escalation" and kept.heard.get(producer, 0) < last:
            yield Difference("news-unheard", complaint_id, f"{producer} {last}")
    is_behind = any(kept.heard.get(name, 0) > logged.get(name, 0) for name in kept.heard)
    fresh = any(event.time > until for event in events)
    if expected is None or is_behind or fresh:
        return
    yield from _clocks(complaint_id, expected, sheet, times)
    yield from _alarms(complaint_id, expected, sheet, times)
    yield from _terms(complaint_id, events, sheet)
    yield from _told(complaint_id, events, sheet, until)


def _of_itself(complaint_id: UUID, kept: Kept, until: datetime) -> Iterator[Difference]:
    sheet = kept.sheet
    if sheet.wake_at != kept.wake_at:
        yield Difference("not-armed", complaint_id, f"should wake at {sheet.wake_at}")
    if is_overdue(sheet, until):
        yield Difference("not-breached", complaint_id, f"due {sheet.earliest_due}")
    for escalation in sheet.escalations:
        # Judged by when it was really raised: after an outage the ladder begins then.
        if escalation.next_climb is not None and escalation.next_climb < until:
            what = f"{escalation.clock} level {escalation.level}"
            yield Difference("climb-missing", complaint_id, what)
        for alert in escalation.alerts:
            for person in alert.to:
                if notice_key(complaint_id, escalation, alert.level, person) not in kept.notices:
                    what = f"{escalation.clock} level {alert.level} {person}"
                    yield Difference("notice-missing", complaint_id, what)


def _clocks(complaint_id: UUID, expected: ClockSheet, kept: ClockSheet, times: Times) -> Iterator[Difference]:
    known = {clock.key: clock for clock in kept.clocks}
    for clock in expected.clocks:
        found = known.get(clock.key)
        if found is None:
            if _is_comparable(kept, times):
                yield Difference("clock-missing", complaint_id, clock.name)
        elif _same_rules(clock, found, kept, times) and not _agree(clock, found):
            yield Difference(
                "clock-differs", complaint_id, f"{clock.name}: {_fate(found)}, not {_fate(clock)}"
            )


def _is_comparable(kept: ClockSheet, times: Times) -> bool:
    """Whether what should have been begun is known: by kept terms, or because policy is still the same."""
    if kept.ruled:
        return times.knows(kept)
    profile = times.rules.profile_of(kept.site).version
    versions = {clock.policy_version for clock in kept.clocks if not clock.is_statutory}
    return versions <= {profile, OWN_VERSION}


def _same_rules(expected: Clock, found: Clock, kept: ClockSheet, times: Times) -> bool:
    """Whether both were computed by the same rules, as far as that is known."""
    if found.terms:
        return times.knows(kept)
    return found.policy_version == expected.policy_version


def _agree(expected: Clock, found: Clock) -> bool:
    if _fate(found) == _fate(expected):
        return not found.terms or found.terms == expected.terms
    # Releases before 0072 ended a period of working days at the next opening.
    early = (expected.state, expected.late) == (found.state, found.late) and not found.terms
    return early and expected.due_at <= found.due_at <= expected.due_at + _A_WEEKEND


def _fate(clock: Clock) -> tuple[str, str, bool]:
    return clock.state.value, clock.due_at.isoformat(), clock.late


def _alarms(complaint_id: UUID, expected: ClockSheet, kept: ClockSheet, times: Times) -> Iterator[Difference]:
    known = {clock.key: clock for clock in kept.clocks}
    clocks = {clock.key: clock for clock in expected.clocks}
    for alarm in expected.escalations:
        if kept.escalation(alarm.id) is not None:
            continue
        key = (alarm.clock, alarm.life, alarm.round)
        clock, found = clocks.get(key), known.get(key)
        if found is not None and clock is not None and not _same_rules(clock, found, kept, times):
            continue
        if found is not None and not found.terms and any(_of(one) == _of(alarm) for one in kept.escalations):
            continue  # By another due date: what an earlier release told.
        if found is not None or _is_comparable(kept, times):
            yield Difference("alarm-missing", complaint_id, f"{alarm.clock}, due {alarm.due_at.isoformat()}")


def _of(alarm: Escalation) -> tuple[str, int, int, int, str]:
    return alarm.clock, alarm.life, alarm.round, alarm.ordinal, alarm.cause


def _terms(complaint_id: UUID, events: Sequence[Event[EventData]], kept: ClockSheet) -> Iterator[Difference]:
    """A clock counts by the terms that were told of it last.

    Not so in history, which may be judged anew when its register corrects itself: what stays is not told.
    """
    if kept.history:
        return
    told = {
        event.data.clock: event.data.terms_version
        for event in events
        if isinstance(event.data, (ClockStarted, ClockExtended)) and event.data.terms_version is not None
    }
    for name, version in told.items():
        clock = kept.clock_named(name)
        if clock is not None and clock.terms != version:
            what = f"{name}: by terms {clock.terms or 'unknown'}, not {version}"
            yield Difference("clock-differs", complaint_id, what)


def _told(
    complaint_id: UUID, events: Sequence[Event[EventData]], kept: ClockSheet, until: datetime
) -> Iterator[Difference]:
    told = {(e.data.clock, e.data.due_at) for e in events if isinstance(e.data, ClockBreached)}
    for clock in kept.clocks:
        missed = clock.breached_at is not None and clock.breached_at <= until
        if missed and (clock.name, clock.due_at) not in told:
            yield Difference("breach-untold", complaint_id, clock.name)


def _logged(events: Sequence[Event[EventData]]) -> dict[str, int]:
    last: dict[str, int] = {}
    for event in events:
        if event.producer in ("intake", "routing"):
            last[event.producer] = max(last.get(event.producer, 0), event.sequence)
    return last
