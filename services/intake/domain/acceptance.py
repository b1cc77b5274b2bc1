"""Which complaints may enter the register?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from shared.errors import Rejected
from shared.events.intake import Kind
from shared.policy.model import Rulebook, Site

CLOCKS_MAY_DIFFER = timedelta(minutes=2)
"""How far another machine's clock may run ahead of ours before a date counts as future."""
OLDEST = timedelta(days=3653)
"""Ten years: whatever is older is a typing error, unless it is imported as history."""
FARTHEST = timedelta(days=3653)
"""A promise further off is a typing error or a placeholder, such as 9999-12-31."""
FIRST = datetime(1970, 1, 1, tzinfo=UTC)
"""Before this no date of any register is meant seriously, not even as history."""

_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}


def known_kind(kind: str, site: str, rules: Rulebook) -> Kind:
    """The kind, if the policy of the site handles it.

    Raises Rejected('unknown-site'), Rejected('unknown-kind'). Source: INT-03, TYP-01.
    """
    handled = rules.profile_of(site).kinds
    known = _KINDS.get(kind)
    if known is None or known not in handled:
        raise Rejected(
            "unknown-kind",
            f"{kind} is not a kind of complaint that {site} handles",
            field="kind",
            remedy=f"Known kinds: {', '.join(handled or _KINDS)}.",
        )
    return known


def open_site(name: str, rules: Rulebook, received_at: datetime, *, history: bool) -> Site:
    """The site, if it takes what was received then; history may come in as long as the site is there.

    Raises Rejected('unknown-site'), Rejected('site-closed'). Source: docs/decisions/0060.
    """
    site = rules.site(name)
    is_gone = name not in rules.organisation.sites
    local = received_at.astimezone(ZoneInfo(site.timezone)).date()
    if is_gone or (site.is_closed_on(local) and not history):
        since = f" since {site.closed_from}" if site.closed_from is not None else ""
        raise Rejected(
            "site-closed",
            f"{name} takes no new complaints{since}",
            field="site",
            remedy=f"Register it at one of: {', '.join(_open_on(local, rules)) or 'none is open'}.",
        )
    return site


def _open_on(local: date, rules: Rulebook) -> list[str]:
    sites = rules.organisation.sites.items()
    return sorted(name for name, site in sites if not site.is_closed_on(local))


def plausible_moment(received_at: datetime, now: datetime, *, history: bool) -> datetime:
    """The moment of receipt, if it can be true.

    Raises Rejected('received-in-future'), Rejected('received-too-long-ago').
    """
    if received_at > now + CLOCKS_MAY_DIFFER:
        raise Rejected(
            "received-in-future",
            f"{received_at.isoformat()} has not come yet",
            field="received_at",
            remedy="Leave received_at out to take the present moment, and check the time zone.",
        )
    oldest = FIRST if history else now - OLDEST
    if received_at < oldest:
        raise Rejected(
            "received-too-long-ago",
            f"{received_at.isoformat()} is before {oldest.date()}",
            field="received_at",
            remedy="Check the year; complaints of more than ten years ago come in as history.",
        )
    return received_at


def plausible_end(
    closed_at: datetime | None, received_at: datetime, now: datetime, *, history: bool
) -> datetime | None:
    """When an imported complaint ended; on the day of its receipt at the earliest.

    A register that gives whole days gives their midnights: the day of receipt itself is then its moment.
    Raises Rejected('closed-not-history'), 'closed-in-future', 'closed-before-received'.
    """
    if closed_at is None:
        return None
    if not history:
        raise Rejected(
            "closed-not-history",
            "only what is imported as history can have ended already",
            field="closed_at",
            remedy="Import it as history, or leave closed_at out.",
        )
    if closed_at > now + CLOCKS_MAY_DIFFER:
        raise Rejected(
            "closed-in-future",
            f"{closed_at.isoformat()} has not come yet",
            field="closed_at",
            remedy="Check the year and the time zone.",
        )
    if closed_at < received_at:
        if _is_day_of(closed_at, received_at):
            return received_at
        raise Rejected(
            "closed-before-received",
            f"{closed_at.isoformat()} is before it was received, {received_at.isoformat()}",
            field="closed_at",
            remedy="Correct the one that is wrong.",
        )
    return closed_at


def plausible_promise(promised_at: datetime | None, now: datetime, *, field: str) -> datetime | None:
    """The date of a promise, if anybody can have meant it; `field`: what it is called where it comes from.

    Raises Rejected('promised-out-of-reach').
    """
    if promised_at is None or FIRST <= promised_at <= now + FARTHEST:
        return promised_at
    raise Rejected(
        "promised-out-of-reach",
        f"{promised_at.isoformat()} is no date that anybody waits for",
        field=field,
        remedy=f"Check the year, or leave {field} out: then policy says by when.",
    )


def plausible_due(due_at: datetime | None, received_at: datetime) -> datetime | None:
    """By when an imported complaint was due where it comes from.

    Raises Rejected('due-before-received').
    """
    if due_at is not None and due_at < received_at and not _is_day_of(due_at, received_at):
        raise Rejected(
            "due-before-received",
            f"{due_at.isoformat()} is before it was received, {received_at.isoformat()}",
            field="due_at",
            remedy="Correct the one that is wrong.",
        )
    return due_at


def _is_day_of(midnight: datetime, moment: datetime) -> bool:
    """Whether this is a midnight that stands for the whole day on which the moment lies."""
    is_whole = (midnight.hour, midnight.minute, midnight.second, midnight.microsecond) == (0, 0, 0, 0)
    return is_whole and moment.astimezone(midnight.tzinfo).date() == midnight.date()


def known_reason(reason_code: str, site: str, rules: Rulebook) -> str:
    """The reason, if the policy of the site declines for it.

    Raises Rejected('unknown-reason'). Source: INT-22.
    """
    reasons = rules.profile_of(site).decline_reasons
    if reason_code not in reasons:
        raise Rejected(
            "unknown-reason",
            f"{site} does not decline complaints for the reason {reason_code}",
            field="reason_code",
            remedy=f"Known reasons: {', '.join(reasons) or 'none'}.",
        )
    return reason_code
