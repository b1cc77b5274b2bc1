"""Which year is it at a site? Complaint numbers begin anew with it (INT-39)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from shared.policy.model import Rulebook


class Years(dict[str, int]):
    """The calendar year at each site, asked only for sites that register something."""

    def __init__(self, rules: Rulebook, now: datetime) -> None:
        super().__init__()
        self._rules = rules
        self._now = now

    def __missing__(self, site: str) -> int:
        """Asked once for each site."""
        return local_year(self._rules, site, self._now)


def local_year(rules: Rulebook, site: str, now: datetime) -> int:
    """The year on the wall calendar of the site."""
    return now.astimezone(ZoneInfo(rules.site(site).timezone)).year
