"""How are facts worded on paper, in the language and the time zone of the reader?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_currency

from services.routing.domain.case import Case
from services.routing.domain.offering import Amount
from shared.errors import Rejected
from shared.policy.model import Rulebook
from shared.web.pages import LANGUAGES
from shared.web.texts import Catalogue, in_language, read_texts, speak
from shared.worktime.local_time import local

TEMPLATES = Path(__file__).parent / "templates"
TEXTS: Catalogue = read_texts((TEMPLATES,))
_LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}
BLANK = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one paper."""

    language: str
    zone: ZoneInfo
    rules: Rulebook

    def say(self, key: str, **values: object) -> str:
        """The text of that key in `templates/texts.yaml`."""
        return speak(TEXTS, key, self.language, values)

    def code(self, group: str, code: str) -> str:
        """A code in words; a company's own code that we have no words for stays as it is."""
        key = f"{group}.{code}"
        return self.say(key) if key in TEXTS else code

    def moment(self, moment: datetime | None) -> str:
        """Date and time where the site is."""
        return f"{local(moment, self.zone):%Y-%m-%d %H:%M}" if moment is not None else BLANK

    def day(self, moment: datetime) -> str:
        """The date as a letter writes it."""
        return format_date(local(moment, self.zone), "long", locale=_LOCALES[self.language])

    def money(self, amount: Amount | None) -> str:
        """An amount with its currency; a dash where none is paid."""
        if amount is None:
            return self.say("word.none")
        return format_currency(amount.amount, amount.currency, locale=_LOCALES[self.language])

    def yes(self, truth: bool) -> str:
        """Yes or no."""
        return self.say("word.yes" if truth else "word.no")

    def person(self, person: str | None) -> str:
        """The person's name, if the organisation knows it."""
        known = self.rules.person(person) if person is not None else None
        return known.name if known is not None else person or BLANK

    def department(self, department: str) -> str:
        """The department's name."""
        known = self.rules.organisation.departments.get(department)
        return in_language(known.name, self.language) if known is not None else department

    def remedies(self, remedies: tuple[str, ...]) -> str:
        """What is offered, in words."""
        return self.say("word.comma").join(self.code("remedy", one) for one in remedies)


def wording(case: Case, rules: Rulebook, language: str) -> Wording:
    """The words for this case. Raises Rejected('unknown-language')."""
    if language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise Rejected(
            "unknown-language", f"no paper is written in {language}", field="lang", remedy=f"One of: {known}."
        )
    return Wording(language, ZoneInfo(rules.site(case.site).timezone), rules)
