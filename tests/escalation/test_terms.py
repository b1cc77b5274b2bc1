"""Does a promise keep the rules by which it was made, explain itself by them, and is it audited by them?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.escalation.api.clock_lines import line_of
from services.escalation.domain.clock import ClockState
from services.escalation.jobs import audit
from services.escalation.jobs.times import Times
from shared.messaging.pieces import pieces
from shared.policy.model import ClockRule, LimitRule
from shared.policy.statutes import shipped_laws
from shared.policy.terms import read, written
from shared.worktime import Calendar, Target
from tests.escalation.builders import (
    ANSWER,
    COMPLAINT,
    DAY,
    HOUR,
    NOW,
    RULES,
    a_rulebook,
    accepted,
    after,
    answered,
    assigned,
    extend,
    fire,
    hear,
    paused,
    reclassified,
    registered,
    resumed,
    shanghai,
    the_clock,
)

WEEK = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def closed_on(*days: str, **more) -> Calendar:
    """The desk's calendar with these days closed in March 2026."""
    holidays = [*(f"2026-03-{day}" for day in days), *more.pop("holidays", ())]
    return Calendar.from_mapping(
        {"name": "desk", "timezone": "Asia/Shanghai", "weekly_hours": WEEK, "holidays": holidays, **more}
    )


def with_calendar(calendar, rules=RULES):
    return replace(rules, organisation=replace(rules.organisation, calendars={"desk": calendar}))


def today(rules, *former):
    """The rules of today, which know by which others promises were made."""
    return rules.with_kept({one.terms_of("sh01").version: one.terms_of("sh01") for one in former})


PLAIN = with_calendar(closed_on())
CLOSED = with_calendar(closed_on("03"))
"""The Tuesday after NOW is closed."""


def explained(clock, rules, language="en"):
    return line_of(clock, "sh01", rules, language).explanation


def local(moment):
    return f"{moment.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M}"


def test_terms_are_the_same_whatever_file_they_come_from_and_outlive_it():
    terms = RULES.terms_of("sh01")

    assert terms.version == RULES.terms_of("bj01").version
    assert CLOSED.terms_of("sh01").version != terms.version
    assert read(terms.version, written(terms)) == terms
    assert read(terms.version, written(terms)).version == terms.version
    again = RULES.under(read("kept", written(terms)), "sh01").terms_of("sh01")
    assert again.version == terms.version


@pytest.mark.parametrize(
    "change",
    [
        {"timezone": "Asia/Tokyo"},
        {"laws": ("uk-disp",)},
        {"limit": "40 wh"},
        {"breaks": {"2026-03-03": [["12:00", "13:00"]]}},
    ],
)
def test_whatever_a_due_date_depends_on_changes_the_version(change):
    organisation = RULES.organisation
    site = replace(
        organisation.sites["sh01"], **{k: v for k, v in change.items() if k in ("timezone", "laws")}
    )
    rules = replace(
        RULES,
        organisation=replace(organisation, sites={"sh01": site}),
        laws=shipped_laws(),
    )
    if "limit" in change:
        rules = a_rulebook(clocks=(replace(ANSWER, limits=(LimitRule(Target.parse("40 wh")),)),))
    if "breaks" in change:
        rules = with_calendar(closed_on(breaks=change["breaks"]))

    assert rules.terms_of("sh01").version != RULES.terms_of("sh01").version


def test_another_release_of_the_holidays_library_makes_other_terms_that_nobody_can_recompute(monkeypatch):
    rules = with_calendar(closed_on(holidays=[{"country": "CN"}]))
    before = rules.terms_of("sh01")
    monkeypatch.setattr("shared.worktime.calendar.EDITION", "99.0")
    later = with_calendar(closed_on(holidays=[{"country": "CN"}]))
    sheet = after(registered(), rules=rules)

    assert later.terms_of("sh01").version != before.version
    assert not Times(later.with_kept({before.version: before})).knows(sheet)
    assert not before.is_countable
    assert RULES.terms_of("sh01").public_days == ""
    assert RULES.terms_of("sh01").is_countable


@pytest.mark.parametrize(("before", "now"), [(PLAIN, CLOSED), (CLOSED, PLAIN)])
@pytest.mark.parametrize("news", [(), (answered(NOW + HOUR),), (paused(NOW + HOUR),)])
def test_a_clock_explains_the_due_date_that_it_has_and_no_other(before, now, news):
    clock = the_clock(after(registered(), *news, rules=before))

    [first, *_] = explained(clock, today(now, before))

    assert first.startswith(f"Due {local(clock.due_at)} (Asia/Shanghai)")


