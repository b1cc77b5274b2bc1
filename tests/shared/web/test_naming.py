"""Are clocks called by words that a reader knows?"""

from __future__ import annotations

import pytest
import yaml

from shared.local.settings import ROOT
from shared.web.naming import clock_name
from shared.web.texts import read_texts

POLICY = ROOT / "shared" / "policy"
FILES = [*(POLICY / "profiles").glob("*.yaml"), *(POLICY / "law").glob("*.yaml")]
SHIPPED = sorted(
    {clock["name"] for file in FILES for clock in yaml.safe_load(file.read_text()).get("clocks") or ()}
)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_clock_has_a_name_in_both_languages(name):
    texts = read_texts((ROOT / "shared" / "web" / "templates",))

    assert texts[f"clock.{name}"].keys() == {"zh", "en"}


def test_a_clock_is_called_in_the_readers_language():
    assert clock_name("answer", "zh-CN") == "答复"
    assert clock_name("final-response", "en") == "final response"
    assert clock_name("answer", "de") == "answer"


def test_a_clock_of_the_law_says_which_law():
    assert clock_name("uk-disp.final-response", "en") == "final response (uk-disp)"
    assert clock_name("uk-disp.final-response", "zh") == "最终答复（uk-disp）"


def test_a_clock_of_the_companys_own_keeps_its_words():
    assert clock_name("call-back", "zh") == "call back"
