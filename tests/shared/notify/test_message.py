"""Does every template say what it should, in every language, whatever the values hold?"""

from __future__ import annotations

import re

import pytest

from shared.errors import Rejected
from shared.notify.message import TEMPLATES, render, template_names

VALUES = {
    "complaint_no": "SH01-2026-000042",
    "into_no": "SH01-2026-000043",
    "authority": "Consumer Association",
    "clock": "answer",
    "due_at": "2026-10-08 16:00",
    "percent": "75",
    "level": "2",
    "site": "sh01",
    "department": "quality",
    "severity": "serious",
    "rule": "quality",
    "reason": "late",
    "link": "https://kesu.example/s/1.x",
    "former": "2026-10-01 16:00",
    "count": "7",
    "survey": "opinions",
    "ends": "forms issued",
    "action": "a-2",
    "step": "D3",
    "cause": "worn-tool",
    "first": "SH01-2026-000042",
    "sheet": "1",
    "attempt": "2",
    "list": "1. SH01-2026-000042 https://kesu.example/s/1.x",
    "role": "general_manager",
    "by": "li.na",
    "decision": "take_over",
    "number": "1",
    "letter": "resolution-answered",
    "round": "2",
    "rounds": "2",
    "refusals": "3",
    "name": "王磊",
    "company": "Kesu Demo Group",
}
WITHOUT_LINK = {
    "complaint-informed", "complaint-informed-reopened", "complaint-informed-moved", "sheet-refused", "proposal-to-sign",
    "proposal-returned", "case-reported", "rounds-refused", "nobody-may-sign", "manager-instructed", "manager-not-obeyed",
    "dispute-opened", "survey-step-overdue", "letter-misdirected", "letter-undeliverable", "merged-withdrawn",
}  # fmt: skip
"""To people of the company, who have a desk of their own and need no secret to see a case."""


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("template", template_names())
def test_every_template_has_a_text_in_every_language(template, language):
    message = render(template, language, VALUES)

    assert (TEMPLATES / f"{template}.{language}.txt").is_file()
    assert message.subject
    assert "SH01-2026-000042" in message.subject + message.body
    assert (VALUES["link"] in message.body) == (template not in WITHOUT_LINK)
    assert "–" not in message.subject + message.body, "a field that nobody fills"
    assert not re.search(r"[{}]", message.subject + message.body)


def test_a_text_is_in_the_readers_language():
    assert "overdue" in render("clock-breached", "en", VALUES).subject
    assert "超时" in render("clock-breached", "zh-CN", VALUES).subject


def test_the_clock_is_named_in_the_readers_language():
    assert "“答复”" in render("clock-breached", "zh", VALUES).subject
    assert '"answer"' in render("clock-breached", "en", VALUES).subject


def test_a_language_without_a_text_gets_english():
    assert render("clock-breached", "de", VALUES) == render("clock-breached", "en", VALUES)


def test_a_value_that_is_missing_does_not_keep_an_alarm_back():
    assert "level –" in render("clock-breached", "en", {"complaint_no": "x"}).subject


def test_a_value_cannot_begin_a_header_of_its_own():
    message = render("clock-breached", "en", {**VALUES, "clock": "x\r\nBcc: everybody@example"})

    assert "\n" not in message.subject
    assert "\r" not in message.subject


def test_a_value_is_never_read_as_a_template():
    assert "{level}" in render("clock-breached", "en", {**VALUES, "clock": "{level}"}).subject


@pytest.mark.parametrize("name", ["no-such-thing", "../../settings", "clock-breached.en"])
def test_an_unknown_template_is_refused(name):
    with pytest.raises(Rejected) as refused:
        render(name, "en", VALUES)
    assert refused.value.code == "unknown-template"