def test_one_that_ended_while_it_stood_still_explains_the_due_date_that_it_had():
    clock = the_clock(after(registered(), paused(NOW + HOUR), answered(NOW + DAY)))

    assert clock.state is ClockState.MET
    assert explained(clock, RULES)[0].startswith(f"Due {local(clock.due_at)}")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_where_the_terms_are_lost_no_other_date_is_explained(language):
    clock = the_clock(after(registered(), rules=CLOSED))

    lines = explained(clock, PLAIN, language)

    assert len(lines) == 1
    assert local(clock.due_at) in lines[0]
    assert "24 wh" in lines[0]


@pytest.mark.parametrize(("before", "now"), [(CLOSED, PLAIN), (PLAIN, CLOSED)])
def test_a_pause_is_counted_by_the_calendar_of_the_promise(before, now):
    sheet = after(registered(), paused(NOW + HOUR), rules=before)
    due = the_clock(sheet).due_at

    resumed_then = the_clock(hear(sheet, resumed(NOW + 2 * HOUR), rules=today(now, before)).state)

    assert resumed_then.due_at == the_clock(hear(sheet, resumed(NOW + 2 * HOUR), rules=before).state).due_at
    assert resumed_then.due_at == due + HOUR
    assert resumed_then.former == ()


def test_a_due_date_never_moves_backwards_by_itself_even_if_its_calendar_is_lost():
    sheet = after(registered(), paused(NOW + HOUR), rules=CLOSED)

    clock = the_clock(hear(sheet, resumed(NOW + 2 * HOUR), rules=PLAIN).state)

    assert clock.due_at == the_clock(sheet).due_at


def test_what_a_cap_lets_run_on_counts_by_the_calendar_of_the_promise():
    capped = a_rulebook(
        pausing=replace(RULES.profiles["test"].pausing, cap={"customer": Target.parse("2 wh")})
    )
    before = with_calendar(closed_on("03"), capped)
    now = today(with_calendar(closed_on(), capped), before)
    sheet = after(registered(), paused(NOW + HOUR), rules=before)

    clock = the_clock(fire(sheet, NOW + 4 * HOUR, now).state)

    assert clock.state is ClockState.RUNNING
    assert clock.due_at == the_clock(sheet).due_at + 2 * HOUR


def test_an_extension_counts_by_the_calendar_of_the_promise():
    sheet = after(registered(shanghai(2, 9)), rules=CLOSED)

    clock = the_clock(extend(sheet, shanghai(2, 10), today(PLAIN, CLOSED), target="32 wh").state)

    assert clock.due_at == shanghai(6, 17), "the Tuesday stays closed for it"
    assert clock.terms == CLOSED.terms_of("sh01").version


def test_another_limit_is_a_promise_of_today():
    rules = replace(PLAIN, profiles={"test": replace(PLAIN.profiles["test"], version="v2")})
    sheet = after(registered(shanghai(2, 9)), rules=CLOSED)

    decision = hear(sheet, reclassified("enquiry", shanghai(2, 10)), rules=today(rules, CLOSED))

    clock = the_clock(decision.state)
    assert (clock.policy_version, clock.terms) == ("v2", rules.terms_of("sh01").version)
    assert explained(clock, rules)[0].startswith(f"Due {local(clock.due_at)}")
    told = decision.tells[-1]
    assert (told.policy_version, told.terms_version) == ("v2", clock.terms)


def test_each_decision_notes_its_terms_once():
    sheet = after(registered(), assigned())
    now = today(CLOSED, RULES)

    changed = hear(sheet, accepted(NOW + HOUR), rules=now).state
    again = hear(changed, accepted(NOW + 2 * HOUR), rules=now).state

    versions = [RULES.terms_of("sh01").version, CLOSED.terms_of("sh01").version]
    assert [one.terms for one in again.ruled] == versions
    assert again.terms_at(NOW) == versions[0]
    assert again.terms_at(NOW - DAY) == versions[0], "before the first nothing was decided"
    assert again.terms_at(NOW + HOUR) == versions[1]


# With the tables: what is kept, what the doors say, and what the auditor finds.

LIMIT = replace(ANSWER, limits=(LimitRule(Target.parse("4 wh")),))
OTHER = ClockRule(
    "other", "complaint.registered", ("resolution.answered",), (LimitRule(Target.parse("8 wh")),)
)


def renamed(rules, version="v2"):
    return replace(rules, profiles={"test": replace(rules.profiles["test"], version=version)})


def another_profile():
    site = replace(RULES.organisation.sites["sh01"], profile="other")
    organisation = replace(RULES.organisation, sites={**RULES.organisation.sites, "sh01": site})
    profile = replace(a_rulebook(clocks=(LIMIT, OTHER)).profiles["test"], profile="other", version="other")
    return replace(RULES, organisation=organisation, profiles={**RULES.profiles, "other": profile})


