"""May whoever gives this command take part in the case at all? Asked before it, and before a kept answer."""

from __future__ import annotations

from typing import Any

from services.routing.domain.case import Case
from services.routing.domain.involvement import concerned, involvement_of
from services.routing.handlers.accept_case import ConfirmInPerson
from services.routing.handlers.answer_customer import AnswerCustomer
from services.routing.handlers.choose_mode import ChooseMode
from services.routing.handlers.close_case import CloseCase
from services.routing.handlers.decide_proposal import ApproveProposal, RejectProposal
from services.routing.handlers.decide_visit import DecideVisit
from services.routing.handlers.fulfil_resolution import FulfilResolution
from services.routing.handlers.keeping import AsRead
from services.routing.handlers.record_case import RecordCase
from services.routing.handlers.sign_record import SignRecord
from shared.deciding import Actor
from shared.participation import require_part
from shared.policy.model import Rulebook

BY_ROLE = frozenset(
    {
        ApproveProposal,
        RejectProposal,
        ConfirmInPerson,
        ChooseMode,
        DecideVisit,
        FulfilResolution,
        CloseCase,
        AnswerCustomer,
        RecordCase,
        SignRecord,
    }
)
"""Steps that policy may give to a role of another department, e.g. finance: the handler asks for the role."""


def admit(case: Case, command: Any, _rules: Rulebook) -> None:
    """Raises Forbidden('out-of-scope', 'recused') if the command's actor may not take part.

    Wider than the handlers, which ask for the very step: whoever handed the case over may ask again whether
    that was done. What the machine does by itself has no actor.
    """
    actor: Actor | None = getattr(command, "actor", None)
    if actor is None:
        return
    step = type(command.command if isinstance(command, AsRead) else command)
    require_part(involvement_of(case), actor, departments=() if step in BY_ROLE else concerned(case))
