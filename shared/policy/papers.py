"""Which originals, grades and files does a company keep?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.worktime import Target

STRICT = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Custody:
    """Who keeps a closed case (C-26)."""

    __pydantic_config__ = STRICT

    original: str = ""
    """Department or role that has the original."""
    copies: tuple[str, ...] = ()
    seal: bool = False
    """The closed report is sealed (CLS-02)."""
    volumes: str = ""
    """How papers are bound: `year` (CLS-07); empty: one by one."""
    keep_years: int | None = None
    """How long; None: until the company says so. No source names a period for complaints."""


@dataclass(frozen=True, slots=True)
class CustomerGrade:
    """One grade of customers, and who looks after them (C-23, RTE-32)."""

    __pydantic_config__ = STRICT

    code: str
    label: Mapping[str, str]
    owner: str = ""


@dataclass(frozen=True, slots=True)
class CustomerFile:
    """How customer files are kept (C-24, APR-19)."""

    __pydantic_config__ = STRICT

    fields: tuple[str, ...] = ()
    opened_within: Target | None = None
    refreshed_every_months: int | None = None
    kept_by: str = ""
    signatures: int = 0
    """How many heads sign a request to see a file."""
