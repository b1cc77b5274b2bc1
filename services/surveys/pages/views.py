"""How do the customer's pages look? Rendered from the invitation and the profile's scale."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from services.surveys.domain.invitation import Form, Invitation
from services.surveys.domain.lifecycle import Status
from shared.policy.model import SurveyRule
from shared.web.pages import render

TEMPLATES = (Path(__file__).parent / "templates",)
COMMENT_CHARACTERS = 2000
_NOTHING_OPEN = {Status.ANSWERED: "answered", Status.EXPIRED: "expired"}


@dataclass(frozen=True, slots=True)
class Draft:
    """What the customer had entered before something went wrong; `problem` names a text."""

    grade: str = ""
    comment: str = ""
    problem: str | None = None


def form_page(
    invitation: Invitation,
    form: Form,
    rule: SurveyRule,
    *,
    language: str,
    draft: Draft | None = None,
) -> str:
    """The question with its grades as radio buttons; works without JavaScript."""
    draft = draft or Draft()
    return render(
        "survey.html",
        language=language,
        directories=TEMPLATES,
        complaint_no=invitation.complaint_no,
        form=form,
        rule=rule,
        draft=draft,
        most=COMMENT_CHARACTERS,
    )


def message_page(name: str, *, language: str, **fields: object) -> str:
    """A page that only says something; `name` is a text's, e.g. `thanks` or `link.unknown`."""
    return render("message.html", language=language, directories=TEMPLATES, name=name, fields=fields)


def closed_page(
    invitation: Invitation, standing: Status, *, language: str, just_answered: bool = False
) -> str:
    """Why there is nothing to answer now: answered, expired, or the complaint is being handled."""
    name = _NOTHING_OPEN.get(standing, "not_open")
    if just_answered and name == "answered":
        name = "thanks"
    return message_page(name, language=language, complaint_no=invitation.complaint_no)
