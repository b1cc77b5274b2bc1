"""What did the customer post?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from services.intake.pages.views import COMMENT_CHARACTERS, Draft
from shared.host.fields import Text

_FIELDS = ("round", "choice", "comment")
_MOST_FIELDS = 20


class ReplyForm(BaseModel):
    """Agree or refuse, to the answer of which round, and a comment if there is one."""

    model_config = ConfigDict(extra="forbid")

    round: Annotated[int, Field(ge=1, le=1000)]
    choice: Literal["agree", "refuse"]
    comment: Annotated[Text, StringConstraints(max_length=COMMENT_CHARACTERS)] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What was entered, and the reply if it is complete."""

    draft: Draft
    reply: ReplyForm | None


def read_form(content: bytes) -> Entry:
    """What a browser posted; never raises: whatever is unreadable counts as not entered."""
    try:
        pairs = parse_qsl(content.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        pairs = []
    # Browsers send line ends as CR LF and count them as one character.
    fields = {name: value.replace("\r\n", "\n") for name, value in pairs if name in _FIELDS}
    fields = {name: value for name, value in fields.items() if value.strip()}
    draft = Draft(fields.get("choice", ""), fields.get("comment", ""))
    try:
        return Entry(draft, ReplyForm.model_validate(fields))
    except ValidationError as error:
        wrong = {one["loc"][0] for one in error.errors()}
        problem = "too_long" if wrong == {"comment"} else "choose"
        return Entry(Draft(draft.choice, draft.comment, problem), None)
