"""Which complaints may enter the register?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

from shared.errors import Rejected
from shared.events.intake import Kind
from shared.policy.model import Rulebook

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


def plausible_end(closed_at: datetime | None, now: datetime, *, history: bool) -> datetime | None:
    """When an imported complaint ended; one that ended before it was received stays as it was written.

    Raises Rejected('closed-not-history'), Rejected('closed-in-future').
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
