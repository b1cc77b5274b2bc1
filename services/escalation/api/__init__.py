"""What can programs and desks ask escalation? JSON over HTTP."""
