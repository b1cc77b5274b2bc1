"""Do the law's limits run beside the company's, whatever the company does with its own?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.escalation.domain.clock import ClockState
from shared.errors import Conflict
from shared.policy.loader import load_rulebook
from shared.policy.problems import PolicyErrors
from shared.policy.statutes import read_laws, shipped_laws
from shared.worktime import Calendar
from tests.escalation.builders import (
    RULES,
    acknowledge,
    after,
    answered,
    extend,
    fire,
    hear,
    paused,
    registered,
    resumed,
    the_clock,
)

LONDON = Calendar.from_mapping(
    {
        "name": "london",
        "timezone": "Europe/London",
        "weekly_hours": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
        "holidays": ["2026-04-03", "2026-04-06"],
    }
)
# The Wednesday before Easter 2026, late in the afternoon, still in winter time until 29 March.
RECEIVED = datetime(2026, 4, 1, 15, 30, tzinfo=UTC)


def bound_by(*laws: str):
    organisation = RULES.organisation
    site = replace(organisation.sites["sh01"], laws=laws, timezone="Europe/London", calendar="london")
    calendars = {**organisation.calendars, "london": LONDON}
    sites = {**organisation.sites, "sh01": site}
    return replace(
        RULES, organisation=replace(organisation, sites=sites, calendars=calendars), laws=shipped_laws()
    )


DISP = bound_by("uk-disp")


def dues(rules, **given):
    sheet = after(registered(RECEIVED, **given), rules=rules)
    zone = LONDON.zone
    return {c.name: f"{c.due_at.astimezone(zone):%d %b %H:%M}" for c in sheet.clocks if c.is_statutory}


def test_a_british_firm_acknowledges_by_the_third_business_day_and_answers_in_eight_weeks():
    assert dues(DISP) == {
        "uk-disp.acknowledgement": "08 Apr 17:00",
        "uk-disp.final-response": "27 May 16:30",
    }


def test_payment_services_have_fifteen_and_at_the_latest_thirty_five_business_days():
    found = dues(DISP, category="payment-services")

    assert found["uk-disp.payment-response"] == "24 Apr 17:00"
    assert found["uk-disp.payment-response-at-the-latest"] == "22 May 17:00"


def test_the_bureau_waits_fifteen_and_sixty_days():
    assert dues(bound_by("us-cfpb")) == {
        "us-cfpb.response": "16 Apr 16:30",
        "us-cfpb.final-response": "31 May 16:30",
    }


def test_what_touches_safety_is_assessed_within_the_hour():
    assert (
        dues(bound_by("iso-10002"), flags={"safety": True})["iso-10002.initial-assessment"] == "01 Apr 17:30"
    )
    assert dues(bound_by("iso-10002"))["iso-10002.initial-assessment"] == "01 Apr 17:00"


def test_the_companys_clocks_run_beside_them():
    sheet = after(registered(RECEIVED), rules=DISP)

    assert sheet.clocks[0].name == "answer"
    assert the_clock(sheet).policy_version == "v1"
    assert the_clock(sheet, "uk-disp.final-response").policy_version.startswith("law:uk-disp@")


def test_no_pause_stops_the_law():
    sheet = after(registered(RECEIVED), paused(RECEIVED), rules=DISP)
    held = {clock.name: clock.state for clock in sheet.clocks}
    sheet = hear(sheet, resumed(RECEIVED.replace(month=5)), rules=DISP).state

    assert held["answer"] is ClockState.PAUSED
    assert held["uk-disp.final-response"] is ClockState.RUNNING
    assert the_clock(sheet, "uk-disp.final-response").due_at.month == 5


def test_nobody_extends_the_law():
    sheet = after(registered(RECEIVED), rules=DISP)

    with pytest.raises(Conflict) as refused:
        extend(sheet, RECEIVED, DISP, clock="uk-disp.final-response", target="12 w")

    assert refused.value.code == "clock-of-law"


def test_a_missed_duty_climbs_the_same_ladder():
    sheet = after(registered(RECEIVED), rules=DISP)

    fired = fire(sheet, datetime(2026, 6, 30, tzinfo=UTC), DISP)

    assert {one.clock for one in fired.state.escalations} >= {"uk-disp.final-response", "answer"}
    assert acknowledge(fired.state, now=datetime(2026, 6, 30, tzinfo=UTC), rules=DISP).tells


def test_an_answer_keeps_both_promises():
    sheet = after(registered(RECEIVED), answered(RECEIVED), rules=DISP)

    assert {clock.state for clock in sheet.clocks} == {ClockState.MET}


def test_every_clock_of_every_law_cites_its_clause():
    assert set(shipped_laws()) == {"iso-10002", "uk-disp", "us-cfpb"}
    for law in shipped_laws().values():
        assert law.version
        assert {"zh", "en"} <= set(law.title)
        assert all(clock.clause for clock in law.clocks)


def test_every_law_says_whose_each_figure_is():
    """Where a law gives a duty without a number ("promptly", "immediately"), the number is marked as ours."""
    figures = {clock.name: clock.figure for law in shipped_laws().values() for clock in law.named()}

    assert {name for name, whose in figures.items() if whose == "ours"} == {
        "iso-10002.acknowledgement",
        "iso-10002.initial-assessment",
        "uk-disp.acknowledgement",
    }
    assert {name for name, whose in figures.items() if whose == "regulator"} == {
        "us-cfpb.response",
        "us-cfpb.final-response",
    }


def test_a_figure_of_nobody_is_refused(tmp_path):
    text = (Path(__file__).parents[2] / "shared/policy/law/us-cfpb.yaml").read_text()
    (tmp_path / "mine.yaml").write_text(text.replace("figure: regulator", "figure: somebody", 1))

    with pytest.raises(PolicyErrors) as refused:
        read_laws(tmp_path)

    assert "somebody" in str(refused.value.detail)


def test_a_law_that_is_wrong_is_refused_with_file_and_line(tmp_path):
    text = (Path(__file__).parents[2] / "shared/policy/law/us-cfpb.yaml").read_text()
    (tmp_path / "mine.yaml").write_text(text.replace("complaint.registered", "complaint.regstered", 1))

    with pytest.raises(PolicyErrors) as refused:
        read_laws(tmp_path)

    assert "complaint.regstered" in str(refused.value.detail)


def test_a_site_names_its_laws_and_a_misspelt_one_is_refused(tmp_path):
    real = Path(__file__).parents[2] / "deploy" / "organisation" / "organisation.yaml"
    mine = tmp_path / "organisation.yaml"
    mine.write_text(f"extends: {real}\nsites:\n  us01: {{laws: [us-cfpb, iso-10002]}}\n")
    assert [law.law for law in load_rulebook(mine).laws_of("us01")] == ["us-cfpb", "iso-10002"]

    mine.write_text(f"extends: {real}\nsites:\n  us01: {{laws: [us-cfbp]}}\n")
    with pytest.raises(PolicyErrors) as refused:
        load_rulebook(mine)
    assert "us-cfpb" in str(refused.value.detail)
