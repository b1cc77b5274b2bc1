"""Escalation: deadlines that run by themselves, and alarms that climb until a human answers.

Hears everything that intake and routing tell, in order: any of it may start, hold, meet or cancel a clock.
Tells clock.started, paused, resumed, extended, warned, breached, met, cancelled; escalation.raised,
acknowledged, decided.
Keeps per complaint a sheet of its clocks with their proofs, and the alarms: who was told, who answered.
"""
