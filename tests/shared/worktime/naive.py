"""A second implementation that shares no code with the engine: it looks at each minute on the wall clock.

Slow and stupid on purpose. Calendars are plain data here: {timezone, weekly, holidays, working}, and
{special, breaks} for single dates with other hours and for closed parts of a date.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def hours_of(plain, day):
    """Which minutes of that local date are worked without its breaks, as (from, to) pairs."""
    if day in plain.get("special", ()):
        return plain["special"][day]
    if day in plain["working"]:
        return plain["working"][day]
    if day in plain["holidays"]:
        return ()
    return plain["weekly"][day.weekday()]


def minutes_from(plain, start):
    """For each minute from a whole minute on: whether the wall clock is inside the hours."""
    zone = ZoneInfo(plain["timezone"])
    hour, open_minutes = start, {}
    while True:
        offsets = [(hour + ends).astimezone(zone).utcoffset() for ends in (timedelta(), HOUR)]
        for step in range(60):
            if step == 0 or offsets[0] != offsets[1]:
                minute = hour + step * MINUTE
                wall = (minute + minute.astimezone(zone).utcoffset()).replace(tzinfo=None)
                day, shown = wall.date(), wall.hour * 60 + wall.minute
            if shown == 1440:
                day, shown = day + timedelta(days=1), 0
            if day not in open_minutes:
                closed = {
                    number
                    for begins, ends in plain.get("breaks", {}).get(day, ())
                    for number in range(begins, ends)
                }
                open_minutes[day] = {
                    number for opens, closes in hours_of(plain, day) for number in range(opens, closes)
                } - closed
            yield shown in open_minutes[day]
            shown += 1
        hour += HOUR


def paused_minutes(pauses, start):
    """The numbers of the minutes since the start in which the clock stands still."""
    return {
        number
        for begins, ends in pauses
        for number in range((begins - start) // MINUTE, (ends - start) // MINUTE)
    }


def due_minute(plain, start, minutes, pauses=()):
    """The end of the minute in which the last of the wanted working minutes is used up."""
    paused = paused_minutes(pauses, start)
    for number, is_open in enumerate(minutes_from(plain, start)):
        if is_open and number not in paused:
            minutes -= 1
            if minutes == 0:
                return start + (number + 1) * MINUTE
    raise AssertionError


def worked_minutes(plain, start, end, pauses=()):
    """How many minutes between the two are inside the hours and not paused."""
    paused, length = paused_minutes(pauses, start), (end - start) // MINUTE
    listed = zip(range(length), minutes_from(plain, start), strict=False)
    return sum(is_open and number not in paused for number, is_open in listed)


ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Asia/Shanghai",
    "America/Havana",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Pacific/Apia",
)


def a_day(chance):
    """One to three random intervals, sometimes up to midnight, sometimes the whole day."""
    if chance.random() < 0.1:
        return ((0, 1440),)
    edges = sorted(chance.sample(range(0, 1441, 15), 2 * chance.choice((1, 1, 2, 3))))
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def a_plain_calendar(chance, around):
    """A random calendar with three or more working days a week and oddities near `around`."""
    week = [a_day(chance) if chance.random() < 0.7 else () for _ in range(7)]
    for number in chance.sample(range(7), 3):
        week[number] = week[number] or a_day(chance)
    near = [around.date() + timedelta(days=number) for number in range(-2, 12)]
    working = {day: a_day(chance) for day in chance.sample(near, chance.randrange(3))}
    holidays = {day for day in chance.sample(near, chance.randrange(4)) if day not in working}
    plain = {
        "timezone": chance.choice(ZONES),
        "weekly": tuple(week),
        "holidays": holidays,
        "working": working,
    }
    free = [day for day in near if day not in working and day not in holidays]
    special = chance.sample(free, chance.randrange(min(3, len(free))))
    breaks = chance.sample(near, chance.randrange(4))
    return plain | {
        "special": {day: a_day(chance) for day in special},
        "breaks": {day: a_day(chance) for day in breaks},
    }


def a_start(chance):
    """Any minute from 2009 to 2035, half of them near the weeks in which clocks change."""
    year = chance.randrange(2009, 2036)
    month, day = chance.choice(((3, 27), (10, 30), (9, 20), (4, 1), (11, 1), (3, 8)))
    if chance.random() < 0.5:
        month, day = chance.randrange(1, 13), chance.randrange(1, 29)
    moment = datetime(year, month, day, tzinfo=UTC)
    return moment + timedelta(minutes=chance.randrange(-2880, 2880))


def some_pauses(chance, start):
    """None to three pauses, which may overlap or lie before the start."""
    pauses = []
    for _ in range(chance.choice((0, 0, 1, 2, 3))):
        begins = start + timedelta(minutes=chance.randrange(-300, 2000))
        pauses.append((begins, begins + timedelta(minutes=chance.randrange(1, 1500))))
    return pauses
