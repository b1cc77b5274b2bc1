"""When is it due in this calendar, how long did it take, and do known cases agree?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from shared.cli.printing import say
from shared.errors import Rejected
from shared.policy.document import read_document
from shared.policy.problems import keys_of
from shared.worktime import Calendar, Explanation, Pause, Target, elapsed, explain, explain_elapsed
from shared.worktime.cases import Verdict, check_case
from shared.worktime.explanation import written
from shared.worktime.wording import length_of

app = typer.Typer(no_args_is_help=True, help="Due dates and elapsed working time, explained.")

CalendarFile = Annotated[Path, typer.Argument(metavar="CALENDAR.yaml", help="A calendar.")]
Start = Annotated[str, typer.Argument(help="ISO 8601; without an offset it is local to the calendar.")]
Pauses = Annotated[
    list[str] | None,
    typer.Option("--pause", metavar="FROM/TO", help="A pause; repeat for more, no TO: still open."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]
Language = Annotated[str, typer.Option("--language", help="en or zh.")]


@app.command()
def due(
    calendar_file: CalendarFile,
    start: Start,
    target: Annotated[str, typer.Argument(help="3 wd, 24 h, 90 min, 7 d, same_day ...")],
    pause: Pauses = None,
    as_json: AsJson = False,
    language: Language = "en",
) -> None:
    """When a target is due, and why."""
    with _refusals():
        calendar = read(calendar_file)
        pauses = [_pause(text, calendar) for text in pause or ()]
        why = explain(calendar, _moment(start, calendar, "START"), Target.parse(target), pauses)
        _print(why, written(why.due_at), why.as_mapping(), as_json=as_json, language=language)


@app.command("elapsed")
def elapsed_time(
    calendar_file: CalendarFile,
    start: Start,
    end: Annotated[str, typer.Argument(help="As START.")],
    pause: Pauses = None,
    as_json: AsJson = False,
    language: Language = "en",
) -> None:
    """How much working time passed, and why."""
    with _refusals():
        calendar = read(calendar_file)
        pauses = [_pause(text, calendar) for text in pause or ()]
        span = _moment(start, calendar, "START"), _moment(end, calendar, "END")
        passed = elapsed(calendar, *span, pauses).total_seconds()
        why = explain_elapsed(calendar, *span, pauses)
        facts = {"elapsed_seconds": passed, "elapsed_minutes": passed / 60} | why.as_mapping()
        facts["end"] = facts.pop("due_at")
        _print(why, length_of(passed, language), facts, as_json=as_json, language=language)


@app.command()
def check(
    cases_file: Annotated[Path, typer.Argument(metavar="CASES.json", help="Known cases.")],
    language: Language = "en",
) -> None:
    """Compare with known cases; print each that differs and why; exit 1 if any does."""
    with _refusals():
        verdicts = [check_case(case) for case in _cases(cases_file)]
    for verdict in verdicts:
        if not verdict.agrees:
            _print_verdict(verdict, language)
    differ = sum(not verdict.agrees for verdict in verdicts)
    say(f"{len(verdicts) - differ} agree, {differ} differ")
    if differ or not verdicts:
        raise typer.Exit(1)


def read(path: Path) -> Calendar:
    """The calendar in a YAML file; without a `name` it has that of the file.

    Raises Rejected naming file, line and field.
    """
    document = read_document(path)
    if document.problems:
        told = "\n".join(problem.sentence() for problem in document.problems)
        raise Rejected("calendar-unreadable", told, field=str(path))
    try:
        return Calendar.from_mapping({"name": path.stem, **document.value})
    except Rejected as error:
        place = document.place(keys_of(error.field or ""))
        detail = f"{place.file}:{place.line}: {error.detail}"
        raise Rejected(error.code, detail, field=error.field, remedy=error.remedy) from error


def _cases(path: Path) -> list[dict[str, object]]:
    try:
        data = json.loads(_text(path), object_pairs_hook=_each_once, parse_constant=_no_number)
    except (json.JSONDecodeError, RecursionError) as broken:
        raise Rejected("not-json", f"{path} is not JSON: {broken}", field=str(path)) from broken
    cases = data.get("cases") if isinstance(data, dict) else data
    if not isinstance(cases, list) or not all(isinstance(case, dict) for case in cases):
        raise Rejected("no-cases", f"{path} holds no list `cases`.", field="cases")
    return cases


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The mapping; of a key given twice nobody could say which one was meant."""
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise Rejected("key-twice", f"{key} is given twice.", field=key, remedy="Keep one of them.")
        found[key] = value
    return found


def _no_number(word: str) -> object:
    raise Rejected("not-json", f"{word} is no number of JSON.", remedy="Write the number, or null.")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as unreadable:
        raise Rejected("file-unreadable", f"{path}: {unreadable}", field=str(path)) from unreadable


def _moment(text: str, calendar: Calendar, field: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as unreadable:
        raise Rejected(
            "time-unreadable",
            f"{text!r} is not a time.",
            field=field,
            remedy="Write 2026-10-08T09:00:00Z, or local time without the Z.",
        ) from unreadable
    return moment if moment.tzinfo else moment.replace(tzinfo=calendar.zone)


def _pause(text: str, calendar: Calendar) -> Pause:
    begins, _, ends = text.partition("/")
    end = _moment(ends, calendar, "--pause") if ends else None
    return Pause(_moment(begins, calendar, "--pause"), end)


def _print(why: Explanation, answer: str, facts: dict[str, object], *, as_json: bool, language: str) -> None:
    if as_json:
        say(json.dumps(facts | {"lines": why.lines(language)}, ensure_ascii=False))
        return
    say(answer)
    for line in why.lines(language):
        say(f"  {line}")


def _print_verdict(verdict: Verdict, language: str) -> None:
    for one in verdict.differences:
        say(f"{verdict.case_id}: {one.what}: expected {one.expected}, got {one.got}")
    for why in verdict.explanations:
        for line in why.lines(language):
            say(f"  {line}")


@contextmanager
def _refusals() -> Iterator[None]:
    """A rule that was broken is one sentence and exit code 2, not a traceback."""
    try:
        yield
    except Rejected as refused:
        say(f"{refused.code}: {refused.sentence()}", err=True)
        raise typer.Exit(2) from refused


if __name__ == "__main__":
    app()
