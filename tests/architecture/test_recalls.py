"""Is there an answer for every event that a service tells: how it is taken back after a restore?"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from services.escalation.app import PLAN as ESCALATION
from services.intake.app import PLAN as INTAKE
from services.routing.app import PLAN as ROUTING
from services.surveys.app import PLAN as SURVEYS
from shared.events.catalogue import all_events
from shared.events.letters import LetterFailed
from shared.sealed.sealer import new_key

NOT_OF_A_COMPLAINT = {"campaign.opened.v1", "campaign.closed.v1", "presence.changed.v1"}
"""Their subjects are rounds and persons; docs/operations.md names them as lost."""
SETTINGS = SimpleNamespace(seal_keys=f"k1:{new_key()}", secret="a secret for tests, with enough in it")


@pytest.mark.parametrize("plan", [INTAKE, ROUTING, ESCALATION, SURVEYS], ids=lambda plan: plan.name)
def test_every_event_of_a_complaint_has_its_recall(plan):
    own = {data for data in all_events() if data.producer == plan.name}
    known = plan.recalls(SETTINGS).keys()

    assert {data.type_name for data in own - known} <= NOT_OF_A_COMPLAINT
    assert LetterFailed in known, "every service that writes letters tells it"
    assert known - {LetterFailed} <= own
