"""What would one write by hand? The same three hops on asyncpg and aio-pika, one transaction per message.

`python -m benchmarks.yardstick intake|routing|escalation` runs one of them. It keeps what every honest
implementation keeps (outbox, inbox, confirms, acknowledgement after the commit, quorum queues with Kesu's own
arguments) and leaves out all that Kesu does besides: access, sealing, validation by a model, ordering,
policy, calendars, ladder, log stream, and the two other services' share in every event.
"""
