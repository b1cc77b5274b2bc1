"""What does a profile answer to one question about one complaint? The language of the case files.

A case is `[row, complaint, question, answer]`. The complaint names only what differs from a plain
one by phone; `compensation`, `liability` and `amount` (CNY) describe a settlement. Questions:

    rule lead assist inform in_person opens outside records reply     the row of the matrix
    severity                                                          "critical 1"
    clock NAME, starts NAME, meets NAME                               a promise
    sign pay close report attachments authority exceeds               approval
    modes ladder decline open                                         `open`: what must be set
    template cost treated evidence own_action                         what a liability means
    remedy bearer exception_by closed offered                         the row of remedies, by `liability`, `cause`,
                                                                      `warranty`, `proof`, `phase`
    anything.else                                                     the profile's value at this way
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import is_dataclass, replace
from decimal import Decimal
from typing import Any

from shared.policy.model import (
    Facts,
    Profile,
    Settlement,
    exceeds_authority,
    limit_row_of,
    signers,
)
from shared.policy.remedies import Ground, RemedyRule, bearer_of, rows_about
from tests.shared.policy.organisations import SITE


def facts_of(profile: Profile, given: Mapping[str, Any]) -> Facts:
    """The complaint as routing knows it after triage."""
    facts = Facts(
        kind=given.get("kind", "complaint"),
        category=given.get("category", ""),
        type=given.get("type", ""),
        channel=given.get("channel", "phone"),
        site=SITE,
        grade=given.get("grade", "general"),
        flags=frozenset(given.get("flags", ())),
    )
    return replace(facts, severity=given.get("severity", profile.triage(facts)[0]))


def answer(profile: Profile, given: Mapping[str, Any], question: str) -> Any:
    """The answer as YAML writes it: texts, numbers and lists."""
    word, _, name = question.partition(" ")
    facts = facts_of(profile, given)
    if word in _ROUTE:
        return _plain(getattr(profile.route(facts), _ROUTE[word]))
    if word in _CLOCK:
        return _CLOCK[word](profile, facts, name)
    if word in _APPROVAL:
        return _APPROVAL[word](profile, _settlement(facts, given))
    if word in _REMEDY:
        return _REMEDY[word](profile, _ground(facts, given))
    if word in _LIABILITY:
        return _plain(getattr(profile.liability_of(given["liability"]), _LIABILITY[word]))
    if word in _OTHER:
        return _OTHER[word](profile, facts)
    return _plain(_at(profile, question))


_ROUTE = {
    **{name: name for name in ("lead", "assist", "inform", "in_person", "opens", "outside", "records")},
    "rule": "name",
    "reply": "reply_form",
}
_LIABILITY = {
    "template": "template",
    "cost": "cost",
    "treated": "treated_as",
    "evidence": "evidence",
    "own_action": "own_action",
    "changes_clock": "changes_clock",
    "exception": "exception_by",
}


def _clock(profile: Profile, name: str) -> Any:
    return next(clock for clock in profile.clocks if clock.name == name)


def _limit(profile: Profile, facts: Facts, name: str) -> str:
    row = limit_row_of(_clock(profile, name), facts)
    if row is None:
        return "none"
    return f"agreed by {', '.join(row.agreed_by)}" if row.agreed_by else str(row.target)


_CLOCK: dict[str, Callable[[Profile, Facts, str], Any]] = {
    "clock": _limit,
    "starts": lambda profile, _, name: _clock(profile, name).starts_on,
    "meets": lambda profile, _, name: list(_clock(profile, name).meets_on),
}


def _settlement(facts: Facts, given: Mapping[str, Any]) -> Settlement:
    amounts = {"CNY": Decimal(given["amount"])} if "amount" in given else {}
    return Settlement(facts, given.get("compensation", "none"), given.get("liability", "unclear"), amounts)


def _row(part: str) -> Callable[[Profile, Settlement], Any]:
    return lambda profile, settlement: _plain(getattr(profile.approval_of(settlement), part))


_APPROVAL: dict[str, Callable[[Profile, Settlement], Any]] = {
    "pay": _row("pay"),
    "close": _row("close"),
    "report": _row("report_to"),
    "attachments": _row("attachments"),
    "sign": lambda profile, s: [" or ".join(by) for by in signers(profile.approval_of(s), s)],
    "exceeds": lambda profile, s: exceeds_authority(profile.approval_of(s), s),
}
_OTHER: dict[str, Callable[[Profile, Facts], Any]] = {
    "severity": lambda profile, facts: " ".join(str(part) for part in profile.triage(facts)),
    "modes": lambda profile, facts: [row.name for row in profile.modes_open_to(facts)],
    "ladder": lambda profile, _: [" + ".join(level.to) for level in profile.escalation],
    "decline": lambda profile, _: list(profile.decline_reasons),
    "after-case-points": lambda profile, _: [grade.points for grade in profile.survey.scale],
}


def _ground(facts: Facts, given: Mapping[str, Any]) -> Ground:
    known = {
        part: given[part] for part in ("liability", "cause", "warranty", "proof", "phase") if part in given
    }
    return Ground(facts, **known)


def _remedy(profile: Profile, ground: Ground) -> RemedyRule | None:
    """The row that certainly decides; rows that depend on what is not given are left out."""
    return next((row for row, unknown in rows_about(profile.remedy_rules, ground) if not unknown), None)


def _bearer(profile: Profile, ground: Ground) -> tuple[str, tuple[str, ...]]:
    liability = profile.liability_of(ground.liability)
    return bearer_of(_remedy(profile, ground), profile.warranty, liability, ground.warranty)


def _row_part(part: str) -> Callable[[Profile, Ground], Any]:
    return lambda profile, ground: _plain(getattr(_remedy(profile, ground), part, "none"))


_REMEDY: dict[str, Callable[[Profile, Ground], Any]] = {
    "remedy": _row_part("name"),
    "offered": _row_part("offer"),
    "closed": _row_part("closed"),
    "refund": _row_part("refund"),
    "approved": _row_part("approve_by"),
    "instead": _row_part("instead"),
    "same_quantity": _row_part("same_quantity"),
    "bearer": lambda profile, ground: _bearer(profile, ground)[0],
    "exception_by": lambda profile, ground: list(_bearer(profile, ground)[1]),
}


def _at(value: Any, way: str) -> Any:
    for step in way.split("."):
        if isinstance(value, Mapping):
            value = value[step]
        elif isinstance(value, tuple):
            named = {getattr(one, "name", None) or getattr(one, "code", None): one for one in value}
            value = named[step] if step in named else value[int(step)]
        else:
            value = getattr(value, step)
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return (
        {name: getattr(value, name) for name in value.__slots__}
        if is_dataclass(value) and not hasattr(value, "unit")
        else str(value)
    )
