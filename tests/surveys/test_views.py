"""What does the customer see, without a server in sight?"""

from __future__ import annotations

import re

import pytest

from services.surveys.domain.lifecycle import Status
from services.surveys.pages.views import Draft, closed_page, form_page, message_page
from shared.web.languages import page_language
from tests.surveys.builders import NUMBER, SCALE, a_survey, an_invited_one, form_of


def a_form_page(language="en", draft=None, rule=None):
    state = an_invited_one()
    return form_page(state, form_of(state), rule or a_survey(), language=language, draft=draft)


def test_every_grade_of_the_scale_is_a_labelled_radio_button_in_its_order():
    page = a_form_page()

    values = re.findall(r'<input type="radio" name="grade" id="(grade-\d)" value="([^"]+)" required>', page)
    assert [value for _, value in values] == [grade.code for grade in SCALE]
    for (identifier, _), grade in zip(values, SCALE, strict=True):
        assert re.search(rf'<label class="choice" for="{identifier}">.*?{grade.label["en"]}', page, re.DOTALL)


def test_the_form_works_without_javascript():
    page = a_form_page()

    assert '<form method="post" action="?lang=en"' in page
    assert f'<input type="hidden" name="form_no" value="{NUMBER}-S1">' in page
    assert '<button type="submit">' in page


@pytest.mark.parametrize(("language", "label"), [("zh", "非常满意"), ("en", "Very satisfied")])
def test_question_and_grades_come_in_the_reader_s_language(language, label):
    page = a_form_page(language)

    assert label in page
    assert a_survey().question[language] in page


def test_a_profile_without_a_question_of_its_own_gets_ours():
    assert "All in all, how satisfied" in a_form_page(rule=a_survey(question={}))


def test_after_a_mistake_everything_entered_is_still_there_and_the_mistake_is_named():
    page = a_form_page(draft=Draft("dissatisfied", "Too <slow>", "choose"))

    assert 'value="dissatisfied" required checked' in page
    assert "Too &lt;slow&gt;</textarea>" in page
    assert 'role="alert"' in page
    assert '<fieldset aria-describedby="problem">' in page


def test_the_points_are_not_shown_to_the_customer():
    assert not re.search(r">\s*(100|80|60|30)\s*<", a_form_page())


@pytest.mark.parametrize(
    ("standing", "just_answered", "expected"),
    [
        (Status.ANSWERED, True, "Thank you!"),
        (Status.ANSWERED, False, "You have already answered"),
        (Status.EXPIRED, False, "This survey has ended"),
        (Status.EXPIRED, True, "This survey has ended"),
        (Status.WAITING, False, "There is nothing to answer at the moment"),
        (Status.NOT_ASKED, False, "There is nothing to answer at the moment"),
    ],
)
def test_whoever_cannot_answer_is_told_why(standing, just_answered, expected):
    state = an_invited_one()

    page = closed_page(state, standing, language="en", just_answered=just_answered)

    assert f"<h1>{expected}</h1>" in page
    assert NUMBER in page
    assert "<form" not in page


def test_a_wrong_link_tells_nothing():
    page = message_page("link.unknown", language="en")

    assert "Page not found" in page
    assert "SH01" not in page


@pytest.mark.parametrize(
    ("switch", "registered", "browser", "expected"),
    [
        ("en", "zh", "zh", "en"),
        (None, "en", "zh", "en"),
        (None, "zh-CN", "en", "zh"),
        ("xx", "fr", "en-GB", "en"),
        (None, None, None, "zh"),
    ],
)
def test_the_switch_beats_the_complaint_s_language_and_that_the_browser(
    switch, registered, browser, expected
):
    assert page_language(switch, registered, browser) == expected
