"""How does an explanation read in English and in Chinese?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from shared.worktime.explanation import CountedPause, Explanation, Interval, NamedDay, clock, written
from shared.worktime.target import End, Target, Unit

MOST_LISTED = 12
"""So many intervals or days are listed; the rest is only counted, for nobody reads 500."""

_ENGLISH: Mapping[str, str] = {
    "due": "Due {local} ({zone}), that is {utc}.",
    "elapsed": "From {start} to {local} ({zone}): {length} of working time.",
    "target": "Target: {target}, counted from {start}.",
    "calendar": "Calendar {name}, version {version}.",
    "intervals": "Counted {length}: {spans}.",
    "days": "Working days counted: {days}.",
    "holidays": "Holidays skipped: {days}.",
    "make_up_days": "Make-up working days: {days}.",
    "special_days": "Other opening hours: {days}.",
    "breaks": "Closed for a part of the day: {days}.",
    "part": "{} (in part)",
    "pause": "Stood still from {start} to {end}, {length} not counted{why}.",
    "open": "now",
    "more": " and {count} more",
    "waiting_for": "waiting for {}",
    "by": "set by {}",
    "join": ", ",
    "because": ": ",
}
_CHINESE: Mapping[str, str] = {
    "due": "到期时间：{local}（{zone}），即 {utc}。",
    "elapsed": "从 {start} 到 {local}（{zone}）：工作时间共 {length}。",
    "target": "时限：{target}，自 {start} 起算。",
    "calendar": "日历：{name}，版本 {version}。",
    "intervals": "计入 {length}：{spans}。",
    "days": "计入的工作日：{days}。",
    "holidays": "跳过的节假日：{days}。",
    "make_up_days": "调休上班日：{days}。",
    "special_days": "营业时间不同的日子：{days}。",
    "breaks": "当日部分时段不营业：{days}。",
    "part": "{}（部分）",
    "pause": "{start} 至 {end} 暂停，{length} 不计入{why}。",
    "open": "现在",
    "more": "等，另有 {count} 项",
    "waiting_for": "等待{}",
    "by": "由 {} 设定",
    "join": "，",
    "because": "：",
}
_UNITS_ENGLISH: Mapping[Unit, tuple[str, str]] = {
    Unit.SECONDS: ("{} working second", "{} working seconds"),
    Unit.MINUTES: ("{} working minute", "{} working minutes"),
    Unit.HOURS: ("{} hour round the clock", "{} hours round the clock"),
    Unit.WORKING_HOURS: ("{} working hour", "{} working hours"),
    Unit.DAYS: ("{} calendar day", "{} calendar days"),
    Unit.WORKING_DAYS: ("{} working day", "{} working days"),
    Unit.WEEKS: ("{} week", "{} weeks"),
}
_UNITS_CHINESE: Mapping[Unit, str] = {
    Unit.SECONDS: "{} 工作秒",
    Unit.MINUTES: "{} 工作分钟",
    Unit.HOURS: "{} 小时（全天连续计算）",
    Unit.WORKING_HOURS: "{} 工作小时",
    Unit.DAYS: "{} 个自然日",
    Unit.WORKING_DAYS: "{} 个工作日",
    Unit.WEEKS: "{} 周",
}
_ENDS: Mapping[str, Mapping[End, str]] = {
    "en": {
        End.PERIOD_END: "",
        End.NEXT_OPEN: ", if used up at closing time then at the next opening",
        End.CLOSE_OF_BUSINESS: ", until close of business",
        End.FOLLOWING_DAY: " after the day of receipt, until its end",
    },
    "zh": {
        End.PERIOD_END: "",
        End.NEXT_OPEN: "，恰在下班时用完则顺延至下次上班",
        End.CLOSE_OF_BUSINESS: "，至下班时止",
        End.FOLLOWING_DAY: "，自收到次日起算，至当日结束",
    },
}


def lines_of(why: Explanation, language: str) -> tuple[str, ...]:
    """The sentences in order: answer, target, calendar, what counted, what did not, pauses."""
    words = _CHINESE if language.startswith("zh") else _ENGLISH
    tongue = "zh" if words is _CHINESE else "en"
    counted = length_of(why.counted_seconds, tongue)
    facts = {
        "local": _local(why.due_at, why),
        "start": _local(why.start, why),
        "zone": why.timezone,
        "utc": written(why.due_at),
        "length": counted,
    }
    said = [words["elapsed" if why.target is None else "due"].format(**facts)]
    if why.target is not None:
        said.append(words["target"].format(target=target_words(why.target, tongue), **facts))
    said.append(words["calendar"].format(name=why.calendar, version=why.version))
    if why.intervals:
        spans = _listed([_span(span, why) for span in why.intervals], words)
        said.append(words["intervals"].format(length=counted, spans=spans))
    if why.days:
        said.append(words["days"].format(days=_listed([_day(on, why, words) for on in why.days], words)))
    for key, special in (
        ("holidays", why.holidays),
        ("make_up_days", why.make_up_days),
        ("special_days", why.special_days),
        ("breaks", why.breaks),
    ):
        if special:
            names = [_named(day, tongue) for day in special]
            said.append(words[key].format(days=_listed(names, words)))
    said += [_paused(pause, why, words, tongue) for pause in why.pauses]
    return tuple(said)


def target_words(target: Target, language: str = "en") -> str:
    """The target as people say it: `3 working days`."""
    if target.unit is Unit.DATE:
        return date.fromordinal(target.amount).isoformat()
    if target.unit in {Unit.SAME_DAY, Unit.CLOSE_OF_BUSINESS}:
        return _until_close(target.amount, language)
    if language == "zh":
        words = _UNITS_CHINESE[target.unit]
    else:
        words = _UNITS_ENGLISH[target.unit][abs(target.amount) != 1]
    return words.format(target.amount) + _ENDS[language][target.end]


def length_of(seconds: float, language: str = "en") -> str:
    """A length of time in hours, minutes and seconds: `2 h 30 min`."""
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    names = ("小时", "分", "秒") if language == "zh" else ("h", "min", "s")
    parts = [f"{value} {name}" for value, name in zip((hours, minutes, left), names, strict=True) if value]
    return " ".join(parts) or f"0 {names[1]}"


def _until_close(amount: int, language: str) -> str:
    if language == "zh":
        return f"收到后第 {amount} 个工作日下班前" if amount else "当天下班前"
    if amount:
        return f"close of business on working day {amount} after the day of receipt"
    return "close of business on the day of receipt"


def _local(moment: datetime, why: Explanation) -> str:
    local = moment.astimezone(why.zone)
    shown = f"{local:%Y-%m-%d %H:%M}"
    return f"{shown}:{local:%S}" if local.second else shown


def _day(on: date, why: Explanation, words: Mapping[str, str]) -> str:
    return words["part"].format(on.isoformat()) if on in why.parts else on.isoformat()


def _span(span: Interval, why: Explanation) -> str:
    start, end = _local(span.start, why), _local(span.end, why)
    same_day = start[:10] == end[:10]
    return f"{start}–{end[11:] if same_day else end}"


def _named(day: NamedDay, language: str) -> str:
    name = (day.name_zh or day.name) if language == "zh" else day.name
    spans = ", ".join(f"{clock(opens)}–{clock(closes)}" for opens, closes in day.spans)
    said = ", ".join(one for one in (name, spans) if one)
    return f"{day.on.isoformat()} ({said})" if said else day.on.isoformat()


def _listed(items: Sequence[str], words: Mapping[str, str]) -> str:
    text = words["join"].join(items[:MOST_LISTED])
    hidden = len(items) - MOST_LISTED
    return text + words["more"].format(count=hidden) if hidden > 0 else text


def _paused(pause: CountedPause, why: Explanation, words: Mapping[str, str], language: str) -> str:
    reasons = [
        words["waiting_for"].format(pause.waiting_for) if pause.waiting_for else "",
        pause.reason,
        words["by"].format(pause.by) if pause.by else "",
    ]
    said = words["join"].join(reason for reason in reasons if reason)
    return words["pause"].format(
        start=_local(pause.start, why),
        end=words["open"] if pause.end is None else _local(pause.end, why),
        length=length_of(pause.seconds, language),
        why=words["because"] + said if said else "",
    )
