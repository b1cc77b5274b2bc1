"""How does the case look to the customer? Plain words instead of our statuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from services.intake.domain.complaint import ClockState, Complaint
from shared.lifecycle import ENDED, Status
from shared.policy.model import Site
from shared.web.pages import render
from shared.worktime.local_time import local

TEMPLATES = (Path(__file__).parent / "templates",)
COMMENT_CHARACTERS = 2000

_WORDS = {
    Status.REGISTERED: "received",
    Status.REOPENED: "received",
    Status.ASSIGNED: "passed_on",
    Status.PAUSED: "waiting",
    Status.ANSWERED: "answered",
    Status.AGREED: "agreed",
    Status.REFUSED: "refused",
    Status.FULFILLED: "agreed",
    Status.CLOSED: "closed",
    Status.DECLINED: "declined",
    Status.WITHDRAWN: "withdrawn",
    Status.MERGED: "merged",
}
"""Everything else is `at_work`: how far the desk has got inside is not the customer's business."""
_INTO_WORDS = {status: f"word.{word}" for status, word in _WORDS.items()} | {
    # What its own customer said or is asked is not said or asked by the customers of its duplicates.
    status: f"into.{word}"
    for status, word in _WORDS.items()
    if word in {"answered", "agreed", "refused", "closed", "declined", "withdrawn"}
}
_KEPT = frozenset({ClockState.MET, ClockState.MET_LATE, ClockState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Draft:
    """What the customer had entered before something went wrong; `problem` names a text."""

    choice: str = ""
    comment: str = ""
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Continued:
    """The complaint that a merged one goes on as; `link` only for the customer of both."""

    complaint: Complaint
    link: str | None = None


def case_page(
    complaint: Complaint,
    site: Site,
    *,
    language: str,
    department: Mapping[str, str] | None = None,
    draft: Draft | None = None,
    done: bool = False,
    continued: Continued | None = None,
) -> str:
    """The case in plain words, with agree and refuse while an answer waits for the customer.

    `department`: the names of the one that has it, so that the customer knows how it is organised (INF-08).
    Of what a merged complaint goes on as it shows number, status and date, and nothing of its customer.
    """
    other = continued.complaint if continued else None
    later = _open_promise(other) if other else None
    promise = _open_promise(complaint)
    return render(
        "case.html",
        language=language,
        directories=TEMPLATES,
        complaint_no=complaint.complaint_no,
        word=_WORDS.get(complaint.toward_customer, "at_work"),
        received=_local(complaint.received_at, site),
        department=department if complaint.status not in ENDED else None,
        promise=_local(promise, site) if promise else None,
        round=complaint.round,
        replies=complaint.toward_customer is Status.ANSWERED,
        into_no=_into_no(complaint, other),
        into_word=_INTO_WORDS.get(other.toward_customer, "word.at_work") if other else None,
        into_promise=_local(later, site) if later else None,
        into_link=continued.link if continued else None,
        draft=draft or Draft(),
        done=done,
        most=COMMENT_CHARACTERS,
    )


def _into_no(complaint: Complaint, other: Complaint | None) -> str | None:
    """The number under which it goes on: after several mergers the last one."""
    if other is not None:
        return other.complaint_no
    return complaint.merged_into.complaint_no if complaint.merged_into else None


def message_page(name: str, *, language: str) -> str:
    """A page that only says something; `name` is a text's, e.g. `link.unknown`."""
    return render("message.html", language=language, directories=TEMPLATES, name=name, fields={})


def _open_promise(complaint: Complaint) -> datetime | None:
    """The date to show: none once the case has ended or the promise was kept."""
    if complaint.status in ENDED:
        return None
    promise = complaint.promise()
    kept = any(clock.due_at == promise and clock.state in _KEPT for clock in complaint.clocks.values())
    return None if kept else promise


def _local(moment: datetime, site: Site) -> str:
    """Date and time at the site, to the minute, in ISO order: it reads the same in any language."""
    return local(moment, ZoneInfo(site.timezone)).strftime("%Y-%m-%d %H:%M")
