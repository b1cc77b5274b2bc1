"""Which roles may do what at this door? `admin` always may."""

from __future__ import annotations

WRITERS = ("agent", "handler", "manager")
"""Whoever takes complaints in, completes them, and hears from customers."""
AMENDERS = (*WRITERS, "director")
"""Whoever may correct the facts; that somebody is not complained about is for a manager or director."""
DECIDERS = ("handler", "manager")
"""Whoever may decline a complaint or take it up again (INT-22)."""
READERS = ("agent", "handler", "manager", "director", "auditor")
CONFIDANTS = frozenset({"agent", "handler", "manager", "director", "admin"})
"""Whoever sees names, contacts and free text; an auditor checks dates, not people (PRV-01)."""
IMPORTERS = ("agent", "manager")
