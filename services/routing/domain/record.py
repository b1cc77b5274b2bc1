"""What has been written on the records of a case? Versions that are never changed, newest last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SealedText:
    """What somebody wrote in a field of free text."""

    field: str
    sealed: str


@dataclass(frozen=True, slots=True)
class RecordSignature:
    """Somebody signed one version; for the customer `by` attests it and `evidence` names the paper."""

    role: str
    by: str
    at: datetime
    in_place_of: str | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class RecordVersion:
    """The whole record as it stood from one moment on."""

    version: int
    round: int
    by: str
    at: datetime
    values: Mapping[str, str] = field(default_factory=dict)
    """Choices, dates, numbers and flags, by the code of the field."""
    texts: tuple[SealedText, ...] = ()
    signatures: tuple[RecordSignature, ...] = ()
    reason_code: str | None = None
    """Why the version before was corrected."""
    policy_version: str = ""

    @property
    def filled(self) -> frozenset[str]:
        """Codes of the fields in which something stands."""
        return frozenset(self.values) | frozenset(one.field for one in self.texts)


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """One record of the case; `item` tells several of a kind apart."""

    kind: str
    item: str
    versions: tuple[RecordVersion, ...]

    @property
    def last(self) -> RecordVersion:
        """The version that counts."""
        return self.versions[-1]


def record_in(records: tuple[CaseRecord, ...], kind: str, item: str) -> CaseRecord | None:
    """The record of that kind and item; None: nothing was written yet."""
    return next((one for one in records if one.kind == kind and one.item == item), None)


def with_version(
    records: tuple[CaseRecord, ...], kind: str, item: str, version: RecordVersion
) -> tuple[CaseRecord, ...]:
    """The records with this version as the newest of its record."""
    old = record_in(records, kind, item)
    if old is None:
        return (*records, CaseRecord(kind, item, (version,)))
    new = replace(old, versions=(*old.versions, version))
    return tuple(new if one is old else one for one in records)


def with_signature(
    records: tuple[CaseRecord, ...], kind: str, item: str, signature: RecordSignature
) -> tuple[CaseRecord, ...]:
    """The records with one signature more under the newest version of this one."""
    return tuple(
        replace(one, versions=(*one.versions[:-1], _signed(one.last, signature)))
        if one.kind == kind and one.item == item
        else one
        for one in records
    )


def _signed(version: RecordVersion, signature: RecordSignature) -> RecordVersion:
    return replace(version, signatures=(*version.signatures, signature))
