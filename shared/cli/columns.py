"""What does one row of a foreign file say, read through its mapping?

Cells are text and stay text: a postcode keeps its leading zeros.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.cli.mapping import NEEDED, FileMapping, Rule
from shared.errors import Rejected

DAYS = frozenset({"product.sold_on"})
"""Fields that hold a day and no moment."""
AMOUNT = "claimed.amount"
UNREADABLE = re.compile("[\x00\ud800-\udfff]")
_AMOUNT = {
    ".": re.compile(r"-?[0-9]+(\.[0-9]+)?"),
    ",": re.compile(r"-?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)(,[0-9]+)?"),
}
"""By the mark of the fraction. Marks of thousands only where they can be nothing else."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A mapping with the places of its columns in one file."""

    mapping: FileMapping
    places: Mapping[str, tuple[int, ...]]
    width: int


def bind(mapping: FileMapping, header: Sequence[str]) -> Bound:
    """The mapping applied to this header.

    Raises Rejected('columns-missing') naming them, Rejected('text-unreadable').
    """
    known = {_plain(name): place for place, name in reversed(list(enumerate(header)))}
    places: dict[str, tuple[int, ...]] = {}
    missing: list[str] = []
    for name, rule in mapping.fields.items():
        found = [known[_plain(column)] for column in rule.column if _plain(column) in known][:1]
        found += [known[_plain(column)] for column in rule.hash_of if _plain(column) in known]
        is_needed = rule.required or (name in NEEDED and rule.default is None)
        lacks = (is_needed and rule.column and not found) or len(found) < len(rule.hash_of)
        if lacks:
            missing.append((rule.column or rule.hash_of)[0])
        places[name] = tuple(found)
    if missing and any(UNREADABLE.search(name) for name in header):
        raise Rejected(
            "text-unreadable",
            f"the header holds bytes of another encoding: {', '.join(header)}",
            field="encoding",
            remedy="Say with --encoding how the file is written, e.g. gb18030 or cp1252.",
        )
    if missing:
        raise Rejected(
            "columns-missing",
            f"mapping {mapping.mapping} needs columns that the file lacks: {', '.join(missing)}",
            remedy=f"The file has: {', '.join(header) or 'nothing'}. Choose another --mapping.",
        )
    return Bound(mapping, places, len(header))


def map_row(bound: Bound, cells: Sequence[str]) -> dict[str, Any]:
    """The row as the register wants it; groups nested, what is empty left out.

    A row may lack cells at its end, unless a needed one is among them or the last one that it has
    is mapped: that one may have been cut too.
    Raises Rejected('row-long'), 'row-short', 'cell-empty', 'cell-unknown', 'date-unreadable',
    'text-unreadable', with the field.
    """
    _check_shape(bound, cells)
    row: dict[str, Any] = {}
    for name, rule in bound.mapping.fields.items():
        given = [cells[place] for place in bound.places[name] if place < len(cells)]
        value = _value(name, rule, given, bound.mapping)
        if value is None:
            continue
        group, _, member = name.rpartition(".")
        (row.setdefault(group, {}) if group else row)[member] = value
    return row


def _check_shape(bound: Bound, cells: Sequence[str]) -> None:
    if len(cells) > bound.width:
        raise Rejected("row-long", f"{len(cells)} cells under a header of {bound.width}")
    if len(cells) == bound.width:
        return
    mapped = {place for places in bound.places.values() for place in places}
    needed = {place for name in NEEDED for place in bound.places[name]}
    if len(cells) - 1 in mapped or any(place >= len(cells) for place in needed):
        raise Rejected("row-short", f"only {len(cells)} of {bound.width} cells; the row was cut")


def _value(name: str, rule: Rule, cells: list[str], mapping: FileMapping) -> str | None:
    if any(UNREADABLE.search(cell) for cell in cells):
        raise Rejected(
            "text-unreadable",
            "a NUL or a byte of another encoding",
            field=name,
            remedy="Say with --encoding how the file is written, e.g. cp1252 or gb18030.",
        )
    if rule.hash_of:
        return hashlib.sha256("\x1f".join(cells).encode()).hexdigest()[:32]
    raw = rule.constant if rule.constant is not None else (cells[0].strip() if cells else "")
    if not raw or raw in mapping.empty:
        if rule.default is None and (rule.required or name in NEEDED):
            raise Rejected("cell-empty", f"nothing in column {_title(rule)}", field=name)
        return rule.default
    if rule.formats:
        return _moment(name, rule, raw)
    if name == AMOUNT:
        return _amount(name, rule, raw, mapping.decimal)
    return _translated(name, rule, raw) if rule.values else raw


def _translated(name: str, rule: Rule, raw: str) -> str:
    for theirs, ours in rule.values.items():
        if theirs.casefold() == raw.casefold():
            return ours
    if rule.default is None:
        raise Rejected("cell-unknown", f"{raw!r} in column {_title(rule)}", field=name)
    return rule.default


def _moment(name: str, rule: Rule, raw: str) -> str:
    for form in rule.formats:
        try:
            read = datetime.strptime(raw, form)  # noqa: DTZ007 - the zone follows, or it is a day
            if name in DAYS:
                return read.date().isoformat()
            # An offset that the file itself gives (%z) stands.
            return (read if read.tzinfo else read.replace(tzinfo=ZoneInfo(rule.timezone))).isoformat()
        except ValueError:
            continue
    raise Rejected(
        "date-unreadable",
        f"{raw!r} in column {_title(rule)}",
        field=name,
        remedy=f"`formats` of the mapping: {', '.join(rule.formats)}.",
    )


def _amount(name: str, rule: Rule, raw: str, decimal: str) -> str:
    """The sum as the register reads it: ASCII digits and a point."""
    if not _AMOUNT[decimal].fullmatch(raw):
        other = "," if decimal == "." else "."
        raise Rejected(
            "amount-unreadable",
            f"{raw!r} in column {_title(rule)}",
            field=name,
            remedy=f"Plain digits are read, with `{decimal}` before the fraction; if the file writes "
            f'`{other}` there, set `decimal: "{other}"` in the mapping.',
        )
    return raw if decimal == "." else raw.replace(".", "").replace(",", ".")


def _title(rule: Rule) -> str:
    return rule.column[0] if rule.column else "(constant)"


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name).strip().casefold()
