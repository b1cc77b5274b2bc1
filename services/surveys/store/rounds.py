"""Where are rounds of periodic surveys kept, and how are people told about them?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert

from services.surveys.domain.timetable import Round
from services.surveys.store.tables import rounds
from shared.database.transaction import Database
from shared.deciding import Notice
from shared.errors import NotFound
from shared.notify.table import write_notices

LONGEST_PAGE = 200
_MOMENTS: TypeAdapter[dict[str, datetime]] = TypeAdapter(dict[str, datetime])
_c = rounds.c


class Rounds:
    """The table of rounds; they are few, a handful for each site and year."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, survey: Round) -> Round:
        """Keeps a new one; the one that is there already stays as it is and is what comes back."""
        values = {"round_id": survey.round_id, "site": survey.site, "survey": survey.survey}
        kept = insert(rounds).values(**values, moments=_written(survey.moments)).on_conflict_do_nothing()
        async with self._database.transaction() as connection:
            await connection.execute(kept)
        return await self.change(survey.round_id, lambda known: known)

    async def change(self, round_id: UUID, changed: Callable[[Round], Round]) -> Round:
        """The round as it is after the change, locked meanwhile. Raises NotFound('unknown-round')."""
        wanted = select(rounds).where(_c.round_id == round_id).with_for_update()
        async with self._database.transaction() as connection:
            row = (await connection.execute(wanted)).one_or_none()
            if row is None:
                raise NotFound("unknown-round", f"there is no round {round_id}", field="round_id")
            survey = changed(_read(row))
            noted = update(rounds).where(_c.round_id == round_id).values(moments=_written(survey.moments))
            await connection.execute(noted)
        return survey

    async def newest(self, sites: Collection[str] | None, *, after: UUID | None = None) -> tuple[Round, ...]:
        """Rounds of these sites (None: all), the newest first, at most 200."""
        query = select(rounds).order_by(_c.round_id.desc()).limit(LONGEST_PAGE)
        if sites is not None:
            query = query.where(_c.site.in_(sorted(sites)))
        if after is not None:
            query = query.where(_c.round_id < after)
        async with self._database.reading() as connection:
            return tuple(_read(row) for row in await connection.execute(query))

    async def tell(self, notices: Sequence[tuple[UUID, Notice]]) -> None:
        """Has people told; whoever was told of the same cause before is not told again."""
        if notices:
            async with self._database.batch() as connection:
                await write_notices(connection, notices)


def _read(row: Row[tuple[UUID, str, str, dict[str, str]]]) -> Round:
    return Round(row.round_id, row.site, row.survey, _MOMENTS.validate_python(row.moments))


def _written(moments: Mapping[str, datetime]) -> dict[str, str]:
    return {name: at.isoformat() for name, at in moments.items()}
