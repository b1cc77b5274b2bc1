"""Which results may an investigation have?"""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from shared.events.routing import Liability
from tests.routing.builders import a_finding, an_accepted_case, do


@pytest.mark.parametrize("liability", get_args(Liability))
def test_every_result_is_kept_and_told_no_trouble_found_among_them(liability):
    """INT-34, TYP-13."""
    decision = do(an_accepted_case(), replace(a_finding(), liability=liability))

    assert "no_trouble_found" in get_args(Liability)
    assert decision.state.finding.liability == decision.tells[0].liability == liability
