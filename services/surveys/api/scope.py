"""Which roles may ask for results? Which complaints, the gate says (`shared.participation`)."""

from __future__ import annotations

READERS = ("manager", "director", "auditor")
"""Roles that may read results; scores of single departments are nobody else's business."""