def with_laws(*names, edition="2"):
    laws = {name: replace(law, edition=edition, version=edition) for name, law in shipped_laws().items()}
    for name, law in laws.items():
        if edition != "1":
            clocks = tuple(replace(c, limits=(LimitRule(Target.parse("1 h")),)) for c in law.clocks)
            laws[name] = replace(law, clocks=clocks)
    site = replace(RULES.organisation.sites["sh01"], laws=names)
    organisation = replace(RULES.organisation, sites={**RULES.organisation.sites, "sh01": site})
    return replace(RULES, organisation=organisation, laws=laws)


CHANGES = {
    "a closed day added": (RULES, with_calendar(closed_on("03", "04", "05"))),
    "a closed day removed": (CLOSED, RULES),
    "a part day added": (RULES, with_calendar(closed_on(breaks={"2026-03-03": [["09:00", "12:00"]]}))),
    "a limit shortened": (RULES, renamed(a_rulebook(clocks=(LIMIT,)))),
    "a limit shortened under the same version": (RULES, a_rulebook(clocks=(LIMIT,))),
    "a promise added": (RULES, renamed(a_rulebook(clocks=(ANSWER, OTHER)))),
    "a promise taken away": (a_rulebook(clocks=(ANSWER, OTHER)), renamed(RULES)),
    "another profile": (RULES, another_profile()),
    "a law pack added": (RULES, with_laws("uk-disp")),
    "a law pack changed": (with_laws("uk-disp", edition="1"), with_laws("uk-disp")),
    "a law pack taken away": (with_laws("uk-disp", edition="1"), with_laws()),
    "a time zone": (RULES, None),
}


def changed_rules(name):
    before, now = CHANGES[name]
    if now is None:
        site = replace(RULES.organisation.sites["sh01"], timezone="Asia/Tokyo")
        calendar = replace(closed_on(), timezone="Asia/Tokyo")
        organisation = replace(
            RULES.organisation, sites={**RULES.organisation.sites, "sh01": site}, calendars={"desk": calendar}
        )
        now = replace(RULES, organisation=organisation)
    return before, now


async def audited(suite, rules):
    """What an audit under these rules finds, by kind."""

    async def bodies():
        for body in await suite.log():
            for piece in pieces(body):
                yield piece

    now = datetime.now(UTC) + timedelta(seconds=1)
    finding = await audit.audited(
        suite.stand.process.database, bodies(), rules, now, grace=timedelta(seconds=0)
    )
    return dict(+finding.by_kind), finding


@pytest.fixture
def a_suite(escalation_url, a_stand):
    from tests.escalation.test_audit import Suite

    return lambda rules: a_stand(escalation_url, rules), Suite


@pytest.mark.parametrize("name", CHANGES)
async def test_changed_rules_are_no_difference(a_suite, name):
    before, now = changed_rules(name)
    opened, suite_of = a_suite
    async with opened(before) as stand:
        suite = suite_of(stand)
        for number in (1, 2, 3):
            await suite.hear(registered(), number=number)
            await suite.hear(assigned(), number=number)
        await suite.hear(paused(NOW + HOUR), number=2)
        await suite.hear(answered(NOW + HOUR), number=3)
        stand.process.rules._rules = now
        await suite.hear(resumed(NOW + 2 * HOUR), number=2)
        await suite.hear(accepted(NOW + 3 * HOUR))
        await suite.hear(registered(NOW + 3 * HOUR), number=4)
        await suite.fire()

        assert (await audited(suite, now))[0] == {}


@pytest.mark.parametrize("name", CHANGES)
async def test_a_wrong_due_date_is_found_under_changed_rules_too(a_suite, name):
    before, now = changed_rules(name)
    opened, suite_of = a_suite
    async with opened(before) as stand:
        suite = suite_of(stand)
        await suite.hear(registered())
        await suite.hear(answered(NOW + HOUR / 2))
        stand.process.rules._rules = now
        await suite.hear(registered(NOW + HOUR), number=2)
        await suite.hear(answered(NOW + 1.5 * HOUR), number=2)
        planted = (
            "UPDATE sheets SET state = jsonb_set(state, '{clocks,0,due_at}', '\"2026-03-30T09:00:00Z\"')"
        )
        await suite.run(planted)

        found, finding = await audited(suite, now)

    assert found == {"clock-differs": 2}, finding.differences


