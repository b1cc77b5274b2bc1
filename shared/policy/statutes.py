"""What does the law promise the customer, beside whatever the company does? One law pack as plain values.

Its clocks run beside the profile's at every site that names it under `laws:`; no pause stops them and no
manager extends them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from shared.policy.document import read_document
from shared.policy.layers import version_of
from shared.policy.problems import PolicyErrors, Problem
from shared.policy.rules import ClockRule
from shared.policy.shaping import shape
from shared.policy.vocabulary import EVENTS, FLAGS, KINDS

SHIPPED = Path(__file__).parent / "law"
STRICT = {"extra": "forbid"}
FIGURES = ("law", "regulator", "ours")


@dataclass(frozen=True, slots=True)
class LawClock(ClockRule):
    """A duty with a time limit and the clause that it comes from."""

    __pydantic_config__ = STRICT

    clause: str = ""
    figure: str = "law"
    """Whose the number is: the `law`'s, its `regulator`'s, or `ours` where both leave it to the company."""


@dataclass(frozen=True, slots=True)
class Law:
    """A law pack; `version` is the hash of its content."""

    __pydantic_config__ = STRICT

    law: str
    title: Mapping[str, str]
    jurisdiction: str
    edition: str
    clocks: tuple[LawClock, ...]
    version: str = ""

    def named(self) -> tuple[LawClock, ...]:
        """Its clocks under names that tell them from the company's, e.g. uk-disp.final-response."""
        return tuple(replace(clock, name=f"{self.law}.{clock.name}") for clock in self.clocks)


@cache
def shipped_laws() -> Mapping[str, Law]:
    """The law packs that come with Kesu, by name. Raises PolicyErrors."""
    return read_laws(SHIPPED)


def read_laws(directory: Path) -> Mapping[str, Law]:
    """The law packs of a directory, by name.

    Raises PolicyErrors with every problem: file, line, field and remedy.
    """
    laws: dict[str, Law] = {}
    problems: list[Problem] = []
    for file in sorted(directory.glob("*.yaml")):
        document = read_document(file)
        law, wrong = shape(Law, document)
        problems += [*document.problems, *wrong]
        for keys in document.placeholders():
            problems.append(document.problem(keys, "must be set", "Fill it in."))
        if law is None:
            continue
        for index, clock in enumerate(law.clocks):
            if not clock.clause:
                keys = ("clocks", index, "name")
                problems.append(document.problem(keys, "cites no clause", "Add `clause:`."))
            if clock.figure not in FIGURES:
                keys, remedy = ("clocks", index, "figure"), f"One of {', '.join(FIGURES)}."
                problems.append(document.problem(keys, f"{clock.figure} is nobody's figure", remedy))
            for word in sorted(_unknown(clock)):
                problems.append(document.problem(("clocks", index), f"{word} is not known", "See policy.md."))
        laws[law.law] = replace(law, version=version_of(document.value))
    if problems:
        raise PolicyErrors(problems)
    return laws


def _unknown(clock: LawClock) -> set[str]:
    events = {clock.starts_on, *clock.meets_on, *clock.cancels_on} - set(EVENTS)
    kinds = {kind for row in clock.limits for kind in row.when.kind} - set(KINDS)
    return events | kinds | ({flag for row in clock.limits for flag in row.when.flags} - set(FLAGS))
