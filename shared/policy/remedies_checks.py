"""Can the table of remedies be meant as it is written?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from shared.policy import vocabulary as words
from shared.policy.covering import covers_words
from shared.policy.document import Document
from shared.policy.problems import Keys, Problem
from shared.policy.profile import Profile
from shared.policy.remedies import RemedyRule, RemedyWhen
from shared.policy.table_checks import known, unique_names

TABLE = "remedy_rules"


def check_remedies(profile: Profile, document: Document) -> Iterator[Problem]:
    """Words that do not exist, rows that nothing reaches, and rows that contradict themselves."""
    rows = profile.remedy_rules
    yield from unique_names(document, (TABLE,), [row.name for row in rows])
    for index, row in enumerate(rows):
        where: Keys = (TABLE, index)
        before = next((at for at in range(index) if covers_words(rows[at].when, row.when)), None)
        if before is not None:
            detail = f"is never reached: row {before} takes all it is about"
            yield document.problem(where, detail, "Put it before that row, or remove it.")
        yield from _words(profile, document, where, row.when)
        yield from _row(document, where, row)


def _words(profile: Profile, document: Document, where: Keys, when: RemedyWhen) -> Iterator[Problem]:
    types = [kind for kinds in profile.categories.values() for kind in kinds]
    parts: Mapping[str, tuple[tuple[str, ...], Iterable[str]]] = {
        "liability": (when.liability, words.LIABILITIES),
        "warranty": (when.warranty, words.WARRANTY_STATES),
        "proof": (when.proof, words.PROOFS),
        "phase": (when.phase, words.PHASES),
        "kind": (when.kind, profile.kinds),
        "category": (when.category, profile.categories),
        "type": (when.type, types),
        "severity": (when.severity, words.SEVERITIES),
        "flags": (when.flags, words.FLAGS),
    }
    for part, (written, allowed) in parts.items():
        if allowed or part not in {"category", "type"}:
            for at, word in enumerate(written):
                yield from known(document, (*where, "when", part, at), word, allowed, part)


def _row(document: Document, where: Keys, row: RemedyRule) -> Iterator[Problem]:
    if row.cost:
        yield from known(document, (*where, "cost"), row.cost, words.COST_BEARERS, "bearer")
    if row.refund:
        yield from known(document, (*where, "refund"), row.refund, words.REFUNDS, "rule for refunds")
    for at, remedy in enumerate(row.closed):
        if remedy in row.offer:
            detail = f"{remedy} is both offered and closed"
            yield document.problem((*where, "closed", at), detail, "Write it in one of the lists only.")
    for at, remedy in enumerate(row.instead):
        if remedy in row.closed or (row.offer and remedy not in row.offer):
            yield document.problem(
                (*where, "instead", at), f"{remedy} may not be proposed", "Offer it as well."
            )
    if row.refund == "discretionary" and not row.approve_by:
        remedy = "Name the roles that decide it: it is not the handler's own choice (DSP-15)."
        yield document.problem(where, "leaves a refund to nobody's discretion", remedy)
