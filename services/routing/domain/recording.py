"""Which records does policy ask of this case, and what is still missing on them?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.routing.domain.case import Case
from services.routing.domain.record import CaseRecord, RecordVersion
from services.routing.domain.standing import assessed
from shared.errors import Conflict
from shared.policy.model import Rulebook
from shared.policy.records import RecordKind, is_due
from shared.policy.rules import matches


@dataclass(frozen=True, slots=True)
class Lack:
    """What keeps one record from being complete."""

    record: str
    item: str = ""
    fields: tuple[str, ...] = ()
    """Required fields in which nothing stands."""
    unsigned: tuple[str, ...] = ()
    """Roles whose signature is missing."""
    absent: bool = False
    """Nothing was written, not in this round, or by somebody whom the complaint is about."""


def require_records(case: Case, gate: str, rules: Rulebook, remedies: tuple[str, ...] = ()) -> None:
    """Nothing, if every record that is needed before this step, or before an earlier one, is complete.

    `remedies` are about to be offered; without them those of the present proposal count.
    Raises Conflict('record-missing'), Conflict('record-unsigned') naming record, field and remedy.
    Source: SEV-05, INV-04, INV-09, INV-13, DSP-09; docs/decisions/0051.
    """
    lack = next(iter(lacking(case, gate, rules, remedies)), None)
    if lack is None:
        return
    name = f"{lack.record} {lack.item}".rstrip()
    if lack.absent or lack.fields:
        what = f"nothing stands in {', '.join(lack.fields)}" if not lack.absent else "it is not there"
        raise Conflict(
            "record-missing",
            f"the record {name} is needed before one can {gate}: {what}",
            field=f"records.{lack.record}" + (f".{lack.fields[0]}" if lack.fields else ""),
            remedy=f"Record {name} with: {', '.join(lack.fields)}.",
        )
    raise Conflict(
        "record-unsigned",
        f"the record {name} is needed before one can {gate}, and not signed",
        field=f"records.{lack.record}.signed_by",
        remedy=f"Have it signed by: {', '.join(lack.unsigned)}.",
    )


def lacking(case: Case, gate: str, rules: Rulebook, remedies: tuple[str, ...] = ()) -> tuple[Lack, ...]:
    """What is missing before this step can be taken, in the order of the profile."""
    kinds = rules.profile_of(case.site).records
    return tuple(
        lack
        for code, kind in kinds.items()
        if is_due(kind, gate) and is_called_for(kind, case, remedies)
        for lack in _lacks(code, kind, case)
    )


def is_called_for(kind: RecordKind, case: Case, remedies: tuple[str, ...] = ()) -> bool:
    """Whether this case is one that the record is about."""
    when = kind.when
    offered = remedies or (case.proposal.remedies if case.proposal is not None else ())
    found = case.finding.liability if case.finding is not None else ""
    return (
        matches(when, assessed(case))
        and (not when.remedies or not set(offered).isdisjoint(when.remedies))
        and (not when.liability or found in when.liability)
        and (when.visited is None or when.visited == any(one.visits for one in case.visits))
        and all(_answered(case, way, answers) for way, answers in when.answers.items())
    )


def lack_of(kind: RecordKind, record: CaseRecord, case: Case) -> Lack | None:
    """What keeps this record from being complete; None: it is."""
    last = record.last
    if not _counts(kind, last, case):
        return Lack(record.kind, record.item, _required(kind), absent=True)
    fields = tuple(code for code in _required(kind) if code not in last.filled)
    unsigned = unsigned_in(kind, last, case)
    return Lack(record.kind, record.item, fields, unsigned) if fields or unsigned else None


def unsigned_in(kind: RecordKind, version: RecordVersion, case: Case) -> tuple[str, ...]:
    """Roles whose signature this version lacks; that of a person complained about is none (RCS-01)."""
    given = {one.role for one in version.signatures if one.by not in case.recused}
    return tuple(role for role in kind.signed_by if role not in given)


def require_turn(case: Case, kind: RecordKind, code: str, rules: Rulebook) -> None:
    """Raises Conflict('record-too-early') while a record that comes first is not complete (INV-08)."""
    kinds = rules.profile_of(case.site).records
    for before in kind.after:
        other = kinds.get(before)
        if other is not None and is_called_for(other, case) and _lacks(before, other, case):
            raise Conflict(
                "record-too-early",
                f"{before} comes before {code}",
                field="record",
                remedy=f"Complete {before} first.",
            )


def _lacks(code: str, kind: RecordKind, case: Case) -> Iterable[Lack]:
    written = [one for one in case.records if one.kind == code]
    if not written:
        return (Lack(code, "", _required(kind), absent=True),)
    return tuple(lack for one in written if (lack := lack_of(kind, one, case)) is not None)


def _counts(kind: RecordKind, version: RecordVersion, case: Case) -> bool:
    in_time = not kind.each_round or version.round == case.round
    return in_time and version.by not in case.recused


def _required(kind: RecordKind) -> tuple[str, ...]:
    return tuple(one.code for one in kind.fields if one.required)


def _answered(case: Case, way: str, answers: tuple[str, ...]) -> bool:
    code, _, field = way.rpartition(".")
    return any(one.kind == code and one.last.values.get(field) in answers for one in case.records)
