"""By which rules was a complaint decided about? Every decision notes it, so that it can be recomputed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from services.escalation.domain.sheet import ClockSheet, Ruled
from shared.changing import changed
from shared.deciding import Context, Decision, Event

Handler = Callable[[ClockSheet | None, Any, Context], Decision[ClockSheet]]


def noting_terms(handler: Handler) -> Handler:
    """The handler, with the version of the site's terms in its sheet where it has changed.

    News are noted whatever they did: the auditor has to know by which rules they did nothing. A command or
    a timer that changed nothing leaves no trace in the log, and none here.
    """

    @wraps(handler)
    def noted(state: ClockSheet | None, message: Any, context: Context) -> Decision[ClockSheet]:
        decision = handler(state, message, context)
        after = decision.state
        if after is None or (after is state and not isinstance(message, Event)):
            return decision
        version = context.rules.terms_of(after.site).version
        if after.ruled and after.ruled[-1].terms == version:
            return decision
        since = message.time if isinstance(message, Event) else context.now
        ruled = (*after.ruled, Ruled(since, version))
        return changed(decision, state=changed(after, ruled=ruled))

    return noted
