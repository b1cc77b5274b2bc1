"""Which roles may do what at these doors? `admin` always may; whose complaints is for the gate to say."""

from __future__ import annotations

READERS = ("agent", "handler", "manager", "director", "auditor")
ANSWERERS = ("handler", "manager", "director")
EXTENDERS = ("manager", "director")
DECIDERS = EXTENDERS
REPORTERS = ("agent", "handler", "manager", "director")
