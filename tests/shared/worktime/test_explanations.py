"""Does an explanation name everything that made a due time what it is?"""

import json
from datetime import timedelta

import pytest

from shared.worktime import due_at, elapsed, explain, explain_elapsed
from tests.shared.worktime.building import a_calendar, a_pause, a_target, at, on

PAUSE = {"reason": "documents missing", "waiting_for": "supplier", "by": "u-17"}


def an_explanation(target="600 min", start="2026-03-02 10:00", pauses=None, **more):
    calendar = a_calendar(
        "Asia/Shanghai",
        holidays=[{"date": "2026-03-03", "name": "Founders' day"}, "2026-03-07"],
        make_up_days={"2026-03-08": {"hours": [["09:00", "12:00"]], "name": "Make-up"}},
        **more,
    )
    listed = [a_pause("2026-03-02 06:00", "2026-03-02 07:30", **PAUSE)] if pauses is None else pauses
    return explain(calendar, at(start), a_target(target), listed)


def test_the_intervals_sum_to_the_target_and_leave_out_pauses():
    why = an_explanation(start="2026-03-02 01:00")

    assert why.counted_seconds == 600 * 60
    assert [(span.start, span.end) for span in why.intervals][1:3] == [
        (at("2026-03-02 05:00"), at("2026-03-02 06:00")),
        (at("2026-03-02 07:30"), at("2026-03-02 10:00")),
    ]
    assert why.intervals[-1].end == why.due_at


def test_a_holiday_is_named_and_one_on_a_closed_day_is_not_mentioned():
    why = an_explanation("30 wh")

    assert why.due_at > at("2026-03-08 00:00")

    assert [(day.on, day.name) for day in why.holidays] == [(on("2026-03-03"), "Founders' day")]


def test_a_make_up_day_is_named():
    why = an_explanation("30 wh")

    assert [(day.on, day.name) for day in why.make_up_days] == [(on("2026-03-08"), "Make-up")]


def test_a_pause_says_who_waited_for_whom_and_what_it_took():
    [pause] = an_explanation(start="2026-03-02 01:00").pauses

    assert (pause.reason, pause.waiting_for, pause.by) == ("documents missing", "supplier", "u-17")
    assert pause.seconds == 90 * 60


def test_two_pauses_at_once_take_their_common_time_once():
    pauses = [
        a_pause("2026-03-02 02:00", "2026-03-02 03:00"),
        a_pause("2026-03-02 02:30", "2026-03-02 03:30"),
    ]

    why = an_explanation(start="2026-03-02 01:00", pauses=pauses)

    assert [pause.seconds for pause in why.pauses] == [3600, 1800]
    assert why.paused_seconds == 5400


def test_working_days_are_listed_by_date():
    why = an_explanation("3 wd", start="2026-03-02 01:00", pauses=[])

    assert why.days == (on("2026-03-02"), on("2026-03-04"), on("2026-03-05"))
    assert why.due_at == at("2026-03-05 10:00"), "18:00 in Shanghai, when the third of them closes"
    assert why.parts == ()


TWO_SHIFTS = (("08:30", "12:00"), ("13:00", "17:30"))


@pytest.mark.parametrize("received", ["2026-11-28 06:07", "2026-11-30 08:30", "2026-11-30 07:00"])
def test_three_working_days_name_the_days_that_were_counted_and_the_closing_time(received):
    lines = explain(a_calendar(each_day=TWO_SHIFTS), at(received), a_target("3 wd")).lines()

    assert lines[0] == "Due 2026-12-02 17:30 (UTC), that is 2026-12-02T17:30:00Z."
    assert lines[3] == (
        "Counted 24 h: 2026-11-30 08:30–12:00, 2026-11-30 13:00–17:30, 2026-12-01 08:30–12:00, "
        "2026-12-01 13:00–17:30, 2026-12-02 08:30–12:00, 2026-12-02 13:00–17:30."
    )
    assert lines[4] == "Working days counted: 2026-11-30, 2026-12-01, 2026-12-02."


def test_days_that_were_counted_in_part_say_so():
    why = explain(a_calendar(each_day=TWO_SHIFTS), at("2026-11-30 10:00"), a_target("2 wd"))

    assert "Working days counted: 2026-11-30 (in part), 2026-12-01, 2026-12-02 (in part)." in why.lines()


def test_a_pause_changes_the_days_that_are_named():
    pause = a_pause("2026-12-01 08:30", "2026-12-02 17:30")

    why = explain(a_calendar(each_day=TWO_SHIFTS), at("2026-11-30 08:30"), a_target("3 wd"), [pause])

    assert why.due_at == at("2026-12-04 17:30")
    assert why.days == (on("2026-11-30"), on("2026-12-03"), on("2026-12-04"))


@pytest.mark.parametrize("target", ["3 wd following_day", "3 wd close_of_business", "3 close_of_business"])
def test_what_counts_from_the_following_day_does_not_count_the_day_of_receipt(target):
    why = explain(a_calendar(each_day=TWO_SHIFTS), at("2026-11-30 10:00"), a_target(target))

    assert why.due_at == at("2026-12-03 17:30")
    assert why.days == (on("2026-12-01"), on("2026-12-02"), on("2026-12-03"))
    assert why.counted_seconds == 3 * 8 * 3600


