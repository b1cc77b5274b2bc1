"""Which figures does every service export? The kernel's half of architecture.md section 10."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

OUTBOX_PENDING = Gauge("kesu_outbox_pending", "Events committed and not yet confirmed by the broker.")
OUTBOX_OLDEST = Gauge("kesu_outbox_oldest_age_seconds", "Age of the oldest event that is not yet confirmed.")
PUBLISHED = Counter("kesu_events_published_total", "Events confirmed by the broker.", ["type"])
HANDLED = Counter(
    "kesu_events_handled_total",
    "Events by what became of them: handled, duplicate, retried, parked, failed.",
    ["type", "outcome"],
)
HANDLER_SECONDS = Histogram(
    "kesu_handler_seconds",
    "Time in the pure handler.",
    ["type"],
    buckets=(0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.02, 0.1),
)
PARKED = Gauge("kesu_events_parked", "Messages in this service's parking queue.")
ALERTS = Counter("kesu_alerts_sent_total", "Attempts to tell somebody, by channel.", ["channel", "outcome"])
POLICY = Gauge("kesu_policy_info", "Which policy is in force.", ["profile", "version"])
POLICY_ERROR = Gauge(
    "kesu_policy_load_error",
    "1 while the files on disk are faulty and the last good version holds.",
)
CONSUMER = Gauge("kesu_consumer_attached", "1 while this process is subscribed to its queue.")
TOPOLOGY = Gauge(
    "kesu_topology_problems",
    "What is missing or broken of the exchanges, queues and bindings that this service needs; must be 0.",
)
LOST = Counter("kesu_topology_lost_total", "Own queues and bindings that were found lost.")
FETCHED = Counter("kesu_events_fetched_total", "Events fetched from the log because the queue missed them.")
LEADER = Gauge("kesu_relay_leader", "1 while this process publishes the outbox.")
LOOP_LAG = Histogram(
    "kesu_event_loop_lag_seconds",
    "By how much the event loop was late, looked at twice a second.",
    buckets=(0.005, 0.02, 0.1, 0.5, 1, 5),
)
HELD = Gauge("kesu_database_held_seconds", "How long a batch has been waiting for the database.")
