"""Which step may an invitation take? The one table; whatever is not in it is refused."""

from __future__ import annotations

from enum import StrEnum

from shared.errors import Conflict


class Status(StrEnum):
    """Where the question to the customer stands."""

    WAITING = "waiting"
    """The complaint is not closed yet, or open again."""
    INVITED = "invited"
    ANSWERED = "answered"
    EXPIRED = "expired"
    NOT_ASKED = "not_asked"
    REPLACED = "replaced"
    """Only of an earlier form: the complaint was taken up again before the customer answered."""


class Step(StrEnum):
    """What can happen to it."""

    INVITE = "invite"
    SKIP = "skip"
    REMIND = "remind"
    ANSWER = "answer"
    EXPIRE = "expire"
    REOPEN = "reopen"


_ASKED = (Status.INVITED, Status.ANSWERED, Status.EXPIRED)

TRANSITIONS: dict[tuple[Status, Step], Status] = {
    (Status.WAITING, Step.INVITE): Status.INVITED,
    (Status.WAITING, Step.SKIP): Status.NOT_ASKED,
    (Status.INVITED, Step.REMIND): Status.INVITED,
    (Status.INVITED, Step.ANSWER): Status.ANSWERED,
    (Status.INVITED, Step.EXPIRE): Status.EXPIRED,
    (Status.WAITING, Step.REOPEN): Status.WAITING,
    (Status.NOT_ASKED, Step.REOPEN): Status.WAITING,
    **{(status, Step.REOPEN): Status.WAITING for status in _ASKED},
}

REFUSALS: dict[Status, tuple[str, str]] = {
    Status.ANSWERED: ("survey-answered", "this survey has already been answered"),
    Status.EXPIRED: ("survey-expired", "the time for this survey is over"),
}
"""Code and sentence for the cases that customers meet; the rest is `survey-not-open`."""


def step(status: Status, action: Step) -> Status:
    """The status afterwards.

    Raises Conflict('survey-answered'), Conflict('survey-expired') or Conflict('survey-not-open').
    """
    try:
        return TRANSITIONS[(status, action)]
    except KeyError:
        code, detail = REFUSALS.get(
            status, ("survey-not-open", f"a survey that is {status.value} cannot {action.value}")
        )
        raise Conflict(code, detail, field="status") from None
