"""What is on the 8D sheet or the slip of a plain CAPA, for ourselves and the customer? (CAP-01, CAP-02)"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from services.routing.domain.action import Action, Attempt
from services.routing.domain.action_order import sheet_of
from services.routing.domain.case import Case
from services.routing.pages.handling_sheet import Personal, customer_fields
from services.routing.pages.paper import Field, Paper, Section
from services.routing.pages.records import CAPA, EIGHT_STEPS, form_of, record_of, title_of
from services.routing.pages.wording import Wording
from shared.errors import NotFound
from shared.policy.model import Rulebook

NAME = "8d-sheet"
Opener = Callable[[str | None], str | None]


def corrective_sheet(
    case: Case,
    rules: Rulebook,
    words: Wording,
    personal: Personal | None,
    now: datetime,
    *,
    sheet: int | None,
    for_customer: bool,
    opener: Opener,
) -> Paper:
    """The report of that number, or the newest. The customer's tells no owner and nothing of a supplier.

    Raises NotFound('unknown-sheet').
    """
    steps = _steps(case, sheet, for_customer=for_customer)
    is_8d = steps[0].is_8d
    record = record_of(case, rules, EIGHT_STEPS if is_8d else CAPA)
    return Paper(
        name=NAME,
        title=title_of(record, words, "title.8d-sheet" if is_8d else "title.capa-sheet"),
        number=case.complaint_no,
        language=words.language,
        company=rules.organisation.name,
        form=form_of(case, rules, record, words),
        fields=(*_facts(case, steps, words), *customer_fields(personal, words)),
        sections=tuple(_section(one, words, opener, for_customer=for_customer) for one in steps),
        signatures=(
            (words.say("sign.company"), words.say("sign.customer-opinion"))
            if for_customer
            else (words.say("sign.department"), words.say("sign.verifier"), words.say("sign.mr"))
        ),
        printed=words.moment(now),
    )


def _steps(case: Case, wanted: int | None, *, for_customer: bool) -> tuple[Action, ...]:
    shown = [one for one in case.actions if one.is_live and not (for_customer and one.party == "supplier")]
    number = wanted or max((one.sheet for one in shown), default=0)
    steps = sheet_of(shown, number)
    if not steps:
        raise NotFound(
            "unknown-sheet",
            f"the case has no such sheet of corrective action: {number or 'none was begun'}",
            field="sheet",
        )
    return tuple(sorted(steps, key=lambda one: one.step)) if steps[0].is_8d else steps


def _facts(case: Case, steps: tuple[Action, ...], words: Wording) -> tuple[Field, ...]:
    first = steps[0]
    return (
        Field(words.say("field.number"), case.complaint_no),
        Field(words.say("field.sheet"), str(first.sheet)),
        Field(words.say("field.received"), words.moment(case.received_at)),
        Field(words.say("field.type"), f"{case.facts.category} / {case.facts.type}"),
        Field(words.say("field.cause"), next((one.cause for one in steps if one.cause), "")),
        Field(words.say("field.party"), words.code("party", first.party)),
    )


def _section(action: Action, words: Wording, opener: Opener, *, for_customer: bool) -> Section:
    attempt = action.attempt
    fields = [Field(words.say("field.department"), words.department(action.department))]
    if not for_customer:
        fields.append(Field(words.say("field.owner"), words.person(action.owner)))
        if action.supplier_ref:
            fields.append(Field(words.say("field.supplier"), action.supplier_ref))
    fields.append(Field(words.say("field.due"), words.moment(action.due_at)))
    fields.append(Field(words.say("field.state"), words.code("state", action.state.value)))
    if attempt is not None and attempt.completed_at is not None:
        fields.append(Field(words.say("field.done"), words.moment(attempt.completed_at)))
    effect = _effect(action, words)
    if effect:
        fields.append(Field(words.say("field.effect"), effect))
    texts = [] if for_customer else _lines(words, opener, "paper.task", action.sealed)
    for one in action.attempts:
        texts += _lines(words, opener, "paper.done", one.sealed)
    return Section(_heading(action, words), tuple(fields), tuple(texts))


def _heading(action: Action, words: Wording) -> str:
    name = words.code("step", action.step)
    return f"{action.discipline} {name}" if action.is_8d else name


def _effect(action: Action, words: Wording) -> str:
    """What was judged of each attempt, the oldest first; empty while nobody has."""
    return words.say("word.comma").join(_judged(one, words) for one in action.attempts if one.checked_at)


def _judged(attempt: Attempt, words: Wording) -> str:
    verdict = words.say("word.effective" if attempt.effective else "word.not-effective")
    return f"{verdict} {words.moment(attempt.checked_at)}"


def _lines(words: Wording, opener: Opener, key: str, sealed: str | None) -> list[str]:
    if sealed is None:
        return []
    text = opener(sealed)
    return [words.say(key, text=text if text is not None else words.say("word.closed"))]
