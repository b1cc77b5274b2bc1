"""Where can a customer turn who keeps refusing, and who of ours takes it up? (ESC-15)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from shared.policy.document import Document
from shared.policy.problems import Problem
from shared.policy.vocabulary import LANGUAGES

STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Disputes:
    """How a dispute is settled; nothing said: rounds of proposals are all there is."""

    __pydantic_config__ = STRICT

    from_round: int = 0
    """The refusal from which on it is a dispute; 0: none ever is."""
    authority: Mapping[str, str] = field(default_factory=dict)
    """Who settles it besides us, by language; the customer is told."""
    to: tuple[str, ...] = ()
    """Roles of ours that take it up."""

    def is_one(self, refusals: int) -> bool:
        """Whether so many refusals make a dispute."""
        return 0 < self.from_round <= refusals

    def authority_in(self, language: str) -> str:
        """The name in the language; in English if there is none."""
        return self.authority.get(language.partition("-")[0], self.authority["en"])


def check_disputes(disputes: Disputes, document: Document) -> Iterator[Problem]:
    """What cannot be meant: a round below zero, or a dispute without anybody to settle it."""
    if disputes.from_round < 0:
        yield document.problem(("disputes", "from_round"), "is negative", "Write 0 for never.")
    if not disputes.from_round:
        return
    for language in LANGUAGES:
        if not disputes.authority.get(language):
            remedy = "Name who settles disputes besides the company, in this language."
            yield document.problem(("disputes", "authority", language), "is missing", remedy)
    if not disputes.to:
        remedy = "Name the roles that take a dispute up."
        yield document.problem(("disputes", "to"), "names nobody", remedy)
