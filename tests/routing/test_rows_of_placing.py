"""Rows about who has a case, who hears of it and how it ends: each shown through the handlers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.routing.handlers.close_case import CloseCase
from services.routing.handlers.notices import report
from services.routing.handlers.reassign_case import ReassignCase
from services.routing.handlers.reopen_case import reopen_case
from shared.errors import Conflict, Forbidden
from shared.events.intake import ComplaintReopened, Flags
from shared.ids import derived_id
from shared.lifecycle import Status
from shared.policy.model import Absence
from tests.routing.builders import (
    COMPLAINT,
    MANAGER,
    NOW,
    NUMBER,
    a_context,
    a_fulfilled_case,
    an_event,
    do,
    registered,
)
from tests.routing.companies import DESK, Company, company, everybody, the

AWAY = (Absence(NOW - timedelta(days=1), NOW + timedelta(days=30)),)
MATRIX = [("product", "quality"), ("production", "capacity"), ("order", "claim"), ("price", ""), ("", "")]


@pytest.mark.parametrize(("category", "type_"), MATRIX)
def test_rte_05_what_the_company_begins_itself_goes_by_the_same_matrix(category, type_):
    rules = company("project-equipment")

    def placed(**how):
        one = Company("project-equipment", rules, category=category, type=type_, **how).case.placement
        return one.rule, one.department, one.assistants, one.informed

    heard = placed(channel="phone")
    own = placed(channel="outgoing")

    assert own == heard


def a_settlement(firm: Company) -> Company:
    return firm.investigated(by=the("responsible_person")).proposed("apology")


def test_rte_15_the_opinion_comes_first_and_then_the_partner_decides():
    firm = a_settlement(Company("law-firm"))

    with pytest.raises((Conflict, Forbidden)):
        firm.signs(the("partner_in_charge"))
    firm.signs(the("responsible_person"))
    firm.signs(the("partner_in_charge"))

    assert [one.role for one in firm.case.signatures] == ["responsible_person", "partner_in_charge"]


@pytest.mark.parametrize("other", ["director", "partner"])
def test_rte_15_for_an_absent_partner_the_director_or_another_partner_decides(other):
    firm = company("law-firm")
    rules = everybody(firm, "the.partner_in_charge", absences=AWAY)
    settled = a_settlement(Company("law-firm", rules)).signs(the("responsible_person")).signs(the(other))

    assert settled.case.signatures[-1].by == f"the.{other}"


def test_rte_25_the_head_office_takes_what_the_site_office_could_not_solve():
    site = Company("property-management", category="management", type="cleaning")
    assert site.case.department == "site-office"

    site.do(ReassignCase(COMPLAINT, replace(MANAGER, sites=frozenset({"*"})), "head-office", "not-solved"))

    assert (site.case.department, site.case.placement.reason) == ("head-office", "not-solved")
    assert site.case.former[-1].department == "site-office"


@pytest.mark.parametrize("given", [{"flags": Flags(authority=True)}, {"flags": Flags(legal=True)}])
def test_rte_25_and_saf_05_what_comes_from_outside_begins_at_head_office_and_the_general_manager_hears(given):
    outside = Company("property-management", category="management", type="cleaning", **given).case.placement

    assert outside.department == "head-office"
    assert "boss" in outside.informed


def test_saf_04_what_an_authority_forwards_has_a_reception_of_its_own():
    forwarded = Company("law-firm", channel="letter", flags=Flags(authority=True)).case.placement
    written = Company("law-firm", channel="letter").case.placement

    assert (forwarded.rule, written.rule) == ("through-authority", "written")
    assert forwarded.assignee == "the.responsible_person"
    assert "the.partner_in_charge" in forwarded.informed
    assert "the.partner_in_charge" not in written.informed
    assert forwarded.severity == "critical"


def test_sev_02_what_is_urgent_and_important_goes_out_in_the_same_moment_as_it_comes_in():
    urgent = Company("generic-triage", flags=Flags(legal=True))

    (told,) = urgent.last.tells
    assert (told.severity, told.priority) == ("critical", 1)
    assert told.assignee is not None
    assert {notice.to for notice in urgent.last.notices} == set(told.informed)


async def test_sev_02_the_rest_is_taken_up_by_priority_and_the_oldest_first(workplace):
    ids = [derived_id(NOW + timedelta(seconds=at), "urgency") for at in range(4)]
    for complaint, flags in zip(ids, (Flags(), Flags(legal=True), Flags(), Flags(safety=True)), strict=True):
        await workplace.hears(registered(flags=flags), complaint=complaint)

    async def page(**query):
        answer = await workplace.client.get(
            "/cases", params={"order": "urgency", **query}, headers=workplace.token()
        )
        return answer.json()

    whole = [line["complaint_id"] for line in (await page())["items"]]
    first = await page(limit=2)
    second = await page(limit=2, after=first["next"])

    priorities = [line["priority"] for line in (await page())["items"]]
    assert priorities == sorted(priorities)
    assert set(whole[:2]) == {str(ids[1]), str(ids[3])}
    assert whole[2:] == [str(ids[0]), str(ids[2])]
    assert [line["complaint_id"] for line in (*first["items"], *second["items"])] == whole


def test_inf_14_the_customer_and_whoever_was_informed_hear_how_it_ended():
    case = a_fulfilled_case()
    case = replace(case, placement=replace(case.placement, informed=("wang",)))

    notices = do(case, CloseCase(COMPLAINT, MANAGER)).notices

    assert {(one.to, one.template) for one in notices} == {
        ("wang", "case-reported"),
        ("customer", "complaint-closed"),
    }
    (letter,) = (one for one in notices if one.to == "customer")
    assert letter.values["link"] == f"case:{COMPLAINT}"


def test_inf_14_what_was_imported_or_has_no_contact_writes_no_letter():
    for change in ({"history": True}, {"sealed": None}):
        notices = do(replace(a_fulfilled_case(), **change), CloseCase(COMPLAINT, MANAGER)).notices

        assert not [one for one in notices if one.to == "customer"]


def test_rte_07_business_and_the_leaders_hear_the_outcome_of_a_project():
    rules = company("project-equipment")
    assert rules.profile_of("sh01").corrective.always
    case = Company("project-equipment", rules, category="order", type="claim").case
    roles = rules.profile_of("sh01").reported_to

    told = {one.to for one in report(case, roles, a_context(rules))}

    assert told == {"the.business_head", "boss"}


def test_rte_07_an_after_sales_case_begins_a_service_notice():
    served = Company("project-equipment", category="order", type="after-sales").investigated(by=DESK)

    assert [one.kind for one in served.case.reviews] == ["service-notice"]


@pytest.mark.parametrize("reason", ["customer-disagrees", "respondent-disagrees"])
def test_inf_10_either_side_who_disagrees_brings_it_back_to_the_handlers(reason):
    ended = Company("law-firm", flags=Flags(staff_conduct=True))
    case = replace(ended.case, status=Status.CLOSED, ended_at=NOW)
    data = ComplaintReopened(complaint_no=NUMBER, at=NOW, by="agent", reason_code=reason)

    decision = reopen_case(case, an_event(data, sequence=2), a_context(company("law-firm")))

    again = decision.state
    assert (again.status, again.round) == (Status.ASSIGNED, 2)
    assert again.placement.assignee == "the.responsible_person"
    assert {notice.template for notice in decision.notices} == {"complaint-informed-reopened"}
