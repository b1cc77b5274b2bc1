"""By which rules was it decided at each moment? Today's files, with the terms of that time in their place."""

from __future__ import annotations

from datetime import datetime

from services.escalation.domain.sheet import ClockSheet
from shared.errors import Rejected
from shared.policy.model import Rulebook


class Times:
    """The rules of all times, for one audit; `rules.kept` holds the terms of former ones."""

    def __init__(self, rules: Rulebook) -> None:
        self.rules = rules
        self._then: dict[tuple[str, str], Rulebook] = {}

    def knows(self, sheet: ClockSheet) -> bool:
        """Whether all terms by which the complaint was decided about are known: it can be recomputed."""
        return bool(sheet.ruled) and all(self._is_known(sheet.site, one.terms) for one in sheet.ruled)

    def at(self, sheet: ClockSheet, moment: datetime) -> Rulebook:
        """The rules by which news of that moment were decided; today's where it is not known."""
        version = sheet.terms_at(moment)
        terms = self.rules.kept.get(version)
        if terms is None or version == self.today(sheet.site):
            return self.rules
        key = (sheet.site, version)
        if key not in self._then:
            self._then[key] = self.rules.under(terms, sheet.site)
        return self._then[key]

    def today(self, site: str) -> str:
        """The version of the site's terms as the files have them; empty: they do not know the site."""
        try:
            return self.rules.terms_of(site).version
        except Rejected:
            return ""

    def _is_known(self, site: str, version: str) -> bool:
        if version == self.today(site):
            return True
        kept = self.rules.kept.get(version)
        return kept is not None and kept.is_countable
