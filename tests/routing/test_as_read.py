"""Does somebody act on what the case was, or on what it is? (docs/decisions/0041)"""

from __future__ import annotations

import pytest

from services.routing.handlers.accept_case import AcceptCase
from services.routing.handlers.keeping import AsRead
from services.routing.handlers.pause_case import PauseCase
from shared.errors import Conflict
from shared.lifecycle import Status
from tests.routing.builders import COMPLAINT, HANDLER, MANAGER, after, an_assigned_case, do

TAKE = AcceptCase(COMPLAINT, HANDLER)


def test_what_was_read_and_is_still_so_is_acted_on():
    case = an_assigned_case()

    assert after(case, AsRead(COMPLAINT, HANDLER, case.version, TAKE)).status is Status.ACCEPTED


@pytest.mark.parametrize("behind", [1, -1, 7])
def test_what_was_read_before_something_happened_is_not_acted_on(behind):
    case = after(an_assigned_case(), PauseCase(COMPLAINT, MANAGER, "parts", "supplier"))
    order = AsRead(COMPLAINT, HANDLER, case.version - behind, PauseCase(COMPLAINT, HANDLER, "x", "customer"))

    with pytest.raises(Conflict) as refused:
        do(case, order)

    assert refused.value.code == "changed-meanwhile"


def test_the_refusal_says_what_happened_meanwhile_and_by_whom():
    read = an_assigned_case()
    case = after(read, PauseCase(COMPLAINT, MANAGER, "parts", "supplier"))

    with pytest.raises(Conflict) as refused:
        do(case, AsRead(COMPLAINT, HANDLER, read.version, TAKE))

    assert [(change["what"], change["by"]) for change in refused.value.changes] == [("pause-case", "li")]
