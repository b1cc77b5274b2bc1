"""How does a run go? Scenario after scenario on one suite, each ended by quiet, an audit and its ledger."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.access.tokens import Tokens
from shared.cli.simulate import simulate
from shared.clock import SystemClock, monotonic
from shared.ids import new_id
from shared.messaging import parking
from shared.messaging.topology import SERVICES
from tests.faults.ledger import Finding, audit
from tests.faults.load import Load
from tests.faults.outsider import Outsider
from tests.faults.proving import Proof, prove
from tests.faults.reading import Stream, snapshot
from tests.faults.rig import Rig
from tests.faults.scenarios import Scenario
from tests.faults.snapshot import Accepted, Injected, Snapshot

_MOST_PARKED = 20_000


@dataclass(slots=True)
class Result:
    """One line of the ledger and its evidence."""

    name: str
    asked: int = 0
    accepted: int = 0
    parked: int = 0
    """Messages that the rig injected and found parked."""
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()
    answers: dict[str, int] = field(default_factory=dict)
    timeline: tuple[str, ...] = ()

    def count(self, kind: str) -> int:
        """How many complaints (or things that are none) have such a finding."""
        return len({one.complaint or one.what for one in self.findings if one.kind == kind})


class Run:
    """Remembers what was promised since its beginning; every audit looks at all of it."""

    def __init__(self, rig: Rig, *, complaints: int, seed: int) -> None:
        self._rig = rig
        self._complaints = complaints
        self._seed = seed
        # One for all: an Idempotency-Key belongs to its caller.
        self._token = Tokens(rig.environment["KESU_SECRET"], SystemClock()).issue("rig", roles=("admin",))
        self._run = new_id().hex[-6:]
        self._stream = Stream(rig.broker.url)
        self._outsider = Outsider(rig.broker.url)
        self._known: set[Finding] = set()
        self.accepted: list[Accepted] = []
        self.last: Snapshot | None = None

    async def scenario(self, number: int, scenario: Scenario) -> Result:
        """Run one fault and audit; a scenario that breaks down is a finding too."""
        rig, begun = self._rig, monotonic()
        rig.begun, rig.timeline, rig.findings, rig.injected = (
            begun,
            [],
            [],
            Injected(subjects=rig.injected.subjects, moved=rig.injected.moved),
        )
        load = Load(
            rig.services["intake"].address.url,
            self._token,
            tuple(simulate(self._seed * 1000 + number, self._complaints)),
            name=f"{self._run}-{scenario.name}",
            seconds=scenario.seconds,
        )
        try:
            await self._outsider.listen()
            await scenario.run(rig, load)
        except Exception as failure:  # the other scenarios are worth running all the same
            rig.findings.append(Finding("odd", f"the scenario broke down: {failure!r}"))
            rig.note("".join(traceback.format_exception(failure)))
        result = Result(scenario.name, load.asked, len(load.accepted), answers=dict(load.answers))
        self.accepted += load.accepted
        result.findings = (*await self._audited(), *_of_load(load), *rig.findings)
        result.parked = await self._tidied()
        result.timeline, result.seconds = tuple(rig.timeline), monotonic() - begun
        return result

    async def everything(self) -> Result:
        """Read the whole stream and all databases once more, and let the auditor prove itself on them."""
        begun = monotonic()
        self._stream = Stream(self._rig.broker.url)
        result = Result("all, read anew", accepted=len(self.accepted))
        result.findings = await self._audited()
        result.seconds = monotonic() - begun
        return result

    def proofs(self) -> tuple[Proof, ...]:
        """Violations planted in a copy of what this run ended with. Empty if that was not sound."""
        if self.last is None or self._known or not self.accepted:
            return ()
        return prove(self.accepted, self.last, self._rig.injected)

    async def _audited(self) -> tuple[Finding, ...]:
        rig = self._rig
        try:
            await rig.heal()
            moving = await rig.settle()
            rig.note(f"not quiet: {'; '.join(moving)}" if moving else "quiet")
            outside = await self._outsider.heard()
            self.last = await snapshot(rig.postgres.url, rig.broker.url, self._stream, outside, moving)
        except Exception as failure:  # no audit is the worst finding of all
            rig.note("".join(traceback.format_exception(failure)))
            return (Finding("odd", f"the audit could not be made: {failure!r}"),)
        findings = audit(self.accepted, self.last, rig.injected)
        fresh = tuple(one for one in findings if one not in self._known)
        self._known.update(fresh)
        return fresh

    async def _tidied(self) -> int:
        """Drop the poison, so that the next audit expects empty parking queues; returns how many."""
        ours = self._rig.injected.messages
        dropped = 0
        for service in SERVICES if ours else ():
            gone = await parking.drop(
                self._rig.broker.url, service, lambda one: one.message_id in ours, most=_MOST_PARKED
            )
            dropped += len({one.message_id for one in gone})
        return dropped


def _of_load(load: Load) -> Sequence[Finding]:
    found = [Finding("odd", f"{count} answers {status}") for status, count in load.odd_answers().items()]
    if load.unanswered:
        found.append(Finding("stuck", f"{load.unanswered} complaints never got a clear answer"))
    return found
