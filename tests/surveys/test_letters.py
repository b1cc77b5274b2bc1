"""Can the letters that surveys asks for be written?"""

from __future__ import annotations

import pytest

from shared.notify.message import render
from tests.surveys.builders import COMPLAINT, DAY, NOW, NUMBER, a_waiting_one, closed, hear, wake


def the_letters(language):
    invited = hear(a_waiting_one(language=language), closed())
    return (*invited.notices, *wake(invited.state, NOW + 5 * DAY).notices)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_letter_has_a_text_that_names_the_case_and_the_link_and_leaves_no_gap(language):
    letters = the_letters(language)

    assert [letter.template for letter in letters] == ["survey-invited", "survey-reminded"]
    for letter in letters:
        message = render(letter.template, letter.language, letter.values)
        assert NUMBER in message.subject + message.body
        assert f"survey:{COMPLAINT}" in message.body
        assert "{" not in message.body
