"""How do rows of another register become complaints, or bring those up to date that they became before?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson
from pydantic import ValidationError

from services.intake.api.amending import personal_news, sealed_change
from services.intake.api.entering import command_of
from services.intake.api.import_rows import ImportRow, Result
from services.intake.domain.complaint import Complaint, Origin
from services.intake.domain.sources import is_as_read, why_kept
from services.intake.handlers.bring_up_to_date import BringUpToDate, Update
from services.intake.handlers.register_complaint import Dates, Receipt, RegisterComplaint, acceptable
from services.intake.store.queries import ComplaintQueries
from shared.changing import changed
from shared.deciding import Actor
from shared.errors import Conflict, Rejected
from shared.host.desk import Desk
from shared.ids import derived_id
from shared.participation import require_site
from shared.policy.model import Rulebook

_MOST_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class _Given:
    """A row that may come in: as it was sent, what names it, and the complaint that it is or becomes."""

    body: ImportRow
    origin: Origin
    complaint_id: UUID
    imported: bool

    @property
    def name(self) -> tuple[str, str, str]:
        """Site, source and ref: whose row it is."""
        return self.body.site, self.origin.source, self.origin.ref

    @property
    def dates(self) -> Dates:
        """What is checked before anything is claimed for it."""
        body = self.body
        return Dates(body.site, body.kind, body.received_at, body.due_at, body.closed_at, self.imported)


_Seen = dict[tuple[str, str, str], tuple[str | None, object]]
"""By name: the fingerprint and the number of the row of this request that had it first."""


@dataclass(frozen=True, slots=True)
class Importing:
    """One request with rows of one source on its way into the register."""

    desk: Desk[ComplaintQueries]
    source: str
    actor: Actor
    is_history: bool

    async def results(self, rows: Sequence[Mapping[str, Any]]) -> list[Result]:
        """What became of each row, in their order."""
        seen: _Seen = {}
        rules, now = self.desk.rules(), self.desk.clock.now()
        given = [self._given(raw, seen, rules, now) for raw in rows]
        wanted = {one.name: one.complaint_id for one in given if isinstance(one, _Given)}
        before = await self.desk.queries.claim(wanted) if wanted else {}
        known = await self.desk.queries.known(list(before.values())) if before else {}

        async def entered(one: _Given | Result) -> Result:
            if isinstance(one, Result):
                return one
            one = replace(one, complaint_id=before.get(one.name, one.complaint_id))
            return await self._entered(one, known.get(one.complaint_id))

        # Together, so that they share commits.
        return list(await asyncio.gather(*(entered(one) for one in given)))

    def _given(self, raw: Mapping[str, Any], seen: _Seen, rules: Rulebook, now: datetime) -> _Given | Result:
        """The row if it may come in, else why not; nothing is claimed for one that may not."""
        try:
            body = ImportRow.model_validate(raw)
            require_site(self.actor, body.site)
            content = orjson.dumps({k: v for k, v in raw.items() if k != "row"}, option=orjson.OPT_SORT_KEYS)
            origin = Origin(self.source, body.ref, self.desk.sealer.fingerprint(content))
            complaint_id = derived_id(body.received_at, body.site, self.source, body.ref)
            given = _Given(body, origin, complaint_id, self.is_history)
            acceptable(given.dates, rules, now)
            _check_alone(given, seen)
        except (ValidationError, Rejected) as error:
            return _refused(raw.get("row"), error)
        return given

    def _command(self, given: _Given) -> RegisterComplaint:
        """What registers it; what is sealed belongs to the complaint's id."""
        sealer, origin, body = self.desk.sealer, given.origin, given.body
        command = command_of(
            body, given.complaint_id, self.actor, sealer, imported=self.is_history, origin=origin
        )
        return changed(command, promised_at=body.due_at, closed_at=body.closed_at)

    async def _entered(self, given: _Given, known: Complaint | None) -> Result:
        try:
            if known is None:
                receipt = (await self.desk.submit(self._command(given), bulk=True)).answer
                assert isinstance(receipt, Receipt)
                if not receipt.known:
                    number = receipt.complaint_no
                    return Result(row=given.body.row, status="registered", complaint_no=number)
            return await self._updated(given, known)
        except Rejected as error:
            return _refused(given.body.row, error)

    async def _updated(self, given: _Given, known: Complaint | None) -> Result:
        """What a row says of a complaint that came in before, taken over as far as it may be."""
        for attempt in range(_MOST_ATTEMPTS):
            if known is None or attempt:
                known = await self.desk.queries.by_id(given.complaint_id)
            assert known is not None
            if is_as_read(known, given.origin.row):
                return Result(row=given.body.row, status="known", complaint_no=known.complaint_no)
            try:
                update = (await self.desk.submit(self._update_of(given, known), bulk=True)).answer
            except Conflict as error:
                if error.code != "amended-meanwhile":
                    raise
                continue
            assert isinstance(update, Update)
            return _told(given.body.row, update)
        raise Conflict("amended-meanwhile", "it was changed here while it was imported", field="customer")

    def _update_of(self, given: _Given, known: Complaint) -> BringUpToDate:
        sealer = self.desk.sealer
        before, news = personal_news(known, given.body, sealer)
        contested = tuple(name for name in sorted(news) if why_kept(known, name) is not None)
        taken = {name: value for name, value in news.items() if name not in contested}
        return BringUpToDate(
            complaint_id=known.complaint_id,
            actor=self.actor,
            row=self._command(given),
            said=said_in(given.body),
            personal=sealed_change(known, before, taken, sealer),
            contested=contested,
        )


def said_in(row: ImportRow) -> frozenset[str]:
    """The names of the complaint's open fields of which the row says anything."""
    said = set(row.model_fields_set)
    if "due_at" in said:
        said.add("promised_at")
    customer = row.customer.model_fields_set if row.customer is not None else frozenset[str]()
    if "grade" in customer:
        said.add("customer_grade")
    if not customer.isdisjoint({"ref", "email", "phone"}):
        said.add("customer_ref")
    return frozenset(said)


def _told(row: int, update: Update) -> Result:
    reasons: dict[str, list[str]] = {}
    for one in update.kept:
        reasons.setdefault(one.why, []).append(one.field)
    why = "; ".join(f"{', '.join(names)} stays: {reason}" for reason, names in reasons.items())
    done: Literal["amended", "known"] = "amended" if update.changed else "known"
    return Result(
        row=row,
        status="closed" if update.closes else done,
        complaint_no=update.complaint_no,
        changed=list(update.changed) or None,
        kept=[one.field for one in update.kept] or None,
        detail=why or None,
    )


def _check_alone(given: _Given, seen: _Seen) -> None:
    """Note the row. Raises Rejected('number-twice') if another one of the request has its number."""
    before, row = seen.setdefault(given.name, (given.origin.row, given.body.row))
    if before != given.origin.row:
        raise Rejected(
            "number-twice",
            f"{given.origin.ref} is the number of row {row} too, which says something else",
            field="ref",
            remedy="The first of the two was taken.",
        )


def _refused(row: object, error: ValidationError | Rejected) -> Result:
    number = row if isinstance(row, int) else None
    if isinstance(error, Rejected):
        return Result(
            row=number,
            status="rejected",
            code=error.code,
            field=error.field,
            detail=error.detail,
            remedy=error.remedy,
        )
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    return Result(row=number, status="rejected", code="invalid-row", field=field, detail=first["msg"])
