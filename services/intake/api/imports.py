"""How do complaints kept elsewhere come in? `POST /imports`, many rows at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Request
from pydantic import Field, ValidationError

from services.intake.api.amending import personal_news, sealed_change
from services.intake.api.bodies import ComplaintBody, documented, parsed
from services.intake.api.entering import command_of
from services.intake.api.roles import IMPORTERS
from services.intake.domain.complaint import Complaint, Origin
from services.intake.domain.sources import is_as_read, why_kept
from services.intake.handlers.bring_up_to_date import BringUpToDate, Update
from services.intake.handlers.register_complaint import Receipt, RegisterComplaint, acceptable
from services.intake.handlers.scope import require_site
from services.intake.store.queries import ComplaintQueries
from shared.deciding import Actor
from shared.errors import Conflict, Rejected
from shared.host.desk import TOKEN_REQUIRED, Desk
from shared.host.fields import Answer, Body, Instant, Line
from shared.ids import derived_id

MOST_ROWS = 500
_MOST_ATTEMPTS = 5


class ImportRow(ComplaintBody):
    """A complaint with the number that it has where it comes from."""

    row: Annotated[int, Field(ge=0)]
    ref: Line
    # Needed here: nobody knows by themselves when it came in where it comes from.
    received_at: Instant  # pyright: ignore[reportGeneralTypeIssues, reportIncompatibleVariableOverride]
    due_at: Instant | None = Field(
        default=None, description="The due date that it had there; it stands in place of our policy's."
    )
    closed_at: Instant | None = Field(default=None, description="When it ended there; history only.")


class ImportBody(Body):
    """Rows of one source. `history`: old dates are kept, nobody is alerted or written to."""

    source: Line
    history: bool = True
    rows: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MOST_ROWS)]


class DocumentedImport(ImportBody):
    """The same with its rows spelt out, for the documentation: each is checked by itself."""

    rows: Annotated[list[ImportRow], Field(min_length=1, max_length=MOST_ROWS)]  # type: ignore[assignment]  # narrower on purpose


class Result(Answer):
    """What became of one row; `kept` names what it says and the complaint does not, because of `detail`."""

    row: int | None = None
    status: Literal["registered", "known", "amended", "closed", "rejected"]
    complaint_no: str | None = None
    changed: list[str] | None = None
    kept: list[str] | None = None
    code: str | None = None
    field: str | None = None
    detail: str | None = None
    remedy: str | None = None


class Results(Answer):
    """What became of the rows, in their order; `amended` and `closed` are left out where there are none."""

    registered: int
    known: int
    rejected: int
    amended: int | None
    closed: int | None
    results: list[Result]


def router(desk: Desk[ComplaintQueries]) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["imports"])
    importers = frozenset(IMPORTERS)

    @routes.post(
        "/imports",
        response_model=Results,
        response_model_exclude_none=True,
        openapi_extra=documented(DocumentedImport) | {"security": TOKEN_REQUIRED},
        summary="Import complaints",
    )
    async def import_rows(request: Request) -> Results:
        """A row is known by site, source and ref: sent again it is `known` and changes nothing.

        A row that says something else than before amends its complaint (`changed`) or, with a `closed_at`,
        ends it (`closed`). What was changed here since stays and is named in `kept`. A bad row is rejected
        by itself, and so is the second of two different rows with one ref.
        """
        actor = desk.caller(request, importers)
        body = parsed(ImportBody, await request.body())
        results = await Importing(desk, body.source, actor, is_history=body.history).results(body.rows)
        counts = dict.fromkeys(("registered", "known", "rejected", "amended", "closed"), 0)
        for result in results:
            counts[result.status] += 1
        return Results(
            registered=counts["registered"],
            known=counts["known"],
            rejected=counts["rejected"],
            amended=counts["amended"] or None,
            closed=counts["closed"] or None,
            results=results,
        )

    return routes


@dataclass(frozen=True, slots=True)
class _Given:
    """A row that may come in: as it was sent, what names it, and the command that would register it."""

    body: ImportRow
    row: RegisterComplaint
    origin: Origin

    @property
    def name(self) -> tuple[str, str, str]:
        """Site, source and ref: whose row it is."""
        return self.row.site, self.origin.source, self.origin.ref


@dataclass(frozen=True, slots=True)
class Importing:
    """One request with rows of one source on its way into the register."""

    desk: Desk[ComplaintQueries]
    source: str
    actor: Actor
    is_history: bool

    async def results(self, rows: Sequence[Mapping[str, Any]]) -> list[Result]:
        """What became of each row, in their order."""
        seen: dict[tuple[str, str, str], tuple[str | None, object]] = {}
        given = [self._given(raw, seen) for raw in rows]
        wanted = {one.name: one.row.complaint_id for one in given if isinstance(one, _Given)}
        ids = await self.desk.queries.claim(wanted) if wanted else {}
        known = await self.desk.queries.known(list(ids.values()))

        async def entered(one: _Given | Result) -> Result:
            if isinstance(one, Result):
                return one
            identifier = ids[one.name]
            if identifier != one.row.complaint_id:
                one = replace(one, row=self._command(one.body, identifier, one.origin))
            return await self._entered(one, known.get(identifier))

        # Together, so that they share commits.
        return list(await asyncio.gather(*(entered(one) for one in given)))

    def _given(
        self, raw: Mapping[str, Any], seen: dict[tuple[str, str, str], tuple[str | None, object]]
    ) -> _Given | Result:
        """The row if it may come in, else why not; nothing is claimed for one that may not."""
        try:
            body = ImportRow.model_validate(raw)
            require_site(self.actor, body.site)
            complaint_id = derived_id(body.received_at, body.site, self.source, body.ref)
            given = self._read(body, complaint_id, raw)
            acceptable(given.row, self.desk.rules(), self.desk.clock.now())
            _check_alone(given, seen)
        except (ValidationError, Rejected) as error:
            return _refused(raw.get("row"), error)
        return given

    def _read(self, body: ImportRow, complaint_id: UUID, raw: Mapping[str, Any]) -> _Given:
        content = orjson.dumps({k: v for k, v in raw.items() if k != "row"}, option=orjson.OPT_SORT_KEYS)
        origin = Origin(self.source, body.ref, self.desk.sealer.fingerprint(content))
        return _Given(body, self._command(body, complaint_id, origin), origin)

    def _command(self, body: ImportRow, complaint_id: UUID, origin: Origin) -> RegisterComplaint:
        """What registers it under that id; what is sealed belongs to the id."""
        command = command_of(
            body, complaint_id, self.actor, self.desk.sealer, imported=self.is_history, origin=origin
        )
        return replace(command, promised_at=body.due_at, closed_at=body.closed_at)

    async def _entered(self, given: _Given, known: Complaint | None) -> Result:
        try:
            if known is None:
                receipt = (await self.desk.submit(given.row)).answer
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
                known = await self.desk.queries.by_id(given.row.complaint_id)
            assert known is not None
            if is_as_read(known, given.origin.row):
                return Result(row=given.body.row, status="known", complaint_no=known.complaint_no)
            try:
                update = (await self.desk.submit(self._update_of(given, known))).answer
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
            row=given.row,
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


def _check_alone(given: _Given, seen: dict[tuple[str, str, str], tuple[str | None, object]]) -> None:
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
