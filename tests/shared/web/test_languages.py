"""Which language does a reader get?"""

from __future__ import annotations

import pytest

from shared.web.languages import known_language
from shared.web.pages import choose_language


@pytest.mark.parametrize(
    ("header", "default", "expected"),
    [
        ("en-GB,en;q=0.9,zh;q=0.8", "zh", "en"),
        ("zh-Hans-CN,zh;q=0.9,en;q=0.8", "en", "zh"),
        ("fr-FR,en;q=0.5,zh;q=0.7", "en", "zh"),
        ("en;q=0.2, zh", "en", "zh"),
        ("zh;q=0, en;q=0.1", "zh", "en"),
        ("fr, de;q=0.9", "en", "en"),
        ("*", "zh", "zh"),
        ("", "en", "en"),
        (None, "zh", "zh"),
        ("en;q=lots, zh;q=-1, ;;,,", "zh", "zh"),
        (None, "en_US", "en"),
        (None, "klingon", "zh"),
    ],
)
def test_the_language_ranked_highest_of_those_we_speak_is_chosen(header, default, expected):
    assert choose_language(header, default) == expected


@pytest.mark.parametrize(
    ("tag", "expected"), [("ZH-tw", "zh"), ("en_GB", "en"), ("english", None), ("", None)]
)
def test_a_tag_is_known_by_its_first_part(tag, expected):
    assert known_language(tag) == expected
