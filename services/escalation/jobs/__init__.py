"""What does escalation do by itself besides its timers? It hears of undelivered alarms, and audits itself."""
