"""What is a running service? The parts, started in order and stopped in the opposite one.

Stop: HTTP takes nothing new, the consumer is cancelled and drained, the shell finishes, the relay sends
what was committed, connections close (engineering.md section 1.8).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any

import structlog

from shared.access.claims import Claims
from shared.access.links import Links
from shared.access.openid import OpenId
from shared.access.tokens import Tokens
from shared.clock import Clock, SystemClock, monotonic
from shared.database.revisions import check_revision
from shared.database.transaction import FAILURES, Database
from shared.deciding import Event
from shared.host.correspondence import correspondence_of, log_failure
from shared.host.desk import Desk
from shared.host.hearing import Hearing
from shared.host.keeping import Keeping
from shared.host.parts import has_failed, name_of, report, stopped_within
from shared.host.plan import ServicePlan
from shared.host.watching import Watch
from shared.messaging.backlog import Room
from shared.messaging.batch import Harvest, Work
from shared.messaging.post import Post
from shared.messaging.shell import Shell
from shared.messaging.timers import Timers
from shared.messaging.topology import parking_queue
from shared.notify.dispatcher import Dispatcher
from shared.notify.table import Waiting, write_notices
from shared.observability import metrics, telemetry
from shared.observability.tracing import new_trace
from shared.outbox import relay as relays
from shared.outbox.housekeeping import Housekeeping
from shared.policy.source import RulebookSource
from shared.sealed.sealer import Sealer
from shared.settings import ServiceSettings, database_of

log = structlog.get_logger("kesu.process")
_STOP_SECONDS = 25.0


class Process:
    """One service and all its parts; nothing starts before `start`."""

    def __init__(self, plan: ServicePlan, settings: ServiceSettings, *, clock: Clock | None = None) -> None:
        self.plan = plan
        self.settings = settings
        self.clock = clock or SystemClock()
        self.database = Database(database_of(settings.database_url, plan.name), service=plan.name)
        self.rules = RulebookSource(settings.organisation, settings.profiles, may_recall=True)
        self.sealer = Sealer.from_setting(settings.seal_keys, secret=settings.secret)
        self.keeping = Keeping(self.database, self.rules, self.sealer, self.clock)
        links = Links(settings.secret)
        self.openid = _openid(settings, self.clock)
        self.post = Post(settings.amqp_url, service=plan.name)
        self.relay = relays.Relay(self.database, self.post)
        self.dispatcher = Dispatcher.from_settings(
            settings,
            self.database,
            rules=self.rules.current,
            sealer=self.sealer,
            links=links,
            clock=self.clock,
            on_undelivered=self._undelivered,
            correspondence=correspondence_of(plan, self),
        )
        self.shell: Shell[Any] = Shell(
            plan=plan.for_shell(),
            store=plan.store,
            database=self.database,
            rules=self.rules.current,
            clock=self.clock,
            write_notices=write_notices,
            on_commit=self._committed,
            on_work=self._worked,
            most=settings.batch_messages,
            events_apart_seconds=plan.events_apart_seconds,
        )
        self.timers = Timers(self.database, plan.store, self.shell, on_burst=self.relay.give_way)
        self.watch = Watch(
            plan.name, settings, self.post, self.database, self.clock, leads=lambda: self.relay.leader
        )
        self.hearing = Hearing(
            plan.name, settings, shell=self.shell, post=self.post, clock=self.clock, on_word=self.watch.hear
        )
        self.desk: Desk[Any] = Desk(
            shell=self.shell,
            queries=plan.queries(self.database),
            rules=self.rules.current,
            sealer=self.sealer,
            links=links,
            tokens=Tokens(settings.secret, self.clock, self.openid, public_key=settings.token_public_key),
            clock=self.clock,
            public_url=settings.public_url or f"http://{settings.host}:{settings.port}",
            carry=self.rules.carry,
            room=Room(self.database, self.post.waiting_in).wait,
        )
        self.housekeeping = Housekeeping(self.database, self.clock, days=settings.inbox_days)
        self._tasks: list[asyncio.Task[None]] = []
        self._jobs: list[asyncio.Task[None]] = []
        self.started = False
        self.died: str | None = None
        """The part that ended by a bug, the first if there are several."""
        self.on_death: Callable[[], None] | None = None
        """What has the process end, in good order, once a part died."""

    async def start(self) -> None:
        """Check the database and start every part. Raises Unavailable with the remedy."""
        await check_revision(self.database, self.plan.name)
        for first in self.plan.before:
            await first(self.settings, self.database)
        await self.keeping.recall()
        self._adopt(self.post.open())
        parts = (self.shell, self.relay, self.timers, self.dispatcher, self.housekeeping, self.keeping)
        for part in (*parts, self.watch):
            self._spawn(part.run(), type(part).__name__.lower())
        if self.openid is not None:
            self._spawn(self.openid.run(), "openid")
        self.hearing.start(self._bury)
        for job in self.plan.jobs:
            self.beside(job(self.settings, self.database), name_of(job))
        for chore in self.plan.chores:
            self.beside(chore(self.settings, self.desk), name_of(chore))
        self.started = True
        log.info("service.started", port=self.settings.port)

    async def stop(self) -> None:
        """Stop every part; what was committed stays committed, the rest is delivered again."""
        self.started = False
        for job in self._jobs:
            job.cancel()
        await stopped_within(_STOP_SECONDS, self.hearing.stop(), "consumer")
        for part in (self.timers, self.dispatcher, self.housekeeping, self.keeping, self.watch):
            part.stop()
        if self.openid is not None:
            self.openid.stop()
        self.shell.stop()
        self.relay.stop()
        _, pending = await asyncio.wait(self._tasks, timeout=_STOP_SECONDS)
        for task in pending:
            log.warning("stop.cancelled", part=task.get_name())
            task.cancel()
        await stopped_within(_STOP_SECONDS, self.post.close(), "post")
        await self.database.close()
        telemetry.shutdown()
        log.info("service.stopped")

    async def readiness(self) -> dict[str, str]:
        """What keeps this process from doing its work, by part; empty if nothing does."""
        problems: dict[str, str] = {}
        try:
            async with self.database.direct() as connection:
                pending, age = await relays.lag(connection)
                metrics.OUTBOX_PENDING.set(pending)
                metrics.OUTBOX_OLDEST.set(age)
        except FAILURES:
            problems["database"] = "does not answer"
        else:
            if age > _RELAY_LAG_SECONDS:
                problems["relay"] = f"the oldest of {pending} events has waited {age:.0f} s"
        if not self.post.connected:
            problems["broker"] = "no connection for publishing"
        if not self.hearing.attached:
            problems["consumer"] = "not subscribed to the queue"
        if found := self.watch.problems():
            problems["topology"] = "; ".join(found)
        problems.update(dict.fromkeys(self.dead_parts(), "has stopped"))
        held = self.shell.held_since
        if held is not None:
            problems["shell"] = f"a batch has waited {monotonic() - held:.0f} s for the database"
        metrics.CONSUMER.set(1 if self.hearing.attached else 0)
        return problems

    def dead_parts(self) -> list[str]:
        """Parts that ended by a bug; such a process must be restarted (liveness)."""
        if not self.started:
            return []
        parts = (*self._tasks, *self.hearing.tasks)
        dead = [*filter(asyncio.Task.done, parts), *filter(has_failed, self._jobs)]
        return [task.get_name() for task in dead]

    async def measure(self) -> None:
        """Bring the figures up to date that are read from the servers."""
        await self.readiness()
        await self.hearing.backlog.look()
        parked = await self.post.waiting_in(parking_queue(self.plan.name))
        if parked is not None:
            metrics.PARKED.set(parked)

    def _spawn(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(coroutine, name=name)
        task.add_done_callback(self._bury)
        self._tasks.append(task)

    def beside(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        """Run it until the process stops; it may end by itself, when settings give it nothing to do."""
        self._adopt(asyncio.create_task(coroutine, name=name))

    def _adopt(self, job: asyncio.Task[None]) -> None:
        self._jobs.append(job)
        job.add_done_callback(lambda ended: self._bury(ended) if has_failed(ended) else None)

    def _bury(self, part: asyncio.Task[None]) -> None:
        """End the process if a part ended unasked: whoever supervises it brings back a whole one."""
        if not self.started:
            report(part)
            return
        error = None if part.cancelled() else part.exception()
        log.critical("part.died", part=part.get_name(), then="the process ends", exc_info=error)
        self.died = self.died or part.get_name()
        if self.on_death is not None:
            self.on_death()

    def _committed(self, harvest: Harvest) -> None:
        if harvest.letters:
            self.relay.wake()
        if harvest.notices:
            self.dispatcher.wake()
        if self.plan.on_told is not None:
            for event in harvest.told:
                self.plan.on_told(event)

    def _undelivered(self, waiting: Waiting) -> None:
        """Let the service decide who is to be told instead."""
        command = self.plan.on_undelivered(waiting) if self.plan.on_undelivered is not None else None
        if command is not None and self.started:
            self.shell.hand_over(Work(command, new_trace()), log_failure)

    def _worked(self, work: Work) -> None:
        message = work.message
        name = message.type if isinstance(message, Event) else type(message).__name__
        _handler_seconds(name).observe(work.seconds)


_RELAY_LAG_SECONDS = 30.0


@cache
def _handler_seconds(name: str) -> Any:
    """The histogram of one message type; asking for it by its label each time costs more than observing."""
    return metrics.HANDLER_SECONDS.labels(name)


def _openid(settings: ServiceSettings, clock: Clock) -> OpenId | None:
    if not settings.oidc_issuer:
        return None
    claims = Claims.from_setting(settings.oidc_claims)
    return OpenId(settings.oidc_issuer, settings.oidc_audience, clock, claims)
