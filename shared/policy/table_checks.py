"""Are the rows of a decision table about something that exists, reachable, and told apart?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from shared.policy.claims import Asking, share_claims
from shared.policy.covering import covers, overlap
from shared.policy.document import Document
from shared.policy.problems import Keys, Problem, did_you_mean
from shared.policy.profile import Profile
from shared.policy.rules import When
from shared.policy.table import Row
from shared.policy.vocabulary import FLAGS, HIT_POLICIES, SEVERITIES

_CURRENCY = 3


def known(document: Document, keys: Keys, word: str, words: Iterable[str], what: str) -> Iterator[Problem]:
    """A problem if the word is not among them."""
    if word not in words:
        yield document.problem(keys, f"no {what} {word} is known", did_you_mean(word, words))


def unique_names(
    document: Document, way: Keys, names: Sequence[str], field: str = "name"
) -> Iterator[Problem]:
    """A problem for each name that stands a second time."""
    for index, name in enumerate(names):
        if name in names[:index]:
            yield document.problem((*way, index, field), f"{name} stands twice", "Give each its own.")


def check_rows(profile: Profile, document: Document, where: Keys, rows: Sequence[Row]) -> Iterator[Problem]:
    """Rows that no complaint reaches, and words in them that no complaint carries."""
    yield from check_words(profile, document, where, rows)
    for index, row in enumerate(rows):
        before = next((at for at in range(index) if covers(rows[at].when, row.when)), None)
        if before is not None:
            detail = f"is never reached: row {before} takes all it is about"
            yield document.problem((*where, index), detail, "Put it before that row, or remove it.")


def check_words(profile: Profile, document: Document, where: Keys, rows: Sequence[Row]) -> Iterator[Problem]:
    """Words in conditions that no complaint of this profile carries."""
    for index, row in enumerate(rows):
        yield from check_when(profile, document, (*where, index, "when"), row.when)


def check_hit_policies(profile: Profile, document: Document) -> Iterator[Problem]:
    """Tables that call themselves unique and have rows of which two can match."""
    tables: Mapping[str, Sequence[Row]] = {"routing": profile.routing, "severity": profile.severity}
    for name, policy in profile.hit_policy.items():
        keys: Keys = ("hit_policy", name)
        yield from known(document, keys, name, tables, "table")
        yield from known(document, keys, policy, HIT_POLICIES, "hit policy")
        if policy == "unique" and name in tables:
            yield from _overlaps(document, name, tables[name])


def _overlaps(document: Document, table: str, rows: Sequence[Row]) -> Iterator[Problem]:
    # The row without a condition is for what no other row takes; it is allowed in a unique table.
    asking = [(at, row.when) for at, row in enumerate(rows) if row.when != When()]
    for place, (index, when) in enumerate(asking):
        other = next((at for at, before in asking[:place] if overlap(before, when)), None)
        hidden = any(covers(before, when) for _, before in asking[:place])
        if other is not None and not hidden:
            detail = f"overlaps row {other}, and the table is unique"
            remedy = "Part their conditions, or set its hit policy to first."
            yield document.problem((table, index), detail, remedy)


def check_when(profile: Profile, document: Document, where: Keys, when: When) -> Iterator[Problem]:
    """Words in one condition that no complaint of this profile carries."""
    types = [kind for kinds in profile.categories.values() for kind in kinds]
    grades = [grade.code for grade in profile.grades]
    words: Mapping[str, tuple[Iterable[str], Iterable[str]]] = {
        "kind": (when.kind, profile.kinds),
        "flags": (when.flags, FLAGS),
        "severity": (when.severity, SEVERITIES),
        "category": (when.category, profile.categories),
        "type": (when.type, types),
        "grade": (when.grade, grades),
        "product_line": (when.product_line, profile.product_lines),
    }
    for part, (written, allowed) in words.items():
        # A profile that lists no categories, types, grades or lines does not say which exist.
        if allowed or part not in {"category", "type", "grade", "product_line"}:
            for index, word in enumerate(written):
                yield from known(document, (*where, part, index), word, allowed, part.replace("_", " "))
    yield from check_claims(document, where, when)


def check_claims(document: Document, where: Keys, when: Asking) -> Iterator[Problem]:
    """Figures of a claim that are no amounts, and two that leave nothing between them."""
    yield from check_amounts(document, (*where, "claimed_above"), when.claimed_above)
    yield from check_amounts(document, (*where, "claimed_up_to"), when.claimed_up_to)
    if not share_claims(when, when):
        remedy = "Let it be more than `claimed_above` in at least one currency."
        yield document.problem((*where, "claimed_up_to"), "leaves no amount to be claimed", remedy)


def check_amounts(document: Document, where: Keys, amounts: Mapping[str, Decimal]) -> Iterator[Problem]:
    """Amounts below zero, or in what is no currency."""
    for currency, amount in amounts.items():
        if len(currency) != _CURRENCY or not (currency.isascii() and currency.isupper()):
            remedy = "Write a code of ISO 4217, for example CNY."
            yield document.problem((*where, currency), f"{currency} is no currency", remedy)
        if amount < 0:
            yield document.problem((*where, currency), f"{amount} is negative", "Write 0 or more.")
