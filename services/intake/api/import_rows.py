"""What does an import send, and what is it answered? Rows of another register, and what became of each."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from services.intake.api.bodies import ComplaintBody
from shared.host.fields import Answer, Body, Instant, Line

MOST_ROWS = 500


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
    amended: int | None = None
    closed: int | None = None
    results: list[Result]
