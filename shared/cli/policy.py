"""Are policy and organisation sound, which profiles are there, and what would they decide?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from shared.cli.printing import say
from shared.clock import SystemClock
from shared.errors import Rejected
from shared.policy.claims import read_claim
from shared.policy.explaining import ExplainedPolicy, explain_policy
from shared.policy.leaving import leaving_ever
from shared.policy.loader import LoadedProfile, load, load_rulebook, read_profiles
from shared.policy.model import Facts, Rulebook
from shared.policy.problems import PolicyErrors, did_you_mean
from shared.policy.vocabulary import FLAGS, KINDS

app = typer.Typer(no_args_is_help=True, help="Policy profiles and the organisation: check, list, explain.")

Organisation = Annotated[
    Path,
    typer.Option("--organisation", envvar="KESU_ORGANISATION", help="The organisation's YAML file."),
]
Profiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--profiles",
        envvar="KESU_PROFILES",
        metavar="DIR",
        help="Folder with your own profiles; may be repeated.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")]
DEFAULT = Path("deploy/organisation/organisation.yaml")


@app.command()
def check(
    organisation: Organisation = DEFAULT,
    profiles: Profiles = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="OLD.yaml", help="The file in force: say who and what leaves."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read everything and print each problem with file, line and remedy; exit 1 if there is any.

    With --against also if a site vanishes that was not closed by a date before.
    """
    with refusals(as_json=as_json):
        loaded = load(organisation, profiles or ())
        versions = {name: profile.version for name, profile in loaded.rules.profiles.items()}
        now = SystemClock().now()
        before = load_rulebook(against, profiles or ()) if against is not None else loaded.rules
        gone = leaving_ever(before, loaded.rules, now)
        vanishing = [one for one in gone if one.is_mistake]
        if as_json:
            known = {"organisation": loaded.rules.organisation.version, "profiles": versions}
            leaves = [{"part": one.part, "id": one.id, "heir": one.heir} for one in gone]
            told = {"problems": [one.sentence() for one in vanishing], "leaving": leaves, **known}
            say(json.dumps(told, ensure_ascii=False))
            raise typer.Exit(1 if vanishing else 0)
        company = loaded.rules.organisation
        say(
            f"{organisation}: {company.name}, {len(company.sites)} sites, "
            f"{len(company.departments)} departments, {len(company.people)} people, "
            f"version {company.version}"
        )
        for name, site in company.sites.items():
            say(f"  {name}: {site.profile} {versions[site.profile]}, {site.timezone}")
        for stage in loaded.rules.stages[1:]:
            say(f"  from {stage.since:%Y-%m-%d %H:%M %Z}: version {stage.organisation.version}")
        for one in gone:
            say(f"  {one.sentence()}", err=one in vanishing)
        if vanishing:
            raise typer.Exit(1)
        say("No problems.")


@app.command("list")
def list_profiles(profiles: Profiles = None, as_json: AsJson = False) -> None:
    """The profiles that there are, shipped and your own, with what still has to be set in them."""
    with refusals(as_json=as_json):
        found, problems = read_profiles(profiles or ())
        if problems:
            raise PolicyErrors(problems)
        if as_json:
            say(json.dumps([_row(loaded) for loaded in found], ensure_ascii=False))
            return
        for loaded in found:
            unusable = "has problems" if loaded.problems else "must be completed"
            state = loaded.profile.version if loaded.profile else unusable
            say(f"{loaded.name:<24} {state:<18} {loaded.document.value.get('source', '')}")
            for problem in (*loaded.to_set, *loaded.problems):
                say(f"    {problem.sentence()}")


def _row(loaded: LoadedProfile) -> dict[str, object]:
    return {
        "profile": loaded.name,
        "version": loaded.profile.version if loaded.profile else None,
        "source": loaded.document.value.get("source"),
        "file": loaded.document.file,
        "to_set": [problem.field for problem in loaded.to_set],
        "problems": [problem.sentence() for problem in loaded.problems],
    }


