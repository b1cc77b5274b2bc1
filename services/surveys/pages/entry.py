"""What did the customer send? A form post or JSON, read into the same entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from services.surveys.pages.views import COMMENT_CHARACTERS, Draft
from shared.host.fields import SingleLine, Text
from shared.web.forms import fault_of, posted

_FIELDS = ("form_no", "grade", "comment")


class AnswerBody(BaseModel):
    """One grade's code, a comment if there is one, and the form meant (default: the open one)."""

    model_config = ConfigDict(extra="forbid")

    grade: Annotated[Text, SingleLine, StringConstraints(min_length=1, max_length=64)]
    comment: Annotated[Text, StringConstraints(max_length=COMMENT_CHARACTERS)] | None = None
    form_no: Annotated[Text, SingleLine, StringConstraints(max_length=80)] | None = None


@dataclass(frozen=True, slots=True)
class FormEntry:
    """A posted form: what was entered, and the body if it is complete."""

    draft: Draft
    body: AnswerBody | None


def read_json(content: bytes) -> AnswerBody:
    """The body. Raises RequestValidationError, which the app answers with 422."""
    try:
        return AnswerBody.model_validate_json(content)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in found]) from error


def read_form(content: bytes) -> FormEntry:
    """What a browser posted; never raises: whatever is unreadable counts as not entered."""
    fields = posted(content, _FIELDS)
    draft = Draft(fields.get("grade", ""), fields.get("comment", ""))
    try:
        return FormEntry(draft, AnswerBody.model_validate(fields))
    except ValidationError as error:
        return FormEntry(Draft(draft.grade, draft.comment, fault_of(error)), None)
