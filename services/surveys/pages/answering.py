"""What comes of an answer, and which page says so?"""

from __future__ import annotations

from datetime import datetime

from fastapi.responses import Response

from services.surveys.domain.invitation import Invitation
from services.surveys.domain.lifecycle import Status
from services.surveys.handlers.score_answer import AnswerSurvey
from services.surveys.pages.entry import AnswerBody, FormEntry
from services.surveys.pages.link import find_again
from services.surveys.pages.views import Draft, closed_page, form_page
from services.surveys.store.queries import InvitationQueries
from shared.deciding import Actor
from shared.errors import Conflict, Rejected, Unavailable
from shared.host.desk import Desk
from shared.outbox.writing import Idempotency
from shared.policy.model import Rulebook, SurveyRule
from shared.web.responses import page


def open_rule(invitation: Invitation, rules: Rulebook, now: datetime) -> SurveyRule | None:
    """The survey that can be answered now; None: it is over, or policy no longer asks it."""
    try:
        form, rule = invitation.form, rules.profile_of(invitation.site).survey
    except Rejected:
        return None  # A site that nobody remembers asks nothing any more.
    if form is None or rule is None or rule.name != form.survey:
        return None
    return rule if invitation.status_at(now) is Status.INVITED else None


class Answering:
    """Hands the customer's answer to the handler and shows how it stands."""

    def __init__(self, desk: Desk[InvitationQueries]) -> None:
        self._desk = desk

    async def submit(
        self, invitation: Invitation, body: AnswerBody, idempotency: Idempotency | None = None
    ) -> Invitation:
        """The answered invitation. Raises what `score_answer` raises, and Unavailable."""
        complaint_id = invitation.complaint_id
        sealed = None
        if body.comment:
            sealed = self._desk.sealer.seal({"comment": body.comment}, about=complaint_id)
        command = AnswerSurvey(
            complaint_id=complaint_id,
            actor=Actor("customer", frozenset({"customer"}), frozenset({invitation.site})),
            form_no=body.form_no or (invitation.form.form_no if invitation.form else ""),
            grade=body.grade,
            comment_sealed=sealed,
        )
        decision = await self._desk.submit(command, idempotency=idempotency)
        assert isinstance(decision.state, Invitation), "score_answer never ends a state"
        return decision.state

    async def post(self, invitation: Invitation, entry: FormEntry, *, language: str) -> Response | None:
        """None if the answer is stored, else the page that says why not, with what was entered."""
        draft = entry.draft
        if entry.body is None:
            return self.page(invitation, language=language, draft=draft, status=422)
        try:
            await self.submit(invitation, entry.body)
        except Unavailable:
            later = Draft(draft.grade, draft.comment, "later")
            return self.page(invitation, language=language, draft=later, status=503)
        except Conflict:
            # Answered, expired or reopened in the meantime: show it as it is now.
            current = await find_again(self._desk, invitation)
            return self.page(current, language=language, status=409)
        except Rejected:
            unknown = Draft("", draft.comment, "choose")
            return self.page(invitation, language=language, draft=unknown, status=422)
        return None

    def page(
        self,
        invitation: Invitation,
        *,
        language: str,
        draft: Draft | None = None,
        just_answered: bool = False,
        status: int = 200,
    ) -> Response:
        """The form while it can be answered, else the page that says why it cannot."""
        now = self._desk.clock.now()
        rule = open_rule(invitation, self._desk.rules(), now)
        if rule is not None and invitation.form is not None:
            html = form_page(invitation, invitation.form, rule, language=language, draft=draft)
        else:
            standing = invitation.status_at(now)
            html = closed_page(invitation, standing, language=language, just_answered=just_answered)
        return page(html, language=language, status=status)
