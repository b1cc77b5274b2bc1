"""Who and what leaves with a new organisation, and who takes over? (docs/decisions/0060)

People and departments leave with or without a named successor: their open cases are placed anew. A site
cannot be handed over, its clocks and its customers stay where they are: it is closed with a date and stays in
the file, or, if it vanished, is served to its end as it was last known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from shared.policy.document import Document
from shared.policy.model import LastKnown, Rulebook, Stage
from shared.policy.organisation import Organisation
from shared.policy.problems import Keys, Problem, did_you_mean


@dataclass(frozen=True, slots=True)
class Leaving:
    """One id that the new organisation does not name any more; `heir` None: nobody was named."""

    part: str
    """`sites`, `departments` or `people`."""
    id: str
    heir: str | None
    closed_from: date | None = None
    """Of a site: the day from which on it took nothing new."""

    @property
    def is_mistake(self) -> bool:
        """Whether a site is to vanish that no date has closed: it would be served on, but nobody said so."""
        return self.part == "sites" and self.closed_from is None

    def sentence(self) -> str:
        """What leaves, what becomes of its work, and how to say otherwise."""
        if self.part == "sites" and self.closed_from is not None:
            return f"site {self.id}, closed from {self.closed_from} on, leaves; its rest is served."
        if self.part == "sites":
            return (
                f"site {self.id} has vanished: its open complaints go on as it was last known. "
                "Keep it with `closed_from:` a date until the last of them has ended."
            )
        if self.heir is not None:
            return f"{self.part}: {self.id} leaves, {self.heir} takes over."
        return (
            f"{self.part}: {self.id} leaves without a successor: open cases are placed anew by the matrix. "
            f"Name one under successors.{self.part}, or rename it there."
        )


def leaving(before: Organisation, after: Organisation) -> tuple[Leaving, ...]:
    """Everything that the one names and the other does not, sites first, by id."""
    gone = sorted(before.sites.keys() - after.sites.keys())
    found = [Leaving("sites", one, None, before.sites[one].closed_from) for one in gone]
    gone = sorted(before.departments.keys() - after.departments.keys())
    found += [Leaving("departments", one, after.heir_of_department(one)) for one in gone]
    gone = sorted(before.people.keys() - after.people.keys())
    found += [Leaving("people", one, after.heir_of(one)) for one in gone]
    return tuple(found)


def leaving_ever(before: Rulebook, after: Rulebook, now: datetime) -> tuple[Leaving, ...]:
    """As `leaving`, from what is in force now to what holds then and at any later stage, each once.

    A change with a date closes the sites that it removes from that date on.
    """
    coming = [(stage.organisation, stage.since.date()) for stage in after.stages if stage.since > now]
    found: dict[tuple[str, str], Leaving] = {}
    for organisation, closing in ((after.at(now).organisation, None), *coming):
        for one in leaving(before.at(now).organisation, organisation):
            is_closed = one.closed_from is not None and one.closed_from <= now.date()
            known = one if is_closed else replace(one, closed_from=closing)
            found.setdefault((one.part, one.id), known)
    return tuple(found.values())


def serving_on(rules: Rulebook, before: Iterable[Rulebook]) -> Rulebook:
    """The rulebook with every site that it does not name as one of those `before` last knew it.

    `before` comes newest first, each with the organisation that was in force at last. Later stages of the
    rulebook serve also the sites of its earlier ones.
    """
    known: dict[str, LastKnown] = {}
    for former in before:
        for name, one in {**former.gone, **_sites_of(former.organisation, former)}.items():
            known.setdefault(name, one)
    stages: list[Stage] = []
    for stage in rules.stages:
        stages.append(replace(stage, gone=_without(known, stage.organisation)))
        known.update(_sites_of(stage.organisation, rules))
    if stages:
        first = stages[0]
        return replace(rules, organisation=first.organisation, gone=first.gone, stages=tuple(stages))
    return replace(rules, gone=_without(known, rules.organisation))


def _sites_of(organisation: Organisation, rules: Rulebook) -> dict[str, LastKnown]:
    return {
        name: LastKnown(site, organisation.calendars[site.calendar], rules.profiles[site.profile])
        for name, site in organisation.sites.items()
    }


def _without(known: Mapping[str, LastKnown], organisation: Organisation) -> dict[str, LastKnown]:
    return {name: one for name, one in known.items() if name not in organisation.sites}


def check_successors(organisation: Organisation, document: Document) -> Iterator[Problem]:
    """Successors that are nowhere, and those of somebody who has not left."""
    successors = organisation.successors
    parts: tuple[tuple[str, Mapping[str, str], Mapping[str, object]], ...] = (
        ("people", successors.people, organisation.people),
        ("departments", successors.departments, organisation.departments),
    )
    for part, named, there in parts:
        for one, heir in named.items():
            keys: Keys = ("successors", part, one)
            if one in there:
                remedy = f"Remove it here, or {one} from {part}."
                yield document.problem(keys, f"{one} has not left", remedy)
            elif not _leads_anywhere(one, named, there):
                yield document.problem(keys, f"{heir} is not among {part}", did_you_mean(heir, there))


def _leads_anywhere(one: str, named: Mapping[str, str], there: Mapping[str, object]) -> bool:
    for _ in named:
        one = named.get(one, one)
    return one in there
