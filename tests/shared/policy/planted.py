"""Which mistakes do people make in policy and organisation files? Forty and more, one line each.

Each is planted alone in a sound company that uses every section of a profile.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

ORGANISATION = """\
name: Planted
sites:
  sh01:
    name: {zh: 上海}
    timezone: Asia/Shanghai
    calendar: china
    profile: own
    manager: boss
    triage_desk: service
calendars:
  china:
    timezone: Asia/Shanghai
    weekly_hours: {mon: [["09:00", "18:00"]]}
departments:
  service: {name: {zh: 客服}, manager: wang}
  quality: {name: {zh: 质量}, manager: li}
people:
  boss: {name: 老板, roles: [general_manager]}
  wang: {name: 王, sites: [sh01], stand_in: li}
  li: {name: 李, roles: [finance], stand_in: boss, languages: [en], skills: [metal], capacity: 12}
  gao: {name: 高, departments: [quality], absences: [{since: 2026-03-02T08:00:00Z, until: 2026-03-05T08:00:00Z}], present: no}
changes:
  - from: 2026-04-01
    people:
      gao: {present: yes, skills: [metal]}
  - from: 2026-07-01T08:00:00+08:00
    departments: {quality: {manager: gao}}
    people:
      li: {capacity: 6}
"""
PROFILE = """\
profile: own
source: a test
kinds: [complaint, enquiry, praise]
categories: {goods: [broken, late], people: [rude]}
hit_policy: {routing: unique}
severity:
  - {name: safety, severity: critical, priority: 1, when: {flags: [safety]}}
routing:
  - {name: goods, when: {category: [goods]}, lead: quality, assist: [service], skills: [metal], opens: [8d], records: [sheet]}
  - {name: people, when: {category: [people]}, lead: service, in_person: [general_manager]}
  - {name: rest, lead: service}
fan_out:
  - {name: authority, when: {flags: [authority]}, inform: [general_manager]}
  - {name: much, when: {claimed_above: {CNY: 9000}, product_line: [pipe]}, inform: [boss]}
clocks:
  - name: answer
    starts_on: complaint.registered
    meets_on: [resolution.answered]
    limits:
      - {when: {kind: [enquiry]}, target: 1 wd}
      - {when: {kind: [complaint]}, agreed_by: [handler]}
    warn_at_percent: [75]
escalation:
  - {level: 1, to: [department.manager], acknowledge_within: 4 wh}
  - {level: 2, to: [general_manager]}
disputes: {from_round: 2, authority: {zh: 消协, en: ombudsman}, to: [general_manager]}
extension: {max: 1, approver: [general_manager], length: 3 wd}
repropose_max: 0
repropose_escalate_at: 3
promises: {time: obligatory, outcome: after-decision}
intake: {oral: slip, eligible: all, merging: own, formal_report_required: true}
modes:
  - {name: cold, mode: deferred, decided_by: [general_manager], when: {grade: [low]}}
approval:
  - {name: free, when: {compensation: [none]}, close: [handler]}
  - {name: paid, close: [general_manager], pay: [finance], authority: {CNY: 500}, sign: [{by: [general_manager]}]}
liability:
  supplier: {treated_as: own, template: apology, cost: company}
warranty: {boundary: after-sale, months: 12, afterwards: maintenance}
corrective: {method: 8d, verified_by: [quality], recurrence_from: 3}
surveys:
  - name: yearly
    every: year
    designer: service
    recovery: 75
    sample: [{rate: 15}]
    items: [{code: price, weight: 10, points: [10, 9]}]
    steps: [{name: post, since: collected, within: 2 w, consent: [general_manager]}]
records:
  sheet: {name: {zh: 表, en: Sheet}, by: quality}
  minute: {name: {zh: 纪要, en: Minute}, needed_before: decide, signed_by: [general_manager, customer], after: [visit], when: {severity: [serious], liability: [own], remedies: [refund], answers: {visit.found: ["yes"]}}, fields: [{code: words, name: {zh: 决定, en: Decision}}]}
  visit: {name: {zh: 走访, en: Visit}, needed_before: propose, fields: [{code: found, kind: flag, name: {zh: 有, en: Found}}, {code: how, kind: choice, name: {zh: 方式, en: How}, choices: {call: {zh: 电话, en: Call}}}]}
