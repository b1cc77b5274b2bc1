"""May a clock be put off, by whom, by how much, and what does the customer hear? (SLA-07, ESC-12)"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from services.escalation.domain.clock import Clock
from services.escalation.domain.involvement import involvement_of
from services.escalation.domain.sheet import ClockSheet
from services.escalation.domain.timing import moved, target_of
from shared.deciding import Actor, Notice
from shared.errors import Conflict, Forbidden, Rejected
from shared.participation import reachable
from shared.policy.model import Rulebook
from shared.worktime import due_at

EXTENDED = "extended:"
"""Marks the former due dates that an extension ended, with its reason code behind."""
TEMPLATE = "clock-extended"
_ANYBODY = frozenset({"manager", "director"})
_PROMISED = frozenset({"resolution.answered", "resolution.fulfilled", "complaint.closed"})
"""What a customer waits for; clocks that end with anything else are our own affair."""


def require_approver(sheet: ClockSheet, actor: Actor, rules: Rulebook) -> None:
    """Nothing, if the actor may grant it. Raises Forbidden('may-not-extend') naming who may."""
    approvers = rules.profile_of(sheet.site).extension.approver
    if "admin" in actor.roles or (not approvers and actor.roles & _ANYBODY):
        return
    holders = {
        person
        for role in approvers
        for person in rules.holders(role, site=sheet.site, department=sheet.department)
    }
    if actor.person in holders:
        return
    whose = " or ".join(approvers or sorted(_ANYBODY))
    raise Forbidden("may-not-extend", f"only {whose} may extend a limit of {sheet.site}")


def require_one_left(sheet: ClockSheet, rules: Rulebook) -> None:
    """Nothing, if policy allows one more in this life. Raises Conflict('already-extended')."""
    most = rules.profile_of(sheet.site).extension.max
    if extensions_of(sheet) >= most:
        raise Conflict(
            "already-extended",
            f"a complaint of {sheet.site} is extended at most so often: {most}",
            field="clock",
            remedy="Let the alarm run and decide there; the limit is policy `extension.max`.",
        )


def extensions_of(sheet: ClockSheet) -> int:
    """How often a limit was extended since the complaint was last taken up."""
    return sum(
        former.reason.startswith(EXTENDED)
        for clock in sheet.clocks
        if clock.life == sheet.life
        for former in clock.former
    )


def extended_clock(
    sheet: ClockSheet,
    clock: Clock,
    reason_code: str,
    *,
    target: str | None,
    agreed_at: datetime | None,
    rules: Rulebook,
    now: datetime,
) -> Clock:
    """The clock with its later due date: as asked, or by the length that policy gives.

    Raises Rejected('extension-unclear', 'extension-not-later' or 'extension-too-long').
    """
    calendar = rules.calendar_of(sheet.site)
    length = rules.profile_of(sheet.site).extension.length
    latest = None if length is None else due_at(calendar, clock.due_at, length)
    if target is None and agreed_at is None:
        agreed_at = latest
    if (target is None) == (agreed_at is None):
        raise Rejected(
            "extension-unclear",
            "an extension names either a target or a due date",
            field="target",
            remedy="Send target, such as 5 wd, or due_at.",
        )
    written = str(target_of(target)) if target else None
    changed = moved(clock, calendar, now, EXTENDED + reason_code, target=written, agreed_at=agreed_at)
    field = "target" if target else "due_at"
    if changed.due_at <= max(clock.due_at, now):
        detail = f"{changed.due_at.isoformat()} is no later than the present due date, or already past"
        raise Rejected("extension-not-later", detail, field=field)
    if latest is not None and changed.due_at > latest:
        detail = f"policy gives {length} more, until {latest.isoformat()}"
        raise Rejected("extension-too-long", detail, field=field)
    return changed


def notices_of(sheet: ClockSheet, clock: Clock, rules: Rulebook, now: datetime) -> tuple[Notice, ...]:
    """What the customer and those whom policy names are told; nothing about what nobody was promised."""
    if sheet.history or not _PROMISED.intersection(clock.meets_on):
        return ()
    site = rules.site(sheet.site)
    zone = ZoneInfo(site.timezone)
    key = f"{sheet.complaint_id}:{clock.name}:extended:{len(clock.former)}"
    values = {
        "complaint_no": sheet.complaint_no,
        "clock": clock.name,
        "former": f"{clock.former[-1].due_at.astimezone(zone):%Y-%m-%d %H:%M}",
        "due_at": f"{clock.due_at.astimezone(zone):%Y-%m-%d %H:%M} ({site.timezone})",
        "link": f"case:{sheet.complaint_id}",
    }
    told: list[Notice] = []
    if sheet.sealed is not None:
        told.append(Notice(key, "customer", TEMPLATE, sheet.language, values, sheet.sealed))
    informed = rules.profile_of(sheet.site).extension.inform
    for person in reachable(informed, involvement_of(sheet), rules, now):
        known = rules.person(person)
        language = known.language if known else site.language
        # The link to the case is the customer's own; our people have the number.
        own = {**values, "link": sheet.complaint_no}
        told.append(Notice(f"{key}:{person}", person, f"{TEMPLATE}-inform", language, own))
    return tuple(told)
