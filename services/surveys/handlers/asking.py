"""Is the customer asked now, with which form and until when? Shared by closing and reopening."""

from __future__ import annotations

from services.surveys.domain import invitation as domain
from services.surveys.domain.invitation import Form, Invitation
from services.surveys.handlers.notices import notice
from shared.deciding import Context, Decision
from shared.events.surveys import SurveyInvited
from shared.policy.model import Profile, SurveyRule
from shared.worktime import due_at

CHANNEL = "mail"


def ask(state: Invitation, context: Context, *, history: bool = False) -> Decision[Invitation]:
    """survey.invited and a notice with the link, or the reason why nobody is asked (SUR-01)."""
    profile = context.rules.profile_of(state.site)
    because = _reason_not_to_ask(state, profile.survey, history=history)
    if because or profile.survey is None:
        return Decision(domain.skip(state, because or "no-survey"))
    return _invite(state, _new_form(state, profile, profile.survey, context))


def _reason_not_to_ask(state: Invitation, rule: SurveyRule | None, *, history: bool) -> str | None:
    if history or state.history:
        return "history"
    if rule is None:
        return "no-survey"
    if rule.kinds and state.kind not in rule.kinds:
        return "kind-not-asked"
    return "no-contact" if state.sealed is None else None


def _new_form(state: Invitation, profile: Profile, rule: SurveyRule, context: Context) -> Form:
    calendar = context.rules.calendar_of(state.site)
    remind = rule.remind_after
    return Form(
        form_no=domain.next_form_no(state),
        survey=rule.name,
        policy_version=profile.version,
        invited_at=context.now,
        expires_at=due_at(calendar, context.now, rule.expires_after),
        remind_at=due_at(calendar, context.now, remind) if remind else None,
    )


def _invite(state: Invitation, form: Form) -> Decision[Invitation]:
    invited = SurveyInvited(
        complaint_no=state.complaint_no,
        survey=form.survey,
        form_no=form.form_no,
        respondent_ref=state.customer_ref,
        channel=CHANNEL,
        at=form.invited_at,
        expires_at=form.expires_at,
    )
    return Decision(domain.invite(state, form), (invited,), (notice(state, form, "survey-invited"),))
