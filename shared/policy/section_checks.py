"""Can the gates, authorities, surveys and papers of a profile be meant as they are written?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from shared.policy import vocabulary as words
from shared.policy.asking import SurveyPlan
from shared.policy.covering import covers
from shared.policy.disputes import check_disputes
from shared.policy.document import Document
from shared.policy.problems import Keys, Problem
from shared.policy.profile import Profile
from shared.policy.record_checks import check_records
from shared.policy.settling import ApprovalRule, SettlementWhen
from shared.policy.table_checks import check_amounts, check_claims, check_words, known, unique_names

_ALL = 100


def check_sections(profile: Profile, document: Document) -> Iterator[Problem]:
    """Words that do not exist, amounts that cannot be, and rules that nobody could keep."""
    for keys, word, allowed, what in _worded(profile):
        if word:
            yield from known(document, keys, word, allowed, what)
    yield from _extension(profile, document)
    yield from check_disputes(profile.disputes, document)
    yield from _modes(profile, document)
    yield from check_words(profile, document, ("alarming", "copies"), profile.alarming.copies)
    yield from _approval(profile, document)
    yield from _boundaries(profile, document)
    yield from unique_names(document, ("surveys",), [plan.name for plan in profile.surveys])
    for index, plan in enumerate(profile.surveys):
        yield from _plan(document, ("surveys", index), plan)
    yield from unique_names(document, ("grades",), [grade.code for grade in profile.grades], "code")
    yield from check_records(profile, document)


def _worded(profile: Profile) -> Iterator[tuple[Keys, str, Iterable[str], str]]:
    """Every value that is one of a few words."""
    intake, promises, corrective = profile.intake, profile.promises, profile.corrective
    yield ("intake", "oral"), intake.oral, words.ORAL, "way with spoken complaints"
    yield ("intake", "merging"), intake.merging, words.MERGING, "receipt"
    yield ("intake", "eligible"), intake.eligible, words.ELIGIBLE, "eligibility"
    yield ("promises", "time"), promises.time, words.PROMISES_OF_TIME, "rule"
    yield ("promises", "outcome"), promises.outcome, words.PROMISES_OF_OUTCOME, "rule"
    yield ("promises", "fulfilment"), promises.fulfilment, words.FULFILMENTS, "rule"
    yield ("corrective", "method"), corrective.method, words.METHODS, "method"
    for at, category in enumerate(corrective.categories):
        yield ("corrective", "categories", at), category, profile.categories, "category"
    yield ("warranty", "boundary"), profile.warranty.boundary, words.BOUNDARIES, "boundary"
    yield ("warranty", "afterwards"), profile.warranty.afterwards, words.AFTERWARDS, "consequence"
    yield ("warranty", "cost_afterwards"), profile.warranty.cost_afterwards, words.COST_BEARERS, "bearer"
    for name, rule in profile.liability.items():
        yield ("liability", name), name, words.LIABILITIES, "liability"
        yield ("liability", name, "treated_as"), rule.treated_as, words.LIABILITIES, "liability"
        yield ("liability", name, "template"), rule.template, words.TEMPLATES, "template"
        yield ("liability", name, "cost"), rule.cost, words.COST_BEARERS, "bearer"
    for at, plan in enumerate(profile.surveys):
        yield ("surveys", at, "every"), plan.every, words.PERIODS, "period"
        for place, record in enumerate(plan.records):
            yield ("surveys", at, "records", place), record, profile.records, "record"


def _extension(profile: Profile, document: Document) -> Iterator[Problem]:
    extension = profile.extension
    if extension.max < 0:
        yield document.problem(("extension", "max"), "is negative", "Write 0 for none.")
    if extension.max > 0 and not extension.approver:
        remedy = "Name the roles that grant it."
        yield document.problem(("extension", "approver"), "names nobody", remedy)


def _modes(profile: Profile, document: Document) -> Iterator[Problem]:
    yield from unique_names(document, ("modes",), [row.name for row in profile.modes])
    yield from check_words(profile, document, ("modes",), profile.modes)
    for index, row in enumerate(profile.modes):
        yield from known(document, ("modes", index, "mode"), row.mode, words.MODES, "mode")
        if not row.decided_by:
            remedy = "Name the roles that decide it: it is not the handler's own choice (ESC-16)."
            yield document.problem(("modes", index, "decided_by"), "names nobody", remedy)


def _approval(profile: Profile, document: Document) -> Iterator[Problem]:
    rows = profile.approval
    yield from unique_names(document, ("approval",), [row.name for row in rows])
    if rows and rows[-1].when != SettlementWhen():
        remedy = "Add a last row without `when`, so that every case can be closed."
        yield document.problem(("approval",), "has no default row", remedy)
    for index, row in enumerate(rows):
        where: Keys = ("approval", index)
        before = next((at for at in range(index) if covers(rows[at].when, row.when)), None)
        if before is not None:
            detail = f"is never reached: row {before} takes all it is about"
            yield document.problem(where, detail, "Put it before that row, or remove it.")
        if not row.close:
            yield document.problem((*where, "close"), "names nobody", "Name who may close such a case.")
        yield from _settled(profile, document, where, row)


def _settled(profile: Profile, document: Document, where: Keys, row: ApprovalRule) -> Iterator[Problem]:
    types = [kind for kinds in profile.categories.values() for kind in kinds]
    parts: Mapping[str, tuple[tuple[str, ...], Iterable[str]]] = {
        "compensation": (row.when.compensation, words.COMPENSATIONS),
        "liability": (row.when.liability, words.LIABILITIES),
        "kind": (row.when.kind, profile.kinds),
        "category": (row.when.category, profile.categories),
        "type": (row.when.type, types),
        "severity": (row.when.severity, words.SEVERITIES),
        "flags": (row.when.flags, words.FLAGS),
        "grade": (row.when.grade, [grade.code for grade in profile.grades]),
        "product_line": (row.when.product_line, profile.product_lines),
    }
    for part, (written, allowed) in parts.items():
        if allowed or part not in {"category", "type", "grade", "product_line"}:
            for at, word in enumerate(written):
                yield from known(document, (*where, "when", part, at), word, allowed, part.replace("_", " "))
    yield from check_claims(document, (*where, "when"), row.when)
    yield from check_amounts(document, (*where, "authority"), row.authority)
    for at, signature in enumerate(row.sign):
        if not signature.by:
            yield document.problem((*where, "sign", at, "by"), "names nobody", "Name who signs.")
        yield from check_amounts(document, (*where, "sign", at, "above"), signature.above)


def _boundaries(profile: Profile, document: Document) -> Iterator[Problem]:
    warranty = profile.warranty
    if warranty.boundary == "after-sale" and warranty.months is None:
        yield document.problem(("warranty",), "has no length", "Add `months:`.")
    counts: Mapping[Keys, int | None] = {
        ("warranty", "months"): warranty.months,
        ("customer_file", "refreshed_every_months"): profile.customer_file.refreshed_every_months,
        ("corrective", "recurrence_from"): profile.corrective.recurrence_from,
        ("corrective", "recurrence_days"): profile.corrective.recurrence_days,
        ("custody", "keep_years"): profile.custody.keep_years,
    }
    for keys, count in counts.items():
        if count is not None and count < 1:
            yield document.problem(keys, f"{count} is too small", "Write 1 or more.")


def _plan(document: Document, where: Keys, plan: SurveyPlan) -> Iterator[Problem]:
    percents: list[tuple[Keys, float | None]] = [((*where, "recovery"), plan.recovery)]
    percents += [((*where, "sample", at, "rate"), sample.rate) for at, sample in enumerate(plan.sample)]
    for keys, percent in percents:
        if percent is not None and not 0 < percent <= _ALL:
            yield document.problem(keys, f"{percent} is no percentage", "Write more than 0, at most 100.")
    if plan.times < 1:
        yield document.problem((*where, "times"), f"{plan.times} is too small", "Write 1 or more.")
    for at, item in enumerate(plan.items):
        keys = (*where, "items", at, "points")
        if (
            list(item.points) != sorted(item.points, reverse=True)
            or max(item.points, default=0) > item.weight
        ):
            remedy = "Give the best answer first, and at most the weight."
            yield document.problem(keys, "do not fall from the weight", remedy)
    if sum(item.weight for item in plan.items) > _ALL:
        yield document.problem((*where, "items"), "weigh more than 100", "Let the weights add up to 100.")