remedies: [refund]
remedy_rules:
  - {name: aged, when: {warranty: [after]}, offer: [repair], closed: [refund], instead: [repair], cost: customer}
  - {name: rest, refund: discretionary, approve_by: [general_manager], exception_by: [general_manager]}
custody: {original: quality}
grades: [{code: general, label: {zh: 一般}}, {code: low, label: {zh: 低}, owner: service}]
customer_file: {refreshed_every_months: 3}
joint_analysis: [quality]
speaker: service
reported_to: [finance]
product_lines: [pipe, plate]
alarming: {copies: [{to: [general_manager], when: {grade: [general]}}]}
"""


class Planted(NamedTuple):
    """What is written instead of what, and what must be said about it."""

    old: str
    new: str
    field: str
    detail: str
    remedy: str


MISTAKES = (
    # names that lead nowhere
    Planted("lead: quality,", "lead: qualiti,", "routing[0].lead", "no department qualiti is known", "Did you mean quality?"),
    Planted("assist: [service]", "assist: [serwice]", "routing[0].assist[0]", "no department serwice is known", "Did you mean service?"),
    Planted("joint_analysis: [quality]", "joint_analysis: [quaity]", "joint_analysis[0]", "no department quaity is known", "Did you mean quality?"),
    Planted("speaker: service", "speaker: servic", "speaker", "no department servic is known", "Did you mean service?"),
    Planted("custody: {original: quality}", "custody: {original: archive}", "custody.original", "no department or role archive is known", "Known:"),
    Planted("designer: service", "designer: sservice", "surveys[0].designer", "no department or role sservice is known", "Did you mean service?"),
    Planted("verified_by: [quality]", "verified_by: [sales]", "corrective.verified_by[0]", "no department sales is known", "Known:"),
    Planted("in_person: [general_manager]", "in_person: [chairman]", "routing[1].in_person[0]", "nobody at site sh01 holds the role chairman", "Known:"),
    Planted("inform: [general_manager]", "inform: [genral_manager]", "fan_out[0].inform[0]", "nobody at site sh01 holds the role genral_manager", "Did you mean general_manager?"),
    Planted("pay: [finance]", "pay: [finances]", "approval[1].pay[0]", "nobody at site sh01 holds the role finances", "Did you mean finance?"),
    Planted("sign: [{by: [general_manager]}]", "sign: [{by: [deputy]}]", "approval[1].sign[0].by[0]", "nobody at site sh01 holds the role deputy", "Known:"),
    Planted("consent: [general_manager]", "consent: [mr]", "surveys[0].steps[0].consent[0]", "nobody at site sh01 holds the role mr", "Known:"),
    Planted("reported_to: [finance]", "reported_to: [finanze]", "reported_to[0]", "nobody at site sh01 holds the role finanze", "Did you mean finance?"),
    Planted("records: [sheet]", "records: [sheets]", "routing[0].records[0]", "no record sheets is known", "Did you mean sheet?"),
    Planted("profile: own\n    manager", "profile: owm\n    manager", "sites.sh01.profile", "no profile owm is known", "Did you mean own?"),
    Planted("{grade: [low]}", "{grade: [lowest]}", "modes[0].when.grade[0]", "no grade lowest is known", "Did you mean low?"),
    Planted("product_line: [pipe]", "product_line: [pip]", "fan_out[1].when.product_line[0]", "no product line pip is known", "Did you mean pipe?"),
    Planted("when: {grade: [general]}}]", "when: {grade: [low1]}}]", "alarming.copies[0].when.grade[0]", "no grade low1 is known", "Did you mean low?"),
    # tables
    Planted("when: {category: [people]}, lead", "when: {type: [late]}, lead", "routing[1]", "overlaps row 0, and the table is unique", "Part their conditions"),
    Planted("hit_policy: {routing: unique}", "hit_policy: {routing: any}", "hit_policy.routing", "no hit policy any is known", "Known: first, unique."),
    Planted("hit_policy: {routing: unique}", "hit_policy: {rooting: unique}", "hit_policy.rooting", "no table rooting is known", "Did you mean routing?"),
    Planted("when: {category: [people]}, lead", "when: {category: [goods], type: [late]}, lead", "routing[1]", "is never reached: row 0 takes all it is about", "Put it before that row"),
    Planted("  - {name: rest, lead: service}\n", "", "routing", "has no default row", "Add a last row without `when`"),
    Planted("{name: paid, close", "{name: paid, when: {compensation: [none], kind: [complaint]}, close", "approval[1]", "is never reached: row 0 takes all it is about", "Put it before that row"),
    Planted("{name: paid, close", "{name: paid, when: {compensation: [money]}, close", "approval", "has no default row", "Add a last row without `when`"),
    Planted("{compensation: [none]}", "{compensation: [nothing]}", "approval[0].when.compensation[0]", "no compensation nothing is known", "Known:"),
    Planted(", inform: [general_manager]}", "}", "fan_out[0]", "adds nobody", "Give it `assist:` or `inform:`."),
    Planted("category: [goods]", "category: [good]", "routing[0].when.category[0]", "no category good is known", "Did you mean goods?"),
    Planted("assist: [service], skills", "assist: [quality], skills", "routing[0].assist[0]", "quality leads already", "Remove it."),
    # figures and units
    Planted("target: 1 wd", "target: 1 days", "clocks[0].limits[0].target", "'1 days' is not a target", "Write for example"),
    Planted("target: 1 wd", "target: 0 wd", "clocks[0].limits[0].target", "0 wd is not a limit", "Write an amount greater than zero."),
    Planted("target: 1 wd", "target: -1 wd", "clocks[0].limits[0].target", "-1 wd is not a limit", "Write an amount greater than zero."),
    Planted("length: 3 wd", "length: 3", "extension.length", "'3' is not a target", "Write for example"),
    Planted("merging: own", "merging: later", "intake.merging", "no receipt later is known", "Known: earlier, own"),
    Planted("from_round: 2", "from_round: -1", "disputes.from_round", "is negative", "Write 0 for never."),
    Planted("en: ombudsman}", "de: Ombudsmann}", "disputes.authority.en", "is missing", "Name who settles"),
    Planted("to: [general_manager]}\nextension", "to: []}\nextension", "disputes.to", "names nobody", "Name the roles"),
    Planted("max: 1,", "max: -1,", "extension.max", "is negative", "Write 0 for none."),
    Planted("max: 1,", "max: one,", "extension.max", "is not a whole number", "Write a whole number."),
    Planted("repropose_max: 0", "repropose_max: -2", "repropose_max", "is negative", "Write 0 for no limit."),
    Planted("{CNY: 500}", "{CNY: -500}", "approval[1].authority.CNY", "-500 is negative", "Write 0 or more."),
    Planted("{CNY: 500}", "{yuan: 500}", "approval[1].authority.yuan", "yuan is no currency", "Write a code of ISO 4217"),
    Planted("{CNY: 500}", "must_be_set", "approval[1].authority", "must be set", "Set it under `set:`"),
    Planted("recovery: 75", "recovery: 175", "surveys[0].recovery", "175.0 is no percentage", "Write more than 0, at most 100."),
    Planted("rate: 15", "rate: 0", "surveys[0].sample[0].rate", "0.0 is no percentage", "Write more than 0, at most 100."),
    Planted("points: [10, 9]", "points: [9, 10]", "surveys[0].items[0].points", "do not fall from the weight", "Give the best answer first"),
    Planted("weight: 10", "weight: 110", "surveys[0].items", "weigh more than 100", "Let the weights add up to 100."),
    Planted("months: 12, ", "", "warranty", "has no length", "Add `months:`."),
    Planted("refreshed_every_months: 3", "refreshed_every_months: 0", "customer_file.refreshed_every_months", "0 is too small", "Write 1 or more."),
    Planted("within: 2 w", "within: fortnight", "surveys[0].steps[0].within", "'fortnight' is not a target", "Write for example"),
    Planted("[75]\n", "[175]\n", "clocks[0].warn_at_percent[0]", "175 is no warning point", "Write 1 to 99."),
    Planted("claimed_above: {CNY: 9000}", "claimed_above: {RMB yuan: 9000}", "fan_out[1].when.claimed_above.RMB yuan", "RMB yuan is no currency", "Write a code of ISO 4217"),
    Planted("claimed_above: {CNY: 9000}", "claimed_above: {CNY: -1}", "fan_out[1].when.claimed_above.CNY", "-1 is negative", "Write 0 or more."),
    Planted("claimed_above: {CNY: 9000}", "claimed_above: {CNY: much}", "fan_out[1].when.claimed_above.CNY", "is not a number", "Write a number."),
    Planted("claimed_above: {CNY: 9000}", "claimed_above: {CNY: 9000}, claimed_up_to: {CNY: 9000}", "fan_out[1].when.claimed_up_to", "leaves no amount to be claimed", "Let it be more than `claimed_above`"),
    Planted("{name: paid, close", "{name: paid, when: {claimed_up_to: {CNY: -5}}, close", "approval[1].when.claimed_up_to.CNY", "-5 is negative", "Write 0 or more."),
    # words, shapes and gates
    Planted("time: obligatory", "time: always", "promises.time", "no rule always is known", "Known:"),
    Planted("oral: slip", "oral: refused", "intake.oral", "no way with spoken complaints refused is known", "Known:"),
    Planted("formal_report_required: true", "formal_report_required: maybe", "intake.formal_report_required", "is neither yes nor no", "Write yes or no."),
    Planted("mode: deferred", "mode: cold", "modes[0].mode", "no mode cold is known", "Known:"),
    Planted("decided_by: [general_manager], when", "decided_by: [], when", "modes[0].decided_by", "names nobody", "Name the roles that decide it"),
    Planted("approver: [general_manager]", "approver: []", "extension.approver", "names nobody", "Name the roles that grant it."),
    Planted("treated_as: own", "treated_as: ours", "liability.supplier.treated_as", "no liability ours is known", "Known:"),
    Planted("  supplier: {", "  suplier: {", "liability.suplier", "no liability suplier is known", "Did you mean supplier?"),
    Planted("method: 8d", "method: 9d", "corrective.method", "no method 9d is known", "Known: 8d, capa."),
    Planted("opens: [8d]", "opens: [eight]", "routing[0].opens[0]", "no work eight is known", "Known:"),
    Planted("agreed_by: [handler]", "agreed_by: [handler], target: 3 wd", "clocks[0].limits[1]", "is both fixed and agreed", "Give it either"),
    Planted(", agreed_by: [handler]", "", "clocks[0].limits[1]", "has no target", "Give it either"),
    Planted("meets_on: [resolution.answered]", "meets_on: [complaint.registered]", "clocks[0].meets_on[0]", "starts the same clock", "Name what happens later."),
    Planted("close: [handler]", "close: []", "approval[0].close", "names nobody", "Name who may close such a case."),
    Planted("approver:", "aprover:", "extension.aprover", "is not known here", "Did you mean approver?"),
    Planted("records:\n", "record:\n", "record", "is not known here", "Did you mean records?"),
    # remedies
    Planted("outcome: after-decision}", "outcome: after-decision, fulfilment: soon}", "promises.fulfilment", "no rule soon is known", "Known: at-once, in-time."),
    Planted("warranty: [after]", "warranty: [over]", "remedy_rules[0].when.warranty[0]", "no warranty over is known", "Known: after, within."),
    Planted("cost: customer", "cost: custmer", "remedy_rules[0].cost", "no bearer custmer is known", "Did you mean customer?"),
    Planted("refund: discretionary", "refund: half", "remedy_rules[1].refund", "no rule for refunds half is known", "Known:"),
    Planted("closed: [refund]", "closed: [repair]", "remedy_rules[0].closed[0]", "repair is both offered and closed", "Write it in one of the lists only."),
    Planted("instead: [repair]", "instead: [gift]", "remedy_rules[0].instead[0]", "gift may not be proposed", "Offer it as well."),
    Planted("approve_by: [general_manager]", "approve_by: []", "remedy_rules[1]", "leaves a refund to nobody's discretion", "Name the roles that decide it"),
    Planted("exception_by: [general_manager]", "exception_by: [leader]", "remedy_rules[1].exception_by[0]", "nobody at site sh01 holds the role leader", "Known:"),
    Planted("{name: rest, refund", "{name: rest, when: {warranty: [after]}, refund", "remedy_rules[1]", "is never reached: row 0 takes all it is about", "Put it before that row"),
    Planted("{name: rest, refund", "{name: aged, refund", "remedy_rules[1].name", "aged stands twice", "Give each its own."),
    Planted("refund: discretionary", "refnd: discretionary", "remedy_rules[1].refnd", "is not known here", "Did you mean refund?"),
    # records
    Planted("needed_before: decide", "needed_before: decidee", "records.minute.needed_before", "no step decidee is known", "Did you mean decide?"),
    Planted("signed_by: [general_manager,", "signed_by: [chairman,", "records.minute.signed_by[0]", "nobody at site sh01 holds the role chairman", "Known:"),
    Planted("signed_by: [general_manager, customer]", "signed_by: [customer, customer]", "records.minute.signed_by[1]", "customer stands twice", "Name each once."),
    Planted(", fields: [{code: words, name: {zh: 决定, en: Decision}}]", "", "records.minute", "has nothing to fill in", "Add `fields:`"),
    Planted("code: words, name: {zh: 决定, en: Decision}", "code: words, name: {zh: 决定}", "records.minute.fields[0].name", "has no text in en", "Add `en:`."),
    Planted("{code: found, kind: flag", "{code: found, kind: flags", "records.visit.fields[0].kind", "no kind of field flags is known", "Did you mean flag?"),
    Planted("{code: how, kind", "{code: found, kind", "records.visit.fields[1].code", "found stands twice", "Give each its own."),
    Planted(", choices: {call: {zh: 电话, en: Call}}", "", "records.visit.fields[1]", "has no choices", "Add `choices:`"),
    Planted("kind: choice, name", "kind: date, name", "records.visit.fields[1].choices", "mean nothing in a date", "Make it `kind: choice`"),
    Planted("{visit.found", "{visit.fund", "records.minute.when.answers.visit.fund", "no choice or flag of another record visit.fund is known", "Did you mean visit.found?"),
    Planted('found: ["yes"]', 'found: ["y"]', "records.minute.when.answers.visit.found[0]", "no answer y is known", "Known: no, yes."),
    Planted("liability: [own]", "liability: [ours]", "records.minute.when.liability[0]", "no liability ours is known", "Known:"),
    Planted("remedies: [refund], answers", "remedies: [refunds], answers", "records.minute.when.remedies[0]", "no remedy refunds is known", "Did you mean refund?"),
    Planted("when: {severity: [serious], l", "when: {severity: [grave], l", "records.minute.when.severity[0]", "no severity grave is known", "Known:"),
    Planted("after: [visit]", "after: [visits]", "records.minute.after[0]", "no record visits is known", "Did you mean visit?"),
    Planted("after: [visit]", "after: [visit, minute]", "records.minute.after", "goes round in a circle", "Break it."),
    # the organisation
    Planted("stand_in: boss", "stand_in: wang", "people.li.stand_in", "goes round in a circle: li -> wang -> li", "Name somebody outside of it."),
    Planted("roles: [finance]", "roles: finance", "people.li.roles", "is not a list", "Write a list"),
    Planted('"18:00"', '"18:60"', "calendars.china.weekly_hours.mon[0]", "", "Write intervals in local time"),
    Planted("  sh01:\n", "  SH-01:\n", "sites.SH-01", "SH-01 is no id of a site", "It is one word of the routing key"),
    Planted("manager: li}", "manager: lee}", "departments.quality.manager", "no person lee is known", "Known:"),
    # who can take it
    Planted("skills: [metal], opens", "skills: [metl], opens", "routing[0].skills[0]", "nobody of quality at site sh01 has the skill metl", "Did you mean metal?"),
    Planted("skills: [metal], opens", "skills: metal, opens", "routing[0].skills", "is not a list", "Write a list"),
    Planted("languages: [en]", "languages: [english]", "people.li.languages[0]", "no language english is known", "Known: en, zh."),
    Planted("languages: [en]", "languages: [en, en]", "people.li.languages[1]", "en stands twice", "Remove one of them."),
    Planted("  li: {name: 李,", "  customer: {name: 李, contacts: [li@b.example]}\n  li: {name: 李,", "people.customer", "customer is no id of a person", "Give the person another id"),
    Planted("skills: [metal], capacity", "skills: metal, capacity", "people.li.skills", "is not a list", "Write a list"),
    Planted("capacity: 12", "capacity: -1", "people.li.capacity", "-1 is no number of cases", "Write 0 for none"),
    Planted("capacity: 12}", 'capacity: 12, contacts: ["=?utf-8?q?x=40y.example=2C?=z@b.example"]}', "people.li.contacts[0]", "is no mail address and no URL", "Write name@company.example"),
    Planted("capacity: 12", "capacity: a dozen", "people.li.capacity", "is not a whole number", "Write a whole number."),
    Planted("capacity: 12", "capacty: 12", "people.li.capacty", "is not known here", "Did you mean capacity?"),
    Planted("present: no", "present: sometimes", "people.gao.present", "is neither yes nor no", "Write yes or no."),
    Planted("until: 2026-03-05T", "until: 2026-03-01T", "people.gao.absences[0]", "ends before it begins", "Mend since or until."),
    Planted("until: 2026-03-05T08:00:00Z", "until: soon", "people.gao.absences[0].until", "is not a moment", "Write for example"),
    # what will be
    Planted("- from: 2026-04-01\n    people", "- people", "changes[0]", "has no `from:`", "Say from when on it holds."),
    Planted("from: 2026-04-01", "from: April", "changes[0].from", "is not a moment", "Write a date, or a moment"),
    Planted("from: 2026-07-01T08:00:00+08:00", "from: 2026-03-01", "changes[1].from", "does not come after the change before it", "Put the changes in their order."),
    Planted("from: 2026-04-01\n    people", "from: 2026-04-01\n    peeple", "changes[0].peeple", "is not known here", "Did you mean people?"),
    Planted("    departments: {quality", "    calendars: {china", "changes[1].calendars", "do not change here", "Give the calendar `versions:`"),
    Planted("manager: gao}", "manager: gaoo}", "changes[1].departments.quality.manager", "no person gaoo is known", "Did you mean gao?"),
    Planted("li: {capacity: 6}", "li: {capacity: -6}", "changes[1].people.li.capacity", "-6 is no number of cases", "Write 0 for none"),
    Planted("li: {capacity: 6}", "li: {capasity: 6}", "changes[1].people.li.capasity", "is not known here", "Did you mean capacity?"),
    Planted("li: {capacity: 6}", "li: {stand_in: li}", "changes[1].people.li.stand_in", "goes round in a circle: li -> li", "Name somebody outside of it."),
    Planted("    people:\n      li: {capacity: 6}\n", "    people: [li]\n", "changes[1].people", "holds no `key: value` lines", "Write them indented below it."),
    Planted("{present: yes, skills: [metal]}", "{present: yes, departments: [qualiti]}", "changes[0].people.gao.departments[0]", "no department qualiti is known", "Did you mean quality?"),
)  # fmt: skip


class Company:
    """A sound organisation file and profile in a folder."""

    def __init__(self, folder: Path) -> None:
        self.organisation = folder / "organisation.yaml"
        self.profiles = folder / "profiles"
        self.profiles.mkdir()
        self.profile = self.profiles / "own.yaml"
        self.organisation.write_text(ORGANISATION, "utf-8")
        self.profile.write_text(PROFILE, "utf-8")

    def plant(self, mistake: Planted) -> tuple[Path, range]:
        """Writes the mistake into the one place it fits; the file and the lines that changed."""
        for file in (self.organisation, self.profile):
            text = file.read_text("utf-8")
            if text.count(mistake.old) == 1:
                before, _, after = text.partition(mistake.old)
                file.write_text(before + mistake.new + after, "utf-8")
                first = before.count("\n") + 1
                return file, range(first, first + mistake.new.rstrip("\n").count("\n") + 1)
        raise AssertionError(f"{mistake.old!r} does not stand once")
