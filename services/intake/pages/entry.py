"""What did the customer post?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from services.intake.pages.views import COMMENT_CHARACTERS, Draft
from shared.host.fields import Text
from shared.web.forms import fault_of, posted

_FIELDS = ("round", "choice", "comment")


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
    fields = posted(content, _FIELDS)
    draft = Draft(fields.get("choice", ""), fields.get("comment", ""))
    try:
        return Entry(draft, ReplyForm.model_validate(fields))
    except ValidationError as error:
        return Entry(Draft(draft.choice, draft.comment, fault_of(error)), None)
