"""What is a paper called in this company, and what is the number of the form? (CLS-13)"""

from __future__ import annotations

from services.routing.domain.case import Case
from services.routing.pages.wording import Wording
from shared.policy.model import Rulebook
from shared.policy.records import RecordKind
from shared.web.texts import in_language

HANDLING = (
    "investigation-sheet",
    "opinion-sheet",
    "objection-report",
    "feedback-sheet",
    "complaint-record",
    "registration-form",
    "opinion-form",
    "complaint-log",
)
"""Keys of a profile's `records` that mean the sheet on which a complaint is handled."""
EIGHT_STEPS = ("eight-steps",)
CAPA = ("capa-slip", "capa-request")
AGREEMENT = ("settlement-agreement",)
LETTER = ("reply-letter",)


def record_of(case: Case, rules: Rulebook, keys: tuple[str, ...]) -> RecordKind | None:
    """The company's record: first those of the row that placed the case, then any; None: it has none."""
    profile = rules.profile_of(case.site)
    row = next((one for one in profile.routing if one.name == case.placement.rule), None)
    wanted = [key for key in (row.records if row is not None else ()) if key in keys]
    return next((profile.records[key] for key in (*wanted, *keys) if key in profile.records), None)


def title_of(record: RecordKind | None, words: Wording, default: str) -> str:
    """The record's own name, else what it is called generally."""
    return in_language(record.name, words.language) if record is not None else words.say(default)


def form_of(case: Case, rules: Rulebook, record: RecordKind | None, words: Wording) -> str:
    """Number and version of the form, as it stands in the foot of the paper."""
    profile = rules.profile_of(case.site)
    number = record.number if record is not None else ""
    return words.say("paper.form", number=number or profile.profile, version=profile.version[:12])
