"""Does a link open the one door that it was made for, and no other?"""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.access.links import Links
from shared.errors import Unauthenticated
from shared.ids import new_id

LINKS = Links("an installation's secret, long enough for anybody")
IDENTIFIER = new_id()


def test_the_secret_of_a_link_opens_its_door():
    secret = LINKS.secret("case", IDENTIFIER)
    LINKS.check("case", IDENTIFIER, secret)
    LINKS.check("case", str(IDENTIFIER), secret)
    assert re.fullmatch(r"[A-Za-z0-9_-]{24}", secret)


@pytest.mark.parametrize("purpose", ["survey", "ack", "cas", "case:"])
def test_a_link_for_one_purpose_opens_no_other(purpose):
    with pytest.raises(Unauthenticated, match="bad-link"):
        LINKS.check(purpose, IDENTIFIER, LINKS.secret("case", IDENTIFIER))


def test_a_link_of_another_complaint_or_installation_opens_nothing():
    for secret in (LINKS.secret("case", new_id()), Links("x" * 40).secret("case", IDENTIFIER)):
        with pytest.raises(Unauthenticated, match="bad-link"):
            LINKS.check("case", IDENTIFIER, secret)


@example("\ud800")
@example("")
@given(st.text(st.characters(), max_size=30))
def test_a_guess_is_refused_whatever_it_is_made_of(guess):
    with pytest.raises(Unauthenticated, match="bad-link"):
        LINKS.check("case", IDENTIFIER, guess)


def test_a_link_for_one_person_does_not_open_as_anothers():
    secret = LINKS.secret("ack", f"{IDENTIFIER}~wang.lei")
    for other in (f"{IDENTIFIER}~li.na", f"{IDENTIFIER}", f"{IDENTIFIER}~wang.lei2"):
        with pytest.raises(Unauthenticated):
            LINKS.check("ack", other, secret)
