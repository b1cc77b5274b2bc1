"""When does a refusal become a dispute, and who hears of it? (ESC-15)"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.escalation.domain.ladder import people_of
from services.escalation.domain.sheet import ClockSheet
from services.escalation.domain.turn import Turn
from shared.deciding import Notice
from shared.policy.model import Rulebook

OFFERED = "dispute-offered"
TAKEN_UP = "dispute-opened"


def dispute(turn: Turn, refusals: int, *, rules: Rulebook, now: datetime) -> Turn:
    """The turn after so many refusals: the customer is told who settles disputes, ours that there is one.

    Rounds go on as before: nobody gives up a right by refusing. Once in each life of a complaint.
    """
    sheet = turn.sheet
    disputes = rules.profile_of(sheet.site).disputes
    if sheet.disputed_at is not None or sheet.history or sheet.ended is not None:
        return turn
    if not disputes.is_one(refusals):
        return turn
    after = replace(sheet, disputed_at=now)
    return turn.then(after, notices=(*_to_customer(sheet, rules), *_to_ours(sheet, rules, now)))


def _to_customer(sheet: ClockSheet, rules: Rulebook) -> tuple[Notice, ...]:
    if sheet.sealed is None:
        return ()
    values = {
        "complaint_no": sheet.complaint_no,
        "authority": rules.profile_of(sheet.site).disputes.authority_in(sheet.language),
        "link": f"case:{sheet.complaint_id}",
    }
    return (Notice(_key(sheet), "customer", OFFERED, sheet.language, values, sheet.sealed),)


def _to_ours(sheet: ClockSheet, rules: Rulebook, now: datetime) -> tuple[Notice, ...]:
    roles = rules.profile_of(sheet.site).disputes.to
    told = []
    for person in people_of(sheet, roles, frozenset(), rules=rules, now=now):
        known = rules.person(person)
        language = known.language if known else rules.site(sheet.site).language
        values = {
            "complaint_no": sheet.complaint_no,
            "authority": rules.profile_of(sheet.site).disputes.authority_in(language),
        }
        told.append(Notice(f"{_key(sheet)}:{person}", person, TAKEN_UP, language, values))
    return tuple(told)


def _key(sheet: ClockSheet) -> str:
    return f"{sheet.complaint_id}:dispute:{sheet.life}"