@app.command()
def explain(  # noqa: PLR0917 - the options of a command
    site: Annotated[str, typer.Option(help="Id of the site, e.g. sh01.")],
    kind: Annotated[str, typer.Option(help=", ".join(KINDS))] = "complaint",
    category: Annotated[str, typer.Option(help="As in the profile, e.g. product-quality.")] = "",
    type_: Annotated[str, typer.Option("--type", help="As in the profile, e.g. defect.")] = "",
    channel: Annotated[str, typer.Option(help="phone, web, letter ...")] = "phone",
    grade: Annotated[str, typer.Option(help="The customer's grade.")] = "general",
    product_line: Annotated[str, typer.Option("--product-line", help="As in the profile.")] = "",
    claimed: Annotated[
        str | None, typer.Option(help="What the customer claims: amount and currency, e.g. '80000 CNY'.")
    ] = None,
    flag: Annotated[list[str] | None, typer.Option("--flag", help=", ".join(FLAGS))] = None,
    language_of: Annotated[
        str, typer.Option("--customer-language", help="Whom the customer can talk to, e.g. en.")
    ] = "",
    recused: Annotated[
        list[str] | None, typer.Option("--recused", help="A person complained about; may be repeated.")
    ] = None,
    received: Annotated[
        str | None, typer.Option(help="ISO 8601; without offset local to the site; default: now.")
    ] = None,
    organisation: Organisation = DEFAULT,
    profiles: Profiles = None,
    as_json: AsJson = False,
    language: Annotated[str, typer.Option("--language", help="en or zh.")] = "en",
) -> None:
    """What would be decided about such a complaint, and why: rule, desks, severity, due dates."""
    with refusals(as_json=as_json):
        rules = load_rulebook(organisation, profiles or ())
        _refuse_unknown("--kind", kind, rules.profile_of(site).kinds)
        for name in flag or ():
            _refuse_unknown("--flag", name, FLAGS)
        moment = _moment(received, rules, site)
        facts = Facts(
            kind=kind,
            category=category,
            type=type_,
            channel=channel,
            site=site,
            grade=grade,
            flags=frozenset(flag or ()),
            product_line=product_line,
            claimed=read_claim(claimed) if claimed else None,
        )
        found = explain_policy(rules, facts, moment, language=language_of, recused=tuple(recused or ()))
        if as_json:
            say(json.dumps(found.as_mapping(language), ensure_ascii=False))
            return
        for line in _lines(found, rules, language):
            say(line)


def _lines(found: ExplainedPolicy, rules: Rulebook, language: str) -> Iterator[str]:
    def named(department: str) -> str:
        known = rules.organisation.departments[department]
        return f"{department} ({known.name.get(language, department)})"

    yield f"policy      {found.profile} {found.policy_version}"
    yield f"rule        {found.rule} (row {found.row} of the routing matrix)"
    yield from (f"              {reason}" for reason in found.because)
    yield f"lead        {named(found.lead)}"
    yield f"assist      {', '.join(named(one) for one in found.assist) or '-'}"
    yield f"informed    {', '.join(found.inform) or '-'}"
    yield from _choice(found)
    if found.in_person:
        yield f"in person   {', '.join(found.in_person)}"
    if found.outside:
        yield f"outside     {found.outside}"
    if found.opens:
        yield f"opens       {', '.join(found.opens)}"
    why = found.severity_rule or "no row of triage matches"
    yield f"severity    {found.severity}, priority {found.priority} ({why})"
    for clock in found.clocks:
        due = clock.why.due_at.astimezone(clock.why.zone)
        yield f"clock       {clock.name}: {clock.why.target}, due {due:%Y-%m-%d %H:%M:%S %Z}"
        for warning in clock.warn_at:
            yield f"              warning {warning.astimezone(clock.why.zone):%Y-%m-%d %H:%M:%S %Z}"
        yield from (f"              {line}" for line in clock.why.lines(language))
    for name, roles in found.agreed.items():
        yield f"clock       {name}: a date agreed case by case, set by {', '.join(roles)}"
    if not found.clocks and not found.agreed:
        yield "clock       none: nothing is promised for this kind"
    for level in found.ladder:
        within = f", to acknowledge within {level.acknowledge_within}" if level.acknowledge_within else ""
        yield f"level {level.level}     {', '.join(level.people) or '-'} ({', '.join(level.to)}){within}"
    yield f"survey      {'yes' if found.surveyed else 'no'}"


def _choice(found: ExplainedPolicy) -> Iterator[str]:
    """Who would have it, why not the others, and which rows come after the one that decides."""
    nobody = f"triage desk ({found.reason})" if found.reason else "-"
    yield f"assignee    {found.assignee or nobody}"
    for other in found.passed_over:
        yield f"              not {other.person}: {other.why}"
    if found.alternatives:
        yield f"also match  {', '.join(found.alternatives)}"


def _moment(text: str | None, rules: Rulebook, site: str) -> datetime:
    if text is None:
        return SystemClock().now()
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as unreadable:
        remedy = "Write 2026-10-08T09:00:00Z, or local time without the Z."
        raise Rejected(
            "time-unreadable", f"{text!r} is not a time", field="--received", remedy=remedy
        ) from unreadable
    return moment if moment.tzinfo else moment.replace(tzinfo=rules.calendar_of(site).zone)


def _refuse_unknown(option: str, word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        remedy = did_you_mean(word, known)
        raise Rejected("unknown-word", f"{word} is not known", field=option, remedy=remedy)


@contextmanager
def refusals(*, as_json: bool) -> Iterator[None]:
    """Prints a refusal as a plain sentence, or as JSON, and ends with exit code 1."""
    try:
        yield
    except PolicyErrors as errors:
        if as_json:
            say(json.dumps({"problems": [asdict(p) for p in errors.problems]}, ensure_ascii=False))
        else:
            say(errors.detail, err=True)
        raise typer.Exit(1) from errors
    except Rejected as error:
        say(error.sentence(), err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    app()
