"""Who hands out complaint numbers? Each site counts per year, without a gap (INT-39, edge case 28).

A number is taken in the transaction that registers the complaint, so one that was refused or rolled
back leaves no hole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shared.database.transaction import Direct

_LOCK = (
    "INSERT INTO numbers (site, year, last) VALUES ($1, $2, 0) "
    "ON CONFLICT (site, year) DO UPDATE SET last = numbers.last RETURNING last"
)
_WRITE = "UPDATE numbers SET last = greatest(last, $3) WHERE site = $1 AND year = $2"
_RAISE = (
    "INSERT INTO numbers (site, year, last) VALUES ($1, $2, $3) "
    "ON CONFLICT (site, year) DO UPDATE SET last = EXCLUDED.last WHERE numbers.last < EXCLUDED.last "
    "RETURNING last"
)

Highest = Mapping[tuple[str, int], int]
"""The highest number by site and year."""


@dataclass(slots=True)
class Numbers:
    """The counters that one batch holds locked."""

    years: Mapping[str, int]
    last: dict[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def next(self, site: str) -> str:
        """The next number of the site, e.g. SH01-2026-000042.

        Raises LookupError for a site whose counter this batch has not locked: its command lacks
        `numbered`, and beginning again at 1 would give a number twice.
        """
        if site not in self.last:
            raise LookupError(f"the counter of {site} is not locked")
        self.last[site] += 1
        self.used.add(site)
        return f"{site.upper()}-{self.years[site]}-{self.last[site]:06d}"

    def mark(self) -> dict[str, int]:
        """Where the counters stand, to come back to if a message fails."""
        return dict(self.last)

    def reset(self, mark: dict[str, int]) -> None:
        """Forget what was handed out since the mark."""
        self.last = mark

    async def lock(self, connection: Direct, sites: Iterable[str]) -> None:
        """Take the counters of these sites; the order keeps two replicas from a deadlock."""
        for site in sorted(set(sites)):
            self.last[site] = await connection.fetchval(_LOCK, site, self.years[site])

    async def write(self, connection: Direct) -> None:
        """Keep what was handed out."""
        for site in sorted(self.used):
            await connection.execute(_WRITE, site, self.years[site], self.last[site])


def parts_of(number: str) -> tuple[int, int] | None:
    """Year and count of a number such as SH01-2026-000042; None: it is none of ours."""
    _, *rest = number.rsplit("-", 2)
    if len(rest) != len(("year", "count")) or not all(one.isascii() and one.isdigit() for one in rest):
        return None
    return int(rest[0]), int(rest[1])


async def raise_to(connection: Direct, highest: Highest) -> list[tuple[str, int]]:
    """Let no counter stand below these; returns site and year of those that did. None ever goes back."""
    return [
        (site, year)
        for (site, year), last in sorted(highest.items())
        if await connection.fetchval(_RAISE, site, year, last) is not None
    ]
