"""What does the auditor sign? One day's finding, chained to the one before, verifiable with a public key."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.escalation.jobs.comparing import KINDS, Difference
from shared.sealed.sealer import derive

PURPOSE = "audit-statement"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one audit looked at and found."""

    as_of: datetime
    complaints: int
    clocks: int
    events: int
    differences: tuple[Difference, ...]
    log_digest: str
    """SHA-256 over the ids of all events that were read: by complaint, and sorted within each."""
    unreadable: int = 0
    """Messages of the log that are no events, or none that this release can read; passed over."""

    @property
    def by_kind(self) -> Counter[str]:
        """How many differences there are of each kind; every kind is named."""
        found: Counter[str] = Counter()
        found.update(dict.fromkeys(KINDS, 0))
        found.update(difference.kind for difference in self.differences)
        return found


def signed(finding: Finding, *, secret: str, previous: str, most: int = 100) -> dict[str, object]:
    """The statement: what was found, the first differences, the signature before, and its own signature."""
    key = Ed25519PrivateKey.from_private_bytes(derive(secret, PURPOSE))
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    body: dict[str, object] = {
        "statement": "kesu-audit-1",
        "day": finding.as_of.date().isoformat(),
        "as_of": finding.as_of.isoformat(),
        "complaints": finding.complaints,
        "clocks": finding.clocks,
        "events": finding.events,
        "log_digest": finding.log_digest,
        "unreadable": finding.unreadable,
        "missed": len(finding.differences),
        "by_kind": dict(finding.by_kind),
        "differences": [
            {**asdict(one), "complaint_id": str(one.complaint_id)} for one in finding.differences[:most]
        ],
        "previous": previous,
        "public_key": base64.b64encode(public).decode(),
    }
    return {**body, "signature": base64.b64encode(key.sign(_canonical(body))).decode()}


def is_genuine(statement: Mapping[str, object], public_key: str) -> bool:
    """Whether the holder of this public key (base64) signed exactly this statement."""
    body = {name: value for name, value in statement.items() if name != "signature"}
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))
        key.verify(base64.b64decode(str(statement.get("signature", ""))), _canonical(body))
    except (InvalidSignature, ValueError):
        return False
    return body.get("public_key") == public_key


def public_key_of(secret: str) -> str:
    """The public key of an installation, base64, to be given to whoever verifies."""
    key = Ed25519PrivateKey.from_private_bytes(derive(secret, PURPOSE)).public_key()
    return base64.b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def _canonical(body: Mapping[str, object]) -> bytes:
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
