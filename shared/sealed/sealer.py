"""How is personal data sealed, and how do keys rotate? AES-256-GCM, the key named in front.

A sealed text looks like `k2.<base64url>` and opens only for the complaint that it was sealed about. The
first key of the ring seals; all of them open. Source: architecture.md section 3, PRV-01, PRV-07.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import Rejected

_NONCE_BYTES = 12
_KEY_BYTES = 32
_PSEUDONYMS = "pseudonyms"


class Sealer:
    """Seals and opens with a ring of keys."""

    def __init__(self, ring: Mapping[str, bytes], *, secret: str) -> None:
        if not ring:
            raise Rejected(
                "no-seal-key",
                "the key ring for personal data is empty",
                field="KESU_SEAL_KEYS",
                remedy="`kesu seal new-key` prints one.",
            )
        self._ciphers = {name: AESGCM(key) for name, key in ring.items()}
        self.active = next(iter(ring))
        self._secret = secret
        self._pseudonyms = derive(secret, _PSEUDONYMS) if holds(secret, _PSEUDONYMS) else None

    @classmethod
    def from_setting(cls, value: str, *, secret: str) -> Sealer:
        """Read `name:base64,name:base64`, newest first.

        Raises Rejected('bad-seal-key') naming the entry.
        """
        ring: dict[str, bytes] = {}
        for entry in filter(None, (part.strip() for part in value.split(","))):
            name, _, text = entry.partition(":")
            try:
                key = base64.b64decode(text, validate=True)
            except binascii.Error:
                key = b""
            if not name.isalnum() or len(key) != _KEY_BYTES:
                raise Rejected(
                    "bad-seal-key",
                    f"key {name!r} is not `name:` and base64 of 32 bytes",
                    field="KESU_SEAL_KEYS",
                    remedy="`kesu seal new-key` prints a good one.",
                )
            ring[name] = key
        return cls(ring, secret=secret)

    def seal(self, values: Mapping[str, Any], *, about: UUID) -> str:
        """The values as one sealed text."""
        nonce = os.urandom(_NONCE_BYTES)
        box = self._ciphers[self.active].encrypt(nonce, orjson.dumps(values), about.bytes)
        return f"{self.active}.{base64.urlsafe_b64encode(nonce + box).decode()}"

    def open(self, sealed: str, *, about: UUID) -> dict[str, Any]:
        """What was sealed. Raises Rejected('cannot-open') without the key, or if it was changed."""
        name, _, text = sealed.partition(".")
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise _cannot_open(name)
        try:
            raw = base64.urlsafe_b64decode(text)
            plain = cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], about.bytes)
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise _cannot_open(name) from error
        values: dict[str, Any] = orjson.loads(plain)
        return values

    def needs_rotation(self, sealed: str) -> bool:
        """Whether an older key than the active one sealed it."""
        return sealed.partition(".")[0] != self.active

    def pseudonym(self, text: str) -> str:
        """A stable name for somebody whose address is `text`, that does not give the address away."""
        key = self._pseudonyms or derive(self._secret, _PSEUDONYMS)
        digest = hmac.digest(key, text.strip().lower().encode(), "sha256")
        return "c-" + base64.b32encode(digest[:10]).decode().lower()


def _cannot_open(name: str) -> Rejected:
    return Rejected(
        "cannot-open",
        f"sealed with key {name!r}, which does not open it here",
        field="sealed",
        remedy="Check KESU_SEAL_KEYS: old keys must stay in the ring.",
    )


def new_key() -> str:
    """A fresh key as base64, for KESU_SEAL_KEYS."""
    return base64.b64encode(os.urandom(_KEY_BYTES)).decode()


def derive(secret: str, purpose: str) -> bytes:
    """A 32-byte key for one purpose from the installation's secret; no purpose reveals another's.

    A secret may also be a ring that holds the keys of some purposes only (docs/decisions/0067).
    Raises Rejected('key-missing') for a purpose that it does not hold.
    """
    if secret.startswith(_RING):
        return _held(secret, purpose)
    return hmac.new(secret.encode(), f"kesu/{purpose}".encode(), hashlib.sha256).digest()


def ring_of(secret: str, purposes: Iterable[str]) -> str:
    """A secret that opens these purposes alone."""
    return _RING + ",".join(f"{purpose}={derive(secret, purpose).hex()}" for purpose in purposes)


def holds(secret: str, purpose: str) -> bool:
    """Whether a key for the purpose can be had from the secret."""
    return not secret.startswith(_RING) or purpose in _keys_of(secret)


_RING = "keys:"


def _keys_of(secret: str) -> dict[str, str]:
    pairs = (one.partition("=") for one in secret.removeprefix(_RING).split(","))
    return {purpose: key for purpose, _, key in pairs}


def _held(secret: str, purpose: str) -> bytes:
    try:
        key = bytes.fromhex(_keys_of(secret)[purpose])
    except (KeyError, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise Rejected(
            "key-missing",
            f"the secret of this service holds no key for {purpose}",
            field="KESU_SECRET",
            remedy="`kesu secret SERVICE` prints what a service needs; KESU_SECRET itself holds everything.",
        )
    return key