def test_calendar_days_from_the_following_day_count_whole_days():
    why = explain(a_calendar(), at("2026-11-30 10:00"), a_target("2 d following_day"))

    assert why.counted_seconds == 48 * 3600


def test_half_days_and_other_hours_are_named_with_their_times():
    calendar = a_calendar(
        each_day=TWO_SHIFTS,
        breaks={"2026-12-24": {"hours": [["12:00", "17:30"]], "name": "Christmas Eve"}},
        hours={"2026-12-23": [["10:00", "14:00"]]},
    )
    why = explain(calendar, at("2026-12-22 17:30"), a_target("8 wh"))

    assert why.due_at == at("2026-12-25 09:00")
    assert "Other opening hours: 2026-12-23 (10:00–14:00)." in why.lines()
    assert "Closed for a part of the day: 2026-12-24 (Christmas Eve, 12:00–17:30)." in why.lines()
    assert why.as_mapping()["breaks"] == [
        {"date": "2026-12-24", "name": "Christmas Eve", "hours": [["12:00", "17:30"]]}
    ]
    assert why.as_mapping()["special_days"][0]["hours"] == [["10:00", "14:00"]]
    assert "当日部分时段不营业：2026-12-24" in "\n".join(why.lines("zh"))


def test_running_hours_neither_skip_holidays_nor_list_days():
    why = an_explanation("72 h")

    assert why.holidays == why.days == ()
    assert why.counted_seconds == 72 * 3600


def test_the_version_is_the_one_in_force_at_the_start():
    versions = [{"effective": "2026-03-02", "version": "spring"}]

    assert an_explanation(versions=versions).version == "spring"


def test_the_answer_is_the_due_time_itself():
    calendar, start, target = a_calendar(), at("2026-03-02 10:00"), a_target("3 wd")

    assert explain(calendar, start, target).due_at == due_at(calendar, start, target)


def test_it_reads_in_english():
    lines = an_explanation(start="2026-03-02 01:00").lines()

    assert lines[0] == "Due 2026-03-04 13:30 (Asia/Shanghai), that is 2026-03-04T05:30:00Z."
    assert lines[1] == "Target: 600 working minutes, counted from 2026-03-02 09:00."
    assert "Holidays skipped: 2026-03-03 (Founders' day)." in lines
    assert lines[-1] == (
        "Stood still from 2026-03-02 14:00 to 2026-03-02 15:30, 1 h 30 min not counted: "
        "waiting for supplier, documents missing, set by u-17."
    )


def test_it_reads_in_chinese():
    text = "\n".join(an_explanation("3 wd").lines("zh"))

    assert "3 个工作日" in text
    assert "跳过的节假日：2026-03-03" in text


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "target",
    [
        "1 min",
        "5 s",
        "24 h",
        "8 wh",
        "7 d",
        "3 wd",
        "2 w",
        "same_day",
        "2 close_of_business",
        "2026-03-06",
        "3 wd following_day",
        "1 d close_of_business",
        "60 min next_open",
    ],
)
def test_every_unit_has_words(target, language):
    lines = an_explanation(target).lines(language)

    assert len(lines) >= 3
    assert not any("{" in line for line in lines)


def test_a_long_list_is_cut_and_the_rest_counted():
    why = an_explanation("100 wh", pauses=[])

    line = why.lines()[3]

    assert line.count("–") == 12
    assert line.endswith(f" and {len(why.intervals) - 12} more.")


def test_it_is_json():
    facts = json.loads(json.dumps(an_explanation(start="2026-03-02 01:00").as_mapping()))

    assert facts["due_at"] == "2026-03-04T05:30:00Z"
    assert facts["target"] == "600 min"
    assert facts["holidays"] == [{"date": "2026-03-03", "name": "Founders' day"}]
    assert facts["pauses"][0]["waiting_for"] == "supplier"
    assert sum(span["seconds"] for span in facts["intervals"]) == facts["counted_seconds"]


def test_an_elapsed_time_is_explained_by_its_intervals():
    calendar, start, end = a_calendar(), at("2026-03-02 10:00"), at("2026-03-04 10:00")
    pauses = [a_pause("2026-03-02 11:00", "2026-03-02 11:30"), a_pause("2026-03-04 09:30")]

    why = explain_elapsed(calendar, start, end, pauses)

    assert timedelta(seconds=why.counted_seconds) == elapsed(calendar, start, end, pauses)
    assert why.lines()[0].startswith("From 2026-03-02 10:00 to 2026-03-04 10:00 (UTC): 15 h")


def test_an_elapsed_time_that_runs_backwards_has_no_intervals():
    why = explain_elapsed(a_calendar(), at("2026-03-04 10:00"), at("2026-03-02 10:00"))

    assert why.intervals == ()