async def test_a_promise_under_other_terms_than_were_told_is_found(a_suite):
    opened, suite_of = a_suite
    async with opened(RULES) as stand:
        suite = suite_of(stand)
        await suite.hear(registered())
        stand.process.rules._rules = CLOSED
        await suite.hear(registered(), number=2)
        other = CLOSED.terms_of("sh01").version
        await suite.run(
            f"UPDATE sheets SET wake_at = NULL, state = replace(replace(state::text, "
            f"'{RULES.terms_of('sh01').version}', '{other}'), '2026-03-05T01:30', '2026-03-06T01:30')::jsonb "
            "WHERE complaint_id = :id",
            id=COMPLAINT,
        )

        found, _ = await audited(suite, CLOSED)

    assert found["clock-differs"] >= 1


async def test_recomputed_promises_are_audited_by_their_new_rules(a_suite):
    opened, suite_of = a_suite
    two = a_rulebook(clocks=(ANSWER, OTHER))
    async with opened(two) as stand:
        suite = suite_of(stand)
        await suite.hear(registered())
        stand.process.rules._rules = CLOSED
        answer = await stand.client.post("/clocks/recompute", headers=stand.token("director", person="dong"))
        assert answer.json()["changed"] == 2
        await suite.fire()

        assert (await audited(suite, CLOSED))[0] == {}
        shown = (await stand.client.get(f"/complaints/{COMPLAINT}/clocks", headers=stand.token())).json()

    [first, _] = shown["items"]
    assert first["explanation"][0].startswith("Due 2026-03-06 09:30 (Asia/Shanghai)")


async def test_the_door_explains_by_the_terms_that_are_kept_also_after_a_restart(escalation_url, a_stand):
    async with a_stand(escalation_url, CLOSED) as stand:
        await stand.hear(registered())
        await stand.hear(paused(NOW + HOUR))
        [(kept,)] = await stand.rows("SELECT version FROM terms")
    assert kept == CLOSED.terms_of("sh01").version

    async with a_stand(escalation_url, PLAIN) as stand:
        stand.sequences[COMPLAINT, "routing"] = 1
        before = (await stand.client.get(f"/complaints/{COMPLAINT}/clocks", headers=stand.token())).json()
        await stand.hear(resumed(NOW + 2 * HOUR))
        after_ = (await stand.client.get(f"/complaints/{COMPLAINT}/clocks", headers=stand.token())).json()
        rows = await stand.rows("SELECT version FROM terms ORDER BY kept_at")

    assert before["items"][0]["explanation"][0].startswith("Due 2026-03-06 09:30")
    assert after_["items"][0]["due_at"] == "2026-03-06T02:30:00Z"
    assert after_["items"][0]["explanation"][0].startswith("Due 2026-03-06 10:30")
    assert len(rows) == 2


async def test_terms_of_a_transaction_that_failed_are_written_again(a_suite):
    opened, _ = a_suite
    async with opened(RULES) as stand:
        keeper = stand.process.shell._plan.keep_terms
        with pytest.raises(ZeroDivisionError):
            async with stand.process.database.batch() as connection:
                await keeper(connection, RULES, {"sh01"}, {})
                raise ZeroDivisionError
        assert await stand.rows("SELECT version FROM terms") == []

        await stand.hear(registered())

        assert len(await stand.rows("SELECT version FROM terms")) == 1


LEGACY = (
    "UPDATE sheets SET state = (state - 'ruled') || jsonb_build_object('clocks', "
    "(SELECT jsonb_agg(c - 'terms') FROM jsonb_array_elements(state->'clocks') AS c))"
)


@pytest.mark.parametrize(
    ("due_at", "kinds"),
    [
        # Received on Monday at 09:00 in Shanghai: until this release three days ended on Thursday at 09:00.
        ("2026-03-04T09:00:00Z", {}),
        ("2026-03-05T01:00:00Z", {}),
        ("2026-03-04T08:00:00Z", {"clock-differs": 1}),
        ("2026-03-12T01:00:00Z", {"clock-differs": 1}),
    ],
)
async def test_promises_of_earlier_releases_are_audited_as_they_were(a_suite, due_at, kinds):
    rules = a_rulebook(clocks=(replace(ANSWER, limits=(LimitRule(Target.parse("3 wd")),)),))
    opened, suite_of = a_suite
    async with opened(rules) as stand:
        suite = suite_of(stand)
        await suite.hear(registered(shanghai(2, 9)))
        await suite.hear(answered(shanghai(2, 10)))
        await suite.run(LEGACY)
        await suite.run(
            "UPDATE sheets SET state = jsonb_set(state, '{clocks,0,due_at}', to_jsonb(CAST(:due AS text)))",
            due=due_at,
        )
        # What was told then named no terms.
        await suite.run(
            "UPDATE outbox SET body = convert_to(replace(convert_from(body, 'UTF8'), "
            "'terms_version', 'not_told_then'), 'UTF8')"
        )

        assert (await audited(suite, rules))[0] == kinds
        assert (await audited(suite, renamed(with_calendar(closed_on("03"), rules))))[0] == {}
