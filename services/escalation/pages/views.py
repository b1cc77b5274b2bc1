"""How does the page of an alarm look? Rendered from the alarm as it stands now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from services.escalation.domain.alarm import Ruling
from services.escalation.domain.foretelling import foretold
from services.escalation.domain.proving import Learned
from services.escalation.pages.link import Opened
from shared.policy.model import Rulebook
from shared.web.pages import choose_language, known_language, render

TEMPLATES = (Path(__file__).parent / "templates",)


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody, by the name that the organisation knows."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Department:
    """A department that may get the case."""

    id: str
    name: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Running:
    """A promise that can still be kept; `percent` is how probably it will not be, where that is known."""

    clock: str
    due_at: str
    percent: int | None


@dataclass(frozen=True, slots=True)
class Ruled:
    """A decision that stands."""

    decision: str
    by: str
    at: str
    to: str


def page_language(lang: str | None, person: str | None, accept_language: str | None, rules: Rulebook) -> str:
    """The switch's choice, else the person's language, else the browser's."""
    known = rules.person(person) if person else None
    chosen = known_language(lang) or (known_language(known.language) if known else None)
    return chosen or choose_language(accept_language, "zh")


def alarm_page(
    opened: Opened,
    rules: Rulebook,
    *,
    language: str,
    learned: Learned | None,
    now: datetime,
    problem: str | None = None,
    reason: str = "",
) -> str:
    """What is late since when, and a button while somebody has to answer; else who did.

    Whoever opened a link of their own can decide, while the complaint has not ended.
    """
    sheet, escalation = opened.sheet, opened.escalation
    zone = ZoneInfo(rules.site(sheet.site).timezone)
    people = [opened.person] if opened.person else sorted(escalation.told)
    department = rules.organisation.departments.get(sheet.department or "")
    first = escalation.acknowledged_by
    return render(
        "alarm.html",
        language=language,
        directories=TEMPLATES,
        complaint_no=sheet.complaint_no,
        clock=escalation.clock,
        due_at=_local(escalation.due_at, zone),
        level=escalation.level,
        site=rules.site(sheet.site).name,
        department=department.name if department else {},
        is_open=escalation.is_open,
        choices=[_choice(person, rules) for person in people],
        is_personal=opened.person is not None,
        answered_by=_choice(first, rules).name if first else None,
        answered_at=_local(escalation.acknowledged_at, zone) if escalation.acknowledged_at else None,
        departments=_departments(rules),
        people=_people(opened, rules),
        may_decide=sheet.ended is None,
        running=[
            Running(one.name, _local(one.due_at, zone), _percent(foretold(one, sheet, learned, now)))
            for one in sheet.running
        ],
        rulings=[_ruled(ruling, rules, zone) for ruling in escalation.rulings],
        problem=problem,
        reason=reason,
    )


def message_page(name: str, *, language: str) -> str:
    """A page that only says something; `name` is a text's, e.g. `link.unknown`."""
    return render("message.html", language=language, directories=TEMPLATES, name=name, fields={})


def _departments(rules: Rulebook) -> list[Department]:
    known = rules.organisation.departments
    return [Department(one, known[one].name) for one in sorted(known)]


def _people(opened: Opened, rules: Rulebook) -> list[Choice]:
    """Who works at the site and may have the case: nobody whom it is about."""
    sheet, people = opened.sheet, rules.organisation.people.values()
    able = [one for one in people if one.works_at(sheet.site) and one.id not in sheet.recused]
    return sorted((Choice(one.id, one.name) for one in able), key=lambda choice: choice.name)


def _ruled(ruling: Ruling, rules: Rulebook, zone: ZoneInfo) -> Ruled:
    to = _choice(ruling.assignee, rules).name if ruling.assignee else ruling.department or ""
    until = _local(ruling.due_at, zone) if ruling.due_at else ""
    return Ruled(ruling.decision, _choice(ruling.by, rules).name, _local(ruling.at, zone), to or until)


def _choice(person: str, rules: Rulebook) -> Choice:
    known = rules.person(person)
    return Choice(person, known.name if known else person)


def _percent(probability: float | None) -> int | None:
    return None if probability is None else round(100 * probability)


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"
