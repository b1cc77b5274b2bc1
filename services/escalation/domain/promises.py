"""Which promises are made for this complaint? Those of policy, unless it brought a due date of its own."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from services.escalation.domain.clock import LAW, Clock
from services.escalation.domain.sheet import ClockSheet
from shared.policy.model import ClockRule, Rulebook
from shared.worktime.local_time import local

OWN = "promise"
"""The clock of a due date that the complaint was brought with."""
OWN_VERSION = "own-target"


def promises_of(sheet: ClockSheet, rules: Rulebook) -> tuple[ClockRule, ...]:
    """The rules that hold for it, those of the law beside the company's.

    A target of its own stands in place of them all (docs/decisions/0030).
    """
    if sheet.promised_at is not None:
        return ()
    statutory = (clock for law in rules.laws_of(sheet.site) for clock in law.named())
    return (*rules.profile_of(sheet.site).clocks, *statutory)


def version_of(rule: ClockRule, sheet: ClockSheet, rules: Rulebook) -> str:
    """Which version of what makes this promise: the profile's, or a law's."""
    for law in rules.laws_of(sheet.site):
        if rule.name.startswith(f"{law.law}."):
            return f"{LAW}{law.law}@{law.version}"
    return rules.profile_of(sheet.site).version


def own_promise(sheet: ClockSheet, rules: Rulebook) -> Clock | None:
    """The clock of the due date that it was brought with; None: it brought none.

    Its target is written as that date, in the time of the site; the moment itself is `agreed_at`.
    """
    if sheet.promised_at is None:
        return None
    there = local(sheet.promised_at, ZoneInfo(rules.site(sheet.site).timezone))
    return Clock(
        name=OWN,
        started_at=sheet.received_at,
        target=there.date().isoformat(),
        due_at=sheet.promised_at,
        agreed_at=sheet.promised_at,
        policy_version=OWN_VERSION,
        meets_on=("resolution.answered", "complaint.closed"),
        cancels_on=("complaint.declined", "complaint.withdrawn"),
    )
